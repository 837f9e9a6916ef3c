package io.github.controlnet.samples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Every sample runs, and makes the pictures that it says it makes. */
class SamplesTest {
  private static final Map<String, List<String>> SAMPLES =
      Map.ofEntries(
          Map.entry("FirstImage", List.of("first.png", "first-edges.png")),
          Map.entry("TwoControls", List.of("two-controls.png")),
          Map.entry("OwnAnnotator", List.of("own-annotator.png", "own-annotator-map.png")),
          Map.entry("OwnSampler", List.of("own-sampler.png")),
          Map.entry("ProgressBar", List.of("progress-preview.png")),
          Map.entry("SpringApplicationSample", List.of("spring.png")),
          Map.entry("Batch", List.of("batch-1.png", "batch-2.png", "batch-3.png", "batch-4.png")),
          Map.entry("ImageToImage", List.of("image-to-image.png", "inpaint.png")),
          Map.entry("InMemoryWeights", List.of("in-memory.png")),
          Map.entry("SharedWeights", List.of("shared-plain.png", "shared-edges.png")),
          Map.entry("Training", List.of("training.png")));

  @TempDir private Path folder;

  @TestFactory
  Stream<DynamicTest> everySampleRuns() {
    return SAMPLES.entrySet().stream()
        .map(sample -> DynamicTest.dynamicTest(sample.getKey(), () -> run(sample)));
  }

  private void run(Map.Entry<String, List<String>> sample) throws Exception {
    Path out = Files.createDirectories(folder.resolve(sample.getKey()));
    Class.forName("io.github.controlnet.samples." + sample.getKey())
        .getMethod("main", String[].class)
        .invoke(null, (Object) new String[] {out.toString()});
    try (Stream<Path> files = Files.list(out)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrderElementsOf(sample.getValue());
    }
    for (String name : sample.getValue()) {
      assertThat(ImageIO.read(out.resolve(name).toFile()).getWidth()).as(name).isPositive();
    }
  }

  @Test
  void noSampleIsForgotten() throws IOException {
    try (Stream<Path> sources = Files.list(Path.of("src/main/java/io/github/controlnet/samples"))) {
      assertThat(sources.filter(SamplesTest::hasMain).map(SamplesTest::name))
          .containsExactlyInAnyOrderElementsOf(SAMPLES.keySet());
    }
  }

  private static boolean hasMain(Path source) {
    try {
      return Files.readString(source).contains("static void main(");
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static String name(Path source) {
    return source.getFileName().toString().replace(".java", "");
  }
}
