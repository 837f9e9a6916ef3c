package io.github.controlnet.annotators.segments;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.controlnet.annotators.Resources;
import io.github.controlnet.annotators.raster.MatScope;
import io.github.controlnet.annotators.raster.OpenCv;
import java.awt.image.BufferedImage;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.opencv.core.Mat;
import org.opencv.core.Size;

/** Pictures bitwise equal to Pillow's: {@code src/test/tools/segment_fixtures.py}. */
class PillowResizeTest {
  @BeforeAll
  static void loadOpenCv() {
    OpenCv.load();
  }

  @Test
  void equalsPillowBitwise() {
    BufferedImage photo = Resources.picture("photo.png");
    List<String> lines = Resources.lines("resize.txt");
    assertThat(lines).hasSize(13);
    for (String line : lines) {
      String[] words = line.split(" ", -1);
      int width = Integer.parseInt(words[2]);
      int height = Integer.parseInt(words[3]);
      BufferedImage crop =
          photo.getSubimage(0, 0, Integer.parseInt(words[0]), Integer.parseInt(words[1]));
      try (MatScope scope = new MatScope()) {
        Mat whole = scope.keep(OpenCv.toMat(crop));
        Mat resized = scope.keep(PillowResize.bilinear(whole, new Size(width, height)));
        byte[] samples = new byte[3 * width * height];
        resized.get(0, 0, samples);
        assertThat(resized.size()).isEqualTo(new Size(width, height));
        assertThat(Resources.sha256(samples)).as(line).isEqualTo(words[4]);
      }
    }
  }

  /**
   * What {@code ResizeShortestEdge.get_output_shape} of detectron2 gives, as it is in
   * annotator/oneformer of github.com/Mikubill/sd-webui-controlnet at
   * 56cec5b2958edf3b1807b7e7b2b1b5186dbd2f81.
   */
  @ParameterizedTest
  @CsvSource({
    "192, 128, 640, 2560, 960, 640",
    "128, 192, 640, 2560, 640, 960",
    "101, 101, 512, 2048, 512, 512",
    "3000, 100, 640, 2560, 2560, 85",
    "97, 1280, 800, 1333, 101, 1333",
    "1023, 767, 800, 1333, 1067, 800",
    "333, 500, 512, 2048, 512, 769",
    "641, 639, 640, 2560, 642, 640",
    "511, 2047, 512, 2048, 511, 2048",
  })
  void shortSideHasItsLengthUnlessTheLongOneIsTooLong(
      int width, int height, int shortest, int longest, int newWidth, int newHeight) {
    assertThat(PillowResize.size(new Size(width, height), shortest, longest))
        .isEqualTo(new Size(newWidth, newHeight));
  }

  @Test
  void noSideVanishes() {
    assertThat(PillowResize.size(new Size(9000, 1), 640, 2560)).isEqualTo(new Size(2560, 1));
  }
}
