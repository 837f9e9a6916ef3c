package io.github.controlnet.annotators.segments;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.controlnet.annotators.Resources;
import io.github.controlnet.annotators.raster.Pixels;
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
    assertThat(Palette.ade20k().size()).isEqualTo(150);
    assertThat(sha256(Palette.ade20k()))
        .isEqualTo("ce475c9151035eff51f4cf27fd7d906959b1480f6d15b9423ae2417c1b23a0ed");
  }

  /**
   * The sum is that of R, G, B of the stuff_colors of coco_2017_val_panoptic_with_sem_seg in
   * annotator/oneformer of github.com/Mikubill/sd-webui-controlnet at
   * 56cec5b2958edf3b1807b7e7b2b1b5186dbd2f81.
   */
  @Test
  void allColorsOfCocoAreTheOriginals() {
    assertThat(Palette.coco().size()).isEqualTo(133);
    assertThat(Palette.coco().color(0)).isEqualTo(0xdc143c);
    assertThat(sha256(Palette.coco()))
        .isEqualTo("efcc320916d0acb3f51547ec72e0c0218aafc04dc222894062fb087f5233dbc2");
  }

  private static String sha256(Palette palette) {
    int[] colors = colors(palette);
    byte[] samples = new byte[3 * colors.length];
    for (int i = 0; i < colors.length; i++) {
      samples[3 * i] = (byte) Pixels.red(colors[i]);
      samples[3 * i + 1] = (byte) Pixels.green(colors[i]);
      samples[3 * i + 2] = (byte) Pixels.blue(colors[i]);
    }
    return Resources.sha256(samples);
  }

  private static int[] colors(Palette palette) {
    int size = palette.size();
    return Pixels.of(palette.paint(IntStream.range(0, size).toArray(), size, 1));
  }

  /** So that maps whose colours are equal within a level have equal classes. */
  @Test
  void differentColorsLieApart() {
    int[] distinct = Arrays.stream(colors(Palette.ade20k())).distinct().toArray();
    assertThat(distinct).hasSize(149);
    for (int color : distinct) {
      assertThat(Arrays.stream(distinct).filter(other -> Resources.difference(color, other) <= 1))
          .hasSize(1);
    }
  }

  @Test
  void comparedMapsShowManyClasses() {
    List<String> files =
        Resources.lines("learned/maps.txt").stream()
            .filter(line -> line.startsWith("seg_ufade20k"))
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
