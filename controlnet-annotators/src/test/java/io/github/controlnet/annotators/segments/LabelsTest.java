package io.github.controlnet.annotators.segments;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.controlnet.annotators.raster.MatScope;
import io.github.controlnet.annotators.raster.OpenCv;
import io.github.controlnet.annotators.raster.Pixels;
import io.github.controlnet.core.torch.FloatTensor;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.opencv.core.Size;

class LabelsTest {
  private static final int CLASSES = 150;
  private static final Color WALL = new Color(120, 120, 120);
  private static final Color SKY = new Color(6, 230, 230);
  private static final Color PERSON = new Color(150, 5, 61);

  @BeforeAll
  static void loadOpenCv() {
    OpenCv.load();
  }

  /** Sky over a person on the left, wall on the right, all with scores below zero. */
  private static float[] scores() {
    float[] scores = new float[CLASSES * 4];
    Arrays.fill(scores, -9);
    set(scores, 2, 0, -1);
    set(scores, 12, 2, -2);
    set(scores, 0, 1, -3);
    set(scores, 0, 3, -3);
    return scores;
  }

  private static void set(float[] scores, int label, int pixel, float value) {
    scores[label * 4 + pixel] = value;
  }

  private static BufferedImage paint(float[] scores, Size... sizes) {
    Size last = sizes[sizes.length - 1];
    try (MatScope scope = new MatScope()) {
      int[] labels = Labels.likeliest(new FloatTensor(scores, 1, CLASSES, 2, 2), scope, sizes);
      return Palette.ade20k().paint(labels, (int) last.width, (int) last.height);
    }
  }

  @Test
  void theGreatestScoreGivesTheColor() {
    BufferedImage map = paint(scores(), new Size(2, 2));
    assertThat(new Color(map.getRGB(0, 0))).isEqualTo(SKY);
    assertThat(new Color(map.getRGB(1, 0))).isEqualTo(WALL);
    assertThat(new Color(map.getRGB(0, 1))).isEqualTo(PERSON);
    assertThat(new Color(map.getRGB(1, 1))).isEqualTo(WALL);
  }

  @Test
  void scoresAreResizedAndColorsAreNot() {
    BufferedImage map = paint(scores(), new Size(7, 5), new Size(31, 23));
    List<Color> colors = Arrays.stream(Pixels.of(map)).distinct().mapToObj(Color::new).toList();
    assertThat(colors).containsExactlyInAnyOrder(SKY, WALL, PERSON);
    assertThat(new Color(map.getRGB(0, 0))).isEqualTo(SKY);
    assertThat(new Color(map.getRGB(30, 22))).isEqualTo(WALL);
    assertThat(new Color(map.getRGB(0, 22))).isEqualTo(PERSON);
  }

  /** As numpy's argmax. */
  @Test
  void ofEqualScoresTheFirstClassIsChosen() {
    float[] scores = scores();
    set(scores, 5, 0, -1);
    set(scores, 149, 1, -3);
    BufferedImage map = paint(scores, new Size(2, 2));
    assertThat(new Color(map.getRGB(0, 0))).isEqualTo(SKY);
    assertThat(new Color(map.getRGB(1, 0))).isEqualTo(WALL);
  }
}
