package io.github.controlnet.annotators;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.controlnet.Annotators;
import io.github.controlnet.annotator.Annotation;
import io.github.controlnet.annotator.Annotator;
import io.github.controlnet.annotators.network.Architecture;
import io.github.controlnet.annotators.network.BodyPoseNetwork;
import io.github.controlnet.annotators.network.DepthAnythingNetwork;
import io.github.controlnet.annotators.network.DepthAnythingNetwork.Version;
import io.github.controlnet.annotators.network.DepthMergeNetwork;
import io.github.controlnet.annotators.network.HedNetwork;
import io.github.controlnet.annotators.network.KeypointNetwork;
import io.github.controlnet.annotators.network.LeresNetwork;
import io.github.controlnet.annotators.network.LineartAnimeNetwork;
import io.github.controlnet.annotators.network.LineartNetwork;
import io.github.controlnet.annotators.network.MangaLineNetwork;
import io.github.controlnet.annotators.network.MidasNetwork;
import io.github.controlnet.annotators.network.MlsdNetwork;
import io.github.controlnet.annotators.network.NormalBaeNetwork;
import io.github.controlnet.annotators.network.PidiNetwork;
import io.github.controlnet.annotators.network.TeedNetwork;
import io.github.controlnet.annotators.network.UniformerNetwork;
import io.github.controlnet.annotators.network.ZoeNetwork;
import io.github.controlnet.core.torch.FloatTensor;
import io.github.controlnet.spi.AnnotatorProvider;
import io.github.controlnet.spi.PoseAnnotatorProvider;
import java.awt.image.BufferedImage;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.opencv.core.Mat;

/**
 * Networks and maps equal to the originals' with random weights: {@code
 * src/test/tools/learned_fixtures.py}.
 */
class LearnedTest {
  private static final double NETWORK_TOLERANCE = 1e-4;

  static Stream<Arguments> networks() {
    return Stream.of(
        Arguments.of("hed", new HedNetwork()),
        Arguments.of("pidinet", new PidiNetwork()),
        Arguments.of("lineart", new LineartNetwork()),
        Arguments.of("lineart_anime", new LineartAnimeNetwork()),
        Arguments.of("midas", new MidasNetwork()),
        Arguments.of("mlsd", new MlsdNetwork()),
        Arguments.of("openpose", new BodyPoseNetwork()),
        Arguments.of("openpose_hand", new KeypointNetwork()),
        Arguments.of("openpose_face", new KeypointNetwork()),
        Arguments.of("teed", new TeedNetwork()),
        Arguments.of("depth_leres", new LeresNetwork()),
        Arguments.of("normal_bae", new NormalBaeNetwork()),
        Arguments.of("manga_line", new MangaLineNetwork()),
        Arguments.of("uniformer", new UniformerNetwork()),
        Arguments.of("zoe", new ZoeNetwork()),
        depthAnything("depth_anything", Version.V1),
        depthAnything("depth_anything_base", Version.V1),
        depthAnything("depth_anything_v2", Version.V2),
        depthAnything("depth_anything_v2_large", Version.V2));
  }

  private static Arguments depthAnything(String name, Version version) {
    return Arguments.of(name, new DepthAnythingNetwork(version));
  }

  /** The input is the photograph with R, G, B as level / 255. */
  @ParameterizedTest
  @MethodSource("networks")
  void networkGivesTheOriginalsValues(String name, Architecture architecture) {
    List<String> lines = Resources.lines("learned/" + name + ".outputs");
    List<FloatTensor> outputs = outputs(name, architecture, photo(lines.get(0)));
    assertThat(outputs).hasSameSizeAs(lines.subList(1, lines.size()));
    for (int i = 0; i < outputs.size(); i++) {
      compare(outputs.get(i), lines.get(i + 1));
    }
  }

  private static Networks networks(String weights) {
    return new Networks(
        weights,
        Annotators.context(),
        Map.of(WeightsFile.model("a/b/c"), RandomWeights.file(weights)));
  }

  /** What a network makes of a photograph with R, G, B as level / 255. */
  static List<FloatTensor> outputs(
      String name, Architecture architecture, BufferedImage photo, FloatTensor... others) {
    OpenCv.load();
    try (Networks networks = networks(name);
        MatScope scope = new MatScope()) {
      LoadedNetwork loaded = networks.load(architecture);
      Mat levels = scope.keep(OpenCv.toMat(photo));
      return loaded.run(Planes.rgb(levels, (level, channel) -> level / 255f), others);
    }
  }

  /** The input is red and green as level / 255. */
  @Test
  void mergeNetworkGivesTheOriginalsValues() {
    OpenCv.load();
    List<String> lines = Resources.lines("learned/depth_merge.outputs");
    try (Networks networks = networks("depth_merge");
        MatScope scope = new MatScope()) {
      LoadedNetwork loaded = networks.load(new DepthMergeNetwork());
      Mat photo = scope.keep(OpenCv.toMat(photo(lines.get(0))));
      FloatTensor rgb = Planes.rgb(photo, (level, channel) -> level / 255f);
      int plane = photo.rows() * photo.cols();
      float[] values = Arrays.copyOf(rgb.values(), 2 * plane);
      FloatTensor both = new FloatTensor(values, 1, 2, photo.rows(), photo.cols());
      compare(loaded.run(both).get(0), lines.get(1));
    }
  }

  /** A line gives the shape, a step and every step-th value. */
  static void compare(FloatTensor output, String line) {
    String[] words = line.split(" ", -1);
    assertThat(String.join("x", Arrays.stream(output.shape()).mapToObj(Long::toString).toList()))
        .isEqualTo(words[0]);
    int step = Integer.parseInt(words[1]);
    double squares = 0;
    double errors = 0;
    double sum = 0;
    int count = words.length - 2;
    assertThat(count).isGreaterThanOrEqualTo(16);
    for (int i = 0; i < count; i++) {
      double expected = Double.parseDouble(words[i + 2]);
      double error = output.values()[i * step] - expected;
      sum += expected;
      squares += expected * expected;
      errors += error * error;
    }
    assertThat(Math.sqrt(errors / squares)).as("relative error").isLessThan(NETWORK_TOLERANCE);
    double variance = squares / count - sum / count * (sum / count);
    assertThat(variance).as("the values differ").isGreaterThan(1e-4 * squares / count);
  }

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
    BufferedImage map = annotate(words[0], options, photo(words[2])).map();
    assertThat(map.getWidth()).isEqualTo(expected.getWidth());
    assertThat(map.getHeight()).isEqualTo(expected.getHeight());
    Map<Integer, Integer> differences = new HashMap<>();
    int[] levels = new int[256];
    for (int y = 0; y < map.getHeight(); y++) {
      for (int x = 0; x < map.getWidth(); x++) {
        int difference = difference(map.getRGB(x, y), expected.getRGB(x, y));
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

  static int difference(int one, int other) {
    int greatest = 0;
    for (int shift = 0; shift < 24; shift += 8) {
      greatest = Math.max(greatest, Math.abs(((one >> shift) & 0xff) - ((other >> shift) & 0xff)));
    }
    return greatest;
  }

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

  /** The upper left of the photograph, repeated as far as needed; such as 128x64. */
  static BufferedImage photo(String size) {
    String[] sides = size.split("x", 2);
    BufferedImage whole = Resources.picture("photo.png");
    return Pixels.fill(
        Integer.parseInt(sides[0]),
        Integer.parseInt(sides[1]),
        i -> {
          int width = Integer.parseInt(sides[0]);
          return whole.getRGB(i % width % whole.getWidth(), i / width % whole.getHeight());
        });
  }
}
