package io.github.controlnet.annotators;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.controlnet.Annotators;
import io.github.controlnet.annotator.Annotation;
import io.github.controlnet.annotator.Annotator;
import io.github.controlnet.annotators.raster.Pixels;
import io.github.controlnet.spi.AnnotatorProvider;
import io.github.controlnet.spi.PoseAnnotatorProvider;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Maps equal to the originals' in every pixel: {@code src/test/tools/weightless_fixtures.py}. */
class WeightlessTest {
  private final BufferedImage photo = Resources.picture("photo.png");

  /** Least number of levels: a map of black and white has two, one with a photograph in it many. */
  @ParameterizedTest
  @CsvSource({
    "binary, 2",
    "blur, 100",
    "lineart_standard, 100",
    "recolor_intensity, 100",
    "recolor_luminance, 100",
    "scribble, 2",
    "scribble_xdog, 2",
    "shuffle, 100",
    "threshold, 2"
  })
  void defaultsGiveTheOriginalsMap(String name, int levels) {
    BufferedImage expected = Resources.picture(name + ".png");
    BufferedImage map = annotate(name, Map.of(), photo).map();
    int differing = 0;
    for (int y = 0; y < photo.getHeight(); y++) {
      for (int x = 0; x < photo.getWidth(); x++) {
        differing += map.getRGB(x, y) == expected.getRGB(x, y) ? 0 : 1;
      }
    }
    assertThat(differing).as("pixels that differ").isZero();
    assertThat(pixels(expected).stream().map(rgb -> rgb & 0xff).distinct().count())
        .isGreaterThanOrEqualTo(levels);
  }

  @Test
  void anyOptionsAndSizesGiveTheOriginalsMap() {
    List<String> lines = Resources.lines("weightless.txt");
    assertThat(lines).hasSize(507);
    List<String> wrong = new ArrayList<>();
    Map<String, BufferedImage> pictures = new HashMap<>();
    for (String line : lines) {
      String[] words = line.split(" ", -1);
      int width = Integer.parseInt(words[3]);
      int height = Integer.parseInt(words[4]);
      BufferedImage picture =
          pictures.computeIfAbsent(
              String.join(" ", words[2], words[3], words[4]),
              key -> words[2].equals("hard") ? hard(width, height) : tiled(width, height));
      BufferedImage map = annotate(words[0], options(words[1]), picture).map();
      String got = "%d %d %s".formatted(map.getWidth(), map.getHeight(), digest(map));
      if (!line.endsWith(got)) {
        wrong.add(line);
      }
    }
    assertThat(wrong).isEmpty();
  }

  /** Faces are compared in FaceOutlineTest. */
  @Test
  void everyAnnotatorWithoutWeightsIsCompared() {
    List<String> compared =
        Resources.lines("weightless.txt").stream()
            .map(line -> line.substring(0, line.indexOf(' ')))
            .distinct()
            .toList();
    assertThat(Annotators.all())
        .filteredOn(provider -> provider.weights().isEmpty())
        .filteredOn(provider -> !(provider instanceof PoseAnnotatorProvider))
        .extracting(AnnotatorProvider::name)
        .filteredOn(name -> !name.equals("canny"))
        .containsExactlyInAnyOrderElementsOf(compared);
  }

  @ParameterizedTest
  @ValueSource(strings = {"scribble", "canny"})
  void peopleSeeTheNegativeOfThinLines(String name) {
    Annotation annotation = annotate(name, Map.of(), photo);
    assertThat(pixels(annotation.preview()))
        .isEqualTo(pixels(annotation.map()).stream().map(rgb -> rgb ^ 0xffffff).toList());
  }

  @Test
  void otherSeedsShuffleInOtherWays() {
    assertThat(pixels(annotate("shuffle", Map.of("seed", "1"), photo).map()))
        .isNotEqualTo(pixels(annotate("shuffle", Map.of("seed", "2"), photo).map()));
  }

  @Test
  void whereTheOriginalsFailThereIsStillAMap() {
    BufferedImage pixel = photo.getSubimage(7, 9, 1, 1);
    assertThat(annotate("shuffle", Map.of(), pixel).map().getRGB(0, 0))
        .isEqualTo(photo.getRGB(7, 9));
    BufferedImage map =
        annotate("tile_resample", Map.of("rate", "8"), photo.getSubimage(0, 0, 5, 20)).map();
    assertThat(map.getWidth()).isEqualTo(1);
    assertThat(map.getHeight()).isEqualTo(2);
  }

  private static Annotation annotate(
      String name, Map<String, String> options, BufferedImage picture) {
    AnnotatorProvider provider = Annotators.named(name);
    try (Annotator annotator = provider.create(provider.options(options), Annotators.context())) {
      return annotator.annotate(picture);
    }
  }

  private static Map<String, String> options(String text) {
    Map<String, String> options = new LinkedHashMap<>();
    if (!text.equals("-")) {
      for (String pair : text.split(",", -1)) {
        int equals = pair.indexOf('=');
        options.put(pair.substring(0, equals), pair.substring(equals + 1));
      }
    }
    return options;
  }

  private BufferedImage tiled(int width, int height) {
    BufferedImage picture = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        picture.setRGB(x, y, photo.getRGB(x % photo.getWidth(), y % photo.getHeight()));
      }
    }
    return picture;
  }

  private BufferedImage hard(int width, int height) {
    BufferedImage picture = tiled(width, height);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int rgb = picture.getRGB(x, y);
        int hard = 0;
        for (int shift = 0; shift < 24 && x % 16 >= 2; shift += 8) {
          hard |= ((rgb >> shift) & 0xff) < 90 ? 0 : 0xff << shift;
        }
        picture.setRGB(x, y, hard);
      }
    }
    return picture;
  }

  private static List<Integer> pixels(BufferedImage image) {
    int width = image.getWidth();
    return IntStream.range(0, width * image.getHeight())
        .mapToObj(i -> image.getRGB(i % width, i / width))
        .toList();
  }

  private static String digest(BufferedImage map) {
    int[] pixels = Pixels.of(map);
    byte[] samples = new byte[3 * pixels.length];
    for (int i = 0; i < samples.length; i++) {
      samples[i] = (byte) (pixels[i / 3] >> (16 - i % 3 * 8));
    }
    return Resources.sha256(samples);
  }
}
