package io.github.controlnet.annotators;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PaletteTest {
  private static final int WALL = 0;
  private static final int BUILDING = 1;
  private static final int SKY = 2;
  private static final int PERSON = 12;
  private static final int FLAG = 149;

  @Test
  void knownClassesHaveTheirColors() {
    BufferedImage map =
        Palette.ade20k().paint(new int[] {WALL, BUILDING, SKY, PERSON, FLAG, WALL}, 3, 2);
    assertThat(new Color(map.getRGB(0, 0))).isEqualTo(new Color(120, 120, 120));
    assertThat(new Color(map.getRGB(1, 0))).isEqualTo(new Color(180, 120, 120));
    assertThat(new Color(map.getRGB(2, 0))).isEqualTo(new Color(6, 230, 230));
    assertThat(new Color(map.getRGB(0, 1))).isEqualTo(new Color(150, 5, 61));
    assertThat(new Color(map.getRGB(1, 1))).isEqualTo(new Color(92, 0, 255));
    assertThat(new Color(map.getRGB(2, 1))).isEqualTo(new Color(120, 120, 120));
  }

  /**
   * The sum is that of R, G, B of {@code ade_palette} in annotator/uniformer of
   * github.com/lllyasviel/ControlNet at ed85cd1e25a5ed592f7d8178495b4483de0331bf; the colours that
   * sd-webui-controlnet gives to OneFormer's classes are the same.
   */
  @Test
  void allColorsAreTheOriginals() {
    Palette palette = Palette.ade20k();
    assertThat(palette.size()).isEqualTo(150);
    BufferedImage map = palette.paint(IntStream.range(0, 150).toArray(), 150, 1);
    byte[] samples = new byte[3 * 150];
    for (int i = 0; i < 150; i++) {
      int pixel = map.getRGB(i, 0);
      samples[3 * i] = (byte) Pixels.red(pixel);
      samples[3 * i + 1] = (byte) Pixels.green(pixel);
      samples[3 * i + 2] = (byte) Pixels.blue(pixel);
    }
    assertThat(Resources.sha256(samples))
        .isEqualTo("ce475c9151035eff51f4cf27fd7d906959b1480f6d15b9423ae2417c1b23a0ed");
  }

  /** So that maps whose colours are equal within a level have equal classes. */
  @Test
  void differentColorsLieApart() {
    int[] colors = Pixels.of(Palette.ade20k().paint(IntStream.range(0, 150).toArray(), 150, 1));
    int[] distinct = Arrays.stream(colors).distinct().toArray();
    assertThat(distinct).hasSize(149);
    for (int color : distinct) {
      assertThat(Arrays.stream(distinct).filter(other -> LearnedTest.difference(color, other) <= 1))
          .hasSize(1);
    }
  }

  @Test
  void comparedMapsShowManyClasses() {
    List<String> files =
        LearnedTest.maps()
            .filter(line -> line.startsWith("seg_"))
            .map(line -> line.split(" ", -1)[4])
            .toList();
    assertThat(files).isNotEmpty();
    for (String file : files) {
      BufferedImage map = Resources.picture("learned/" + file);
      assertThat(Arrays.stream(Pixels.of(map)).distinct())
          .as("colours of %s", file)
          .hasSizeGreaterThanOrEqualTo(20);
    }
  }
}
