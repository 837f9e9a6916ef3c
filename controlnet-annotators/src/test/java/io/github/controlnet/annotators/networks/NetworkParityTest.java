package io.github.controlnet.annotators.networks;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.controlnet.annotators.Resources;
import io.github.controlnet.annotators.networks.DepthAnythingNetwork.Version;
import io.github.controlnet.annotators.raster.MatScope;
import io.github.controlnet.annotators.raster.OpenCv;
import io.github.controlnet.annotators.raster.Planes;
import io.github.controlnet.annotators.support.LoadedNetwork;
import io.github.controlnet.annotators.support.Networks;
import io.github.controlnet.annotators.support.TestNetworks;
import io.github.controlnet.core.torch.FloatTensor;
import java.awt.image.BufferedImage;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.opencv.core.Mat;

/**
 * Networks equal to the originals' with random weights: {@code src/test/tools/learned_fixtures.py}.
 */
class NetworkParityTest {
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
    List<FloatTensor> outputs = outputs(name, architecture, Resources.photo(lines.get(0)));
    assertThat(outputs).hasSameSizeAs(lines.subList(1, lines.size()));
    for (int i = 0; i < outputs.size(); i++) {
      compare(outputs.get(i), lines.get(i + 1));
    }
  }

  /** What a network makes of a photograph with R, G, B as level / 255. */
  static List<FloatTensor> outputs(
      String name, Architecture architecture, BufferedImage photo, FloatTensor... others) {
    OpenCv.load();
    try (Networks networks = TestNetworks.of(name);
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
    try (Networks networks = TestNetworks.of("depth_merge");
        MatScope scope = new MatScope()) {
      LoadedNetwork loaded = networks.load(new DepthMergeNetwork());
      Mat photo = scope.keep(OpenCv.toMat(Resources.photo(lines.get(0))));
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
}
