package io.github.controlnet.core.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.controlnet.exception.WeightsException;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Equal to CLIPTokenizerFast: {@code src/test/tools/clip_tokenizer_fixtures.py}. */
class ClipTokenizerTest {

  @ParameterizedTest
  @ValueSource(strings = {"sd1", "sd2", "bare", "newer", "single"})
  void equalsTransformers(String folder) throws Exception {
    JsonNode expected = expected();
    JsonNode texts = expected.get("texts");
    assertThat(texts).hasSizeGreaterThan(20);
    ClipTokenizer tokenizer = ClipTokenizer.open(fixture(folder));
    assertThat(tokenizer.length()).isEqualTo(folder.equals("newer") ? 12 : 77);
    for (int i = 0; i < texts.size(); i++) {
      assertThat(tokenizer.encode(texts.get(i).asText()))
          .as("text %d: %s", i, texts.get(i))
          .isEqualTo(ints(expected.get("ids").get(folder).get(i)));
    }
  }

  @Test
  void countsWithoutStartAndEnd() throws Exception {
    ClipTokenizer tokenizer = ClipTokenizer.open(fixture("sd1"));
    assertThat(tokenizer.count("")).isZero();
    assertThat(tokenizer.count("a ".repeat(100))).isEqualTo(100);
  }

  @Test
  void manyThreadsGetWhatOneGets() throws Exception {
    JsonNode texts = expected().get("texts");
    ExecutorService threads = Executors.newFixedThreadPool(4);
    ClipTokenizer tokenizer = ClipTokenizer.open(fixture("sd1"));
    try {
      List<int[]> alone = all(tokenizer, texts);
      List<Future<List<int[]>>> results = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        results.add(threads.submit(() -> all(tokenizer, texts)));
      }
      for (Future<List<int[]>> result : results) {
        List<int[]> together = result.get();
        for (int i = 0; i < alone.size(); i++) {
          assertThat(together.get(i)).isEqualTo(alone.get(i));
        }
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private static List<int[]> all(ClipTokenizer tokenizer, JsonNode texts) {
    List<int[]> ids = new ArrayList<>();
    texts.forEach(text -> ids.add(tokenizer.encode(text.asText())));
    return ids;
  }

  @Test
  void survivesHalvesOfSurrogatePairs() throws Exception {
    ClipTokenizer tokenizer = ClipTokenizer.open(fixture("sd1"));
    assertThat(tokenizer.encode("a \ud83d bird \ude00"))
        .isEqualTo(tokenizer.encode("a \ufffd bird \ufffd"));
  }

  @Test
  void refusesNull() throws Exception {
    ClipTokenizer tokenizer = ClipTokenizer.open(fixture("sd1"));
    assertThatThrownBy(() -> encodeNull(tokenizer))
        .isInstanceOf(NullPointerException.class)
        .hasMessageContaining("null");
  }

  @SuppressWarnings("NullAway") // callers without null checks exist
  private static void encodeNull(ClipTokenizer tokenizer) {
    tokenizer.encode(null);
  }

  @Test
  void namesWhatIsMissing(@TempDir Path folder) throws Exception {
    fails(folder.resolve("nowhere"), "nowhere", "missing", "vocab.json");
    fails(Files.writeString(folder.resolve("file"), ""), "file", "a file");
    fails(folder, "vocab.json", "missing");
    Files.copy(fixture("sd1").resolve("vocab.json"), folder.resolve("vocab.json"));
    fails(folder, "merges.txt", "missing");
  }

  @Test
  void namesWhatIsDamaged(@TempDir Path folder) throws Exception {
    Files.copy(fixture("sd1").resolve("merges.txt"), folder.resolve("merges.txt"));
    Path vocabulary = folder.resolve("vocab.json");
    Files.writeString(vocabulary, "<!DOCTYPE html><html>404</html>");
    fails(folder, "vocab.json", "not JSON", "<!DOCTYPE html>");
    Files.writeString(vocabulary, "[1, 2]");
    fails(folder, "vocab.json", "no JSON object");
    Files.writeString(vocabulary, "{\"a\": \"b\"}");
    fails(folder, "vocab.json", "\"a\"", "whole number");
    Files.writeString(vocabulary, "{\"a\": 0}");
    fails(folder, "<|startoftext|>", "not in the vocabulary");
    Files.writeString(vocabulary, "{\"<|startoftext|>\": 0, \"<|endoftext|>\": 1}");
    fails(folder, "needs the token", "belong together");
    Files.writeString(folder.resolve("merges.txt"), "#version: 0.2\n");
    assertThat(ClipTokenizer.open(folder).ids("a")).containsExactly(1);
    Files.writeString(folder.resolve("merges.txt"), "#version: 0.2\na b\na b c\n");
    fails(folder, "merges.txt", "Line 3", "a b c");
    Files.writeString(folder.resolve("tokenizer.json"), "{\"model\": {\"type\": \"Unigram\"}}");
    fails(folder, "tokenizer.json", "Unigram");
  }

  @Test
  void refusesAUselessLength(@TempDir Path folder) throws Exception {
    for (String name : List.of("vocab.json", "merges.txt")) {
      Files.copy(fixture("sd1").resolve(name), folder.resolve(name));
    }
    Files.writeString(folder.resolve("tokenizer_config.json"), "{\"model_max_length\": 1}");
    fails(folder, "model_max_length", "tokenizer_config.json");
  }

  private static void fails(Path folder, String... words) {
    assertThatThrownBy(() -> ClipTokenizer.open(folder))
        .isInstanceOf(WeightsException.class)
        .satisfies(e -> assertThat(e.getMessage()).contains(words));
  }

  private static int[] ints(JsonNode array) {
    int[] ints = new int[array.size()];
    for (int i = 0; i < ints.length; i++) {
      ints[i] = array.get(i).asInt();
    }
    return ints;
  }

  private static JsonNode expected() throws IOException, URISyntaxException {
    return new ObjectMapper().readTree(fixture("expected.json").toFile());
  }

  private static Path fixture(String name) throws URISyntaxException {
    return Path.of(Objects.requireNonNull(ClipTokenizerTest.class.getResource(name), name).toURI());
  }
}
