package io.github.controlnet.annotators;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.controlnet.Annotators;
import io.github.controlnet.annotator.Annotation;
import io.github.controlnet.annotator.Annotator;
import io.github.controlnet.spi.AnnotatorProvider;
import io.github.controlnet.spi.PoseAnnotatorProvider;
import java.awt.image.BufferedImage;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Maps equal to the originals' with random weights: {@code src/test/tools/learned_fixtures.py}. */
class LearnedTest {
  /** Lines of maps.txt: annotator, weights, photograph, options, file. */
  static Stream<String> maps() {
    return Resources.lines("learned/maps.txt").stream();
  }

  @ParameterizedTest
  @MethodSource("maps")
  void mapIsTheOriginals(String line) {
    String[] words = line.split(" ", -1);
    Map<String, String> options = new LinkedHashMap<>();
    options.put("model", RandomWeights.file(words[1]).toString());
    if (!words[3].equals("-")) {
      for (String pair : words[3].split(",", -1)) {
        String[] parts = pair.split("=", 2);
        boolean file = parts[0].endsWith("_model");
        options.put(parts[0], file ? RandomWeights.file(parts[1]).toString() : parts[1]);
      }
    }
    BufferedImage expected = Resources.picture("learned/" + words[4]);
    BufferedImage map = annotate(words[0], options, Resources.photo(words[2])).map();
    assertThat(map.getWidth()).isEqualTo(expected.getWidth());
    assertThat(map.getHeight()).isEqualTo(expected.getHeight());
    Map<Integer, Integer> differences = new HashMap<>();
    int[] levels = new int[256];
    for (int y = 0; y < map.getHeight(); y++) {
      for (int x = 0; x < map.getWidth(); x++) {
        int difference = Resources.difference(map.getRGB(x, y), expected.getRGB(x, y));
        differences.merge(difference, 1, Integer::sum);
        levels[expected.getRGB(x, y) & 0xff]++;
      }
    }
    int close = differences.getOrDefault(0, 0) + differences.getOrDefault(1, 0);
    assertThat(close)
        .as("pixels within a level of the original's; differences %s", differences)
        .isGreaterThanOrEqualTo((int) Math.ceil(0.999 * map.getWidth() * map.getHeight()));
    int least = Integer.parseInt(words[5]);
    assertThat(Arrays.stream(levels).filter(count -> count > 0).count())
        .as("levels in the map")
        .isGreaterThanOrEqualTo(least);
  }

  /** Poses are compared in PoseTest and DwposeTest. */
  @Test
  void everyLearnedAnnotatorIsCompared() {
    assertThat(Annotators.all())
        .filteredOn(provider -> !provider.weights().isEmpty())
        .filteredOn(provider -> !(provider instanceof PoseAnnotatorProvider))
        .extracting(AnnotatorProvider::name)
        .containsExactlyInAnyOrderElementsOf(
            maps().map(line -> line.substring(0, line.indexOf(' '))).distinct().toList());
  }

  static Annotation annotate(String name, Map<String, String> options, BufferedImage picture) {
    AnnotatorProvider provider = Annotators.named(name);
    try (Annotator annotator = provider.create(provider.options(options), Annotators.context())) {
      return annotator.annotate(picture);
    }
  }
}
