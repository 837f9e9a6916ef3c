package io.github.controlnet.annotators.networks;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.controlnet.annotators.Resources;
import io.github.controlnet.annotators.networks.DepthAnythingNetwork.Version;
import io.github.controlnet.core.nn.Graph;
import io.github.controlnet.core.torch.NumberType;
import io.github.controlnet.core.torch.Target;
import io.github.controlnet.engine.WeightSource.DType;
import io.github.controlnet.engine.WeightSource.TensorInfo;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * What is written for each network stays as it was: {@code networks.sha256} has the checksum of
 * each script, without what all modules share.
 *
 * <p>With {@code -Dgolden.update=true} it is written anew, and the test fails once so that nobody
 * forgets to look at the difference. With {@code -Dgolden.texts=FOLDER} the texts are written
 * there.
 */
class GoldenScriptTest {
  private static final int DIGITS = 16;

  private static final Map<String, Architecture> NETWORKS = new LinkedHashMap<>();

  static {
    NETWORKS.put("hed", new HedNetwork());
    NETWORKS.put("pidinet", new PidiNetwork());
    NETWORKS.put("lineart", new LineartNetwork());
    NETWORKS.put("lineart_anime", new LineartAnimeNetwork());
    NETWORKS.put("manga_line", new MangaLineNetwork());
    NETWORKS.put("teed", new TeedNetwork());
    NETWORKS.put("mlsd", new MlsdNetwork());
    NETWORKS.put("openpose", new BodyPoseNetwork());
    NETWORKS.put("openpose_hand", new KeypointNetwork());
    NETWORKS.put("openpose_face", new KeypointNetwork());
    NETWORKS.put("midas", new MidasNetwork());
    NETWORKS.put("zoe", new ZoeNetwork());
    NETWORKS.put("depth_leres", new LeresNetwork());
    NETWORKS.put("depth_merge", new DepthMergeNetwork());
    NETWORKS.put("depth_anything", new DepthAnythingNetwork(Version.V1));
    NETWORKS.put("depth_anything_base", new DepthAnythingNetwork(Version.V1));
    NETWORKS.put("depth_anything_v2", new DepthAnythingNetwork(Version.V2));
    NETWORKS.put("depth_anything_v2_large", new DepthAnythingNetwork(Version.V2));
    NETWORKS.put("normal_bae", new NormalBaeNetwork());
    NETWORKS.put("uniformer", new UniformerNetwork());
    NETWORKS.put("oneformer_narrow", new OneFormerNetwork(133));
    NETWORKS.put("oneformer_narrow_ade20k", new OneFormerNetwork(150));
  }

  private static Map<String, TensorInfo> stored(String name, Architecture network) {
    Map<String, TensorInfo> all = new LinkedHashMap<>();
    for (String line : Resources.lines("learned/" + name + ".weights")) {
      String[] words = line.split(" ", -1);
      List<Long> shape =
          words[1].isEmpty()
              ? List.of()
              : Arrays.stream(words[1].split("x", -1)).map(Long::valueOf).toList();
      all.put(network.name(words[0]), new TensorInfo(DType.F32, shape));
    }
    return all;
  }

  /** The method {@code run} and those beside it that the network alone has. */
  private static String own(String text) {
    List<String> methods = new ArrayList<>(List.of(text.split("(?m)^ {2}(?=def )", -1)));
    methods.removeIf(method -> !method.startsWith("def run(") && !method.startsWith("def labels("));
    return String.join("", methods);
  }

  private static Map<String, String> texts() {
    Map<String, String> texts = new LinkedHashMap<>();
    NETWORKS.forEach(
        (name, network) -> {
          Graph graph = network.graph(stored(name, network));
          Target plain = Target.aten(NumberType.FLOAT32, "cpu");
          texts.put(name + ".plain", own(plain.lower(graph).text()));
          Target packed = Target.oneDnn(NumberType.FLOAT32, false);
          texts.put(name + ".packed", own(packed.lower(graph).text()));
        });
    return texts;
  }

  @Test
  void networksThatReadPictures() throws IOException {
    Map<String, String> texts = texts();
    List<String> sums = new ArrayList<>();
    texts.forEach(
        (name, text) ->
            sums.add(
                name
                    + " "
                    + Resources.sha256(text.getBytes(StandardCharsets.UTF_8))
                        .substring(0, DIGITS)));
    String folder = System.getProperty("golden.texts", "");
    if (!folder.isEmpty()) {
      Files.createDirectories(Path.of(folder));
      texts.forEach((name, text) -> write(Path.of(folder, name + ".py"), text));
    }
    if (Boolean.getBoolean("golden.update")) {
      write(
          Path.of("src/test/resources/io/github/controlnet/annotators/networks.sha256"),
          String.join("\n", sums) + "\n");
      throw new AssertionError("Golden texts were written anew; look at what changed.");
    }
    assertThat(sums).isEqualTo(Resources.lines("networks.sha256"));
  }

  private static void write(Path file, String text) {
    try {
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
