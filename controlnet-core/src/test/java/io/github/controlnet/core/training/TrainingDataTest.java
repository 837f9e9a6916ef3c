package io.github.controlnet.core.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.controlnet.exception.InvalidRequestException;
import io.github.controlnet.training.BrokenRecords;
import io.github.controlnet.training.DataConfig;
import io.github.controlnet.training.TrainingDataException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What counts as a data set, and in which order it is used. */
class TrainingDataTest {
  private static final Path NONE = Path.of("nowhere");

  @TempDir private Path folder;

  @Test
  void readsTheLayoutOfFill50k() throws IOException {
    CirclesData.write(folder, 3);
    for (Path path : List.of(folder, folder.resolve("prompt.json"))) {
      TrainingData data = TrainingData.open(DataConfig.defaults(path), NONE, message -> {});
      assertThat(data.size()).isEqualTo(3);
      assertThat(data.get(1).prompt()).isEqualTo("a circle, 1");
      assertThat(data.get(1).source()).hasValue(folder.toAbsolutePath().resolve("source/1.png"));
      assertThat(data.get(1).target()).isEqualTo(folder.toAbsolutePath().resolve("target/1.png"));
    }
  }

  @Test
  void theDigestIsOfPathsWithinTheFolder() throws IOException {
    Path here = pair("here", "x", "y");
    assertThat(digest(pair("moved", "x", "y"))).isEqualTo(digest(here));
    assertThat(digest(pair("swapped", "y", "x")))
        .as("files of one name in other subfolders")
        .isNotEqualTo(digest(here));
    assertThat(digest(here.resolve("prompt.json"))).as("the list alone").isEqualTo(digest(here));
  }

  /** A list of two pictures that have one name, in two subfolders. */
  private Path pair(String name, String first, String second) throws IOException {
    Path made = Files.createDirectories(folder.resolve(name));
    String line = "{\"source\": \"%1$s/a.png\", \"target\": \"%1$s/b.png\", \"prompt\": \"c\"}";
    Files.write(
        made.resolve("prompt.json"), List.of(line.formatted(first), line.formatted(second)));
    return made;
  }

  private static String digest(Path path) {
    return TrainingData.open(DataConfig.defaults(path), NONE, message -> {}).digest();
  }

  @Test
  void readsPicturesWithCaptions() throws IOException {
    Files.writeString(folder.resolve("b.png"), "");
    Files.writeString(folder.resolve("b.txt"), " a bird\n");
    Files.writeString(folder.resolve("a.jpg"), "");
    Files.createDirectories(folder.resolve("c/d"));
    Files.writeString(folder.resolve("c/d/e.webp.jpeg"), "");
    Files.writeString(folder.resolve("c/d/e.webp.txt"), "a frog");
    // a training paints there
    Files.createDirectories(folder.resolve("run/samples"));
    Files.writeString(folder.resolve("run/samples/1.png"), "");
    DataConfig config = DataConfig.defaults(folder).withAnnotator("canny");
    List<String> warnings = new ArrayList<>();
    TrainingData data =
        TrainingData.open(
            config.withOnBrokenRecord(BrokenRecords.SKIP), folder.resolve("run"), warnings::add);
    assertThat(data.size()).isEqualTo(2);
    assertThat(data.get(1).prompt()).isEqualTo("a frog");
    assertThat(data.get(1).target()).isEqualTo(folder.resolve("c/d/e.webp.jpeg"));
    assertThat(data.get(0).prompt()).isEqualTo("a bird");
    assertThat(data.get(0).source()).isEmpty();
    assertThat(warnings).singleElement().asString().contains("a.jpg").contains("a.txt");
    assertThatThrownBy(() -> TrainingData.open(config, NONE, warnings::add))
        .isInstanceOf(TrainingDataException.class)
        .hasMessageContaining("a.txt");
    assertThatThrownBy(() -> TrainingData.open(DataConfig.defaults(folder), NONE, warnings::add))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("annotator");
  }

  @Test
  void byteOrderMarksAreNoPartOfListsAndCaptions() throws IOException {
    String line = "{\"source\": \"a\", \"target\": \"b\", \"prompt\": \"caf\u00e9\"}\n";
    for (String text :
        List.of("\uFEFF" + line + line, line + "\uFEFF" + line, "\uFEFF\n" + line + line)) {
      Path list = Files.writeString(folder.resolve("metadata.jsonl"), text);
      TrainingData data = TrainingData.open(DataConfig.defaults(list), NONE, message -> {});
      assertThat(data.size()).isEqualTo(2);
      assertThat(data.get(0).prompt()).isEqualTo("caf\u00e9");
    }
    Path pictures = Files.createDirectories(folder.resolve("pictures"));
    Files.writeString(pictures.resolve("a.png"), "");
    Files.writeString(pictures.resolve("a.txt"), "\uFEFFa bird\n");
    DataConfig config = DataConfig.defaults(pictures).withAnnotator("canny");
    assertThat(TrainingData.open(config, NONE, message -> {}).get(0).prompt()).isEqualTo("a bird");
    Files.write(pictures.resolve("a.txt"), "a bird".getBytes(StandardCharsets.UTF_16));
    assertThatThrownBy(() -> TrainingData.open(config, NONE, message -> {}))
        .isInstanceOf(TrainingDataException.class)
        .hasMessageContaining("a.txt")
        .hasMessageContaining("UTF-16");
    Path wide = Files.write(folder.resolve("wide.jsonl"), line.getBytes(StandardCharsets.UTF_16LE));
    assertThatThrownBy(() -> TrainingData.open(DataConfig.defaults(wide), NONE, message -> {}))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("wide.jsonl cannot be read: it is UTF-16");
  }

  @Test
  void namesBrokenLines() throws IOException {
    Path file = folder.resolve("list.jsonl");
    Files.write(
        file,
        List.of(
            "{\"source\": \"a\", \"target\": \"b\", \"prompt\": \"c\"}",
            "{\"source\": \"a\", \"prompt\": \"c\"}"));
    assertThatThrownBy(() -> TrainingData.open(DataConfig.defaults(file), NONE, message -> {}))
        .isInstanceOf(TrainingDataException.class)
        .hasMessageContaining("line 2")
        .hasMessageContaining("target");
  }

  @Test
  void everyEpochHasAllRecordsInAnotherOrder() {
    DataOrder order = new DataOrder(50, 3);
    List<Integer> first = new ArrayList<>();
    List<Integer> second = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      first.add(order.record(i, 0));
      second.add(order.record(50 + i, 0));
    }
    assertThat(new TreeSet<>(first)).hasSize(50);
    assertThat(new TreeSet<>(second)).hasSize(50);
    assertThat(first).isNotEqualTo(second);
    assertThat(new DataOrder(50, 3).record(57, 0)).isEqualTo(second.get(7));
    assertThat(
            new DataOrder(50, 4).record(0, 0) == first.get(0)
                && new DataOrder(50, 4).record(1, 0) == first.get(1)
                && new DataOrder(50, 4).record(2, 0) == first.get(2))
        .isFalse();
  }
}
