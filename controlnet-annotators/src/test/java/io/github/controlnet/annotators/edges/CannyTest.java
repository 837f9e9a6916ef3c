package io.github.controlnet.annotators.edges;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.controlnet.Annotators;
import io.github.controlnet.annotator.Annotation;
import io.github.controlnet.annotator.Annotator;
import io.github.controlnet.annotator.AnnotatorOptions;
import io.github.controlnet.annotators.Resources;
import io.github.controlnet.spi.AnnotatorProvider;
import io.github.controlnet.tck.AnnotatorTck;
import java.awt.image.BufferedImage;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Edges equal to those of cv2.Canny: {@code src/test/tools/canny_fixtures.py}. */
class CannyTest extends AnnotatorTck {
  private final BufferedImage photo = Resources.picture("photo.png");

  @Override
  protected String annotatorName() {
    return "canny";
  }

  @ParameterizedTest
  @CsvSource({"100, 200", "1, 255", "50, 60", "200, 100", "255, 255", "1, 1"})
  void equalsOpenCvPixelByPixel(int low, int high) {
    BufferedImage expected = Resources.picture("canny-%d-%d.png".formatted(low, high));
    Annotation annotation = canny(low, high, photo);
    int edges = 0;
    for (int y = 0; y < expected.getHeight(); y++) {
      for (int x = 0; x < expected.getWidth(); x++) {
        int rgb = expected.getRGB(x, y);
        edges += rgb & 1;
        assertThat(annotation.map().getRGB(x, y)).as("(%d, %d)", x, y).isEqualTo(rgb);
        assertThat(annotation.preview().getRGB(x, y)).isEqualTo(rgb ^ 0xffffff);
      }
    }
    assertThat(edges).isBetween(100, 192 * 128 / 2);
  }

  @Test
  void equalsOpenCvAtAnySize() {
    List<String> lines = Resources.lines("canny.txt");
    assertThat(lines).hasSize(54);
    for (String line : lines) {
      String[] words = line.split(" ", -1);
      int width = Integer.parseInt(words[0]);
      int height = Integer.parseInt(words[1]);
      BufferedImage map =
          canny(
                  Integer.parseInt(words[2]),
                  Integer.parseInt(words[3]),
                  photo.getSubimage(0, 0, width, height))
              .map();
      byte[] levels = new byte[width * height];
      for (int i = 0; i < levels.length; i++) {
        levels[i] = (byte) map.getRGB(i % width, i / width);
      }
      assertThat(Resources.sha256(levels)).as(line).isEqualTo(words[4]);
    }
  }

  @Test
  void defaultsAreTheOriginals() {
    AnnotatorProvider provider = Annotators.named("canny");
    AnnotatorOptions options = provider.options(Map.of());
    assertThat(options.integer("low")).isEqualTo(100);
    assertThat(options.integer("high")).isEqualTo(200);
    assertThatThrownBy(() -> provider.options(Map.of("low", "0")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("1 to 255");
  }

  private static Annotation canny(int low, int high, BufferedImage photo) {
    AnnotatorProvider provider = Annotators.named("canny");
    Map<String, String> given = Map.of("low", "" + low, "high", "" + high);
    try (Annotator annotator = provider.create(provider.options(given), Annotators.context())) {
      return annotator.annotate(photo);
    }
  }
}
