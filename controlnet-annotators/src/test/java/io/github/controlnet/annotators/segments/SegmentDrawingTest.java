package io.github.controlnet.annotators.segments;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.controlnet.annotators.Resources;
import io.github.controlnet.annotators.raster.OpenCv;
import io.github.controlnet.annotators.raster.Pixels;
import java.awt.image.BufferedImage;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Drawings equal to OneFormer's pixel by pixel: {@code segments/segments.txt} tells how they were
 * made.
 */
class SegmentDrawingTest {
  private static final int WALL = 0;
  private static final int BUILDING = 1;
  private static final int UNKNOWN = 150;

  @BeforeAll
  static void loadOpenCv() {
    OpenCv.load();
  }

  static List<String> drawings() {
    return Resources.lines("segments/segments.txt").stream()
        .filter(line -> !line.startsWith("#"))
        .toList();
  }

  @ParameterizedTest
  @MethodSource("drawings")
  void equalsTheOriginal(String line) {
    String[] words = line.split(" ", -1);
    BufferedImage map = Resources.picture("segments/" + words[0] + "-labels.png");
    int[] expected = Pixels.of(Resources.picture("segments/" + words[0] + ".png"));
    Palette palette = words[1].equals("coco") ? Palette.coco() : Palette.ade20k();
    int[] labels = Arrays.stream(Pixels.of(map)).map(Pixels::blue).toArray();
    int[] drawn =
        Pixels.of(new SegmentDrawing(palette).draw(labels, map.getWidth(), map.getHeight()));
    assertThat(drawn).isEqualTo(expected);
  }

  @Test
  void partsOfTwoPixelsStayWhite() {
    int[] labels = new int[12 * 8];
    Arrays.fill(labels, UNKNOWN);
    labels[2 * 12 + 2] = WALL;
    labels[5 * 12 + 7] = BUILDING;
    labels[5 * 12 + 8] = BUILDING;
    assertThat(draw(labels, 12, 8)).containsOnly(Pixels.WHITE);
  }

  @Test
  void aClassWithAHoleHasNoOutline() {
    int[] labels = new int[9 * 9];
    labels[4 * 9 + 4] = UNKNOWN;
    int[] drawn = draw(labels, 9, 9);
    int hole = drawn[4 * 9 + 4];
    assertThat(hole).isEqualTo(Pixels.WHITE);
    assertThat(Arrays.stream(drawn).filter(pixel -> pixel != hole)).hasSize(9 * 9 - 1);
  }

  private static int[] draw(int[] labels, int width, int height) {
    return Pixels.of(new SegmentDrawing(Palette.ade20k()).draw(labels, width, height));
  }
}
