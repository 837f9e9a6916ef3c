package io.github.controlnet.annotators.edges;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.controlnet.annotators.Resources;
import io.github.controlnet.annotators.raster.MatScope;
import io.github.controlnet.annotators.raster.OpenCv;
import io.github.controlnet.core.torch.FloatTensor;
import java.awt.image.BufferedImage;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StraightLinesTest {
  @ParameterizedTest
  @CsvSource({"0.1, 0.1", "0.5, 12.0"})
  void linesAreReadAsTheOriginalDoes(double score, double distance) {
    OpenCv.load();
    int plane = 64 * 96;
    float[] values = new float[9 * plane];
    Arrays.fill(values, 0, plane, -8);
    for (String line : Resources.lines("learned/mlsd.lines")) {
      String[] words = line.split(" ", -1);
      int at = Integer.parseInt(words[0]) * 96 + Integer.parseInt(words[1]);
      for (int channel = 0; channel < 5; channel++) {
        values[channel * plane + at] = Float.parseFloat(words[channel + 2]);
      }
    }
    try (MatScope scope = new MatScope()) {
      BufferedImage map =
          new StraightLines(score, distance)
              .draw(new FloatTensor(values, 1, 9, 64, 96), 192, 128, scope);
      BufferedImage expected =
          Resources.picture("learned/mlsd-lines-%s-%s.png".formatted(score, distance));
      for (int i = 0; i < 192 * 128; i++) {
        assertThat(map.getRGB(i % 192, i / 192)).isEqualTo(expected.getRGB(i % 192, i / 192));
      }
    }
  }
}
