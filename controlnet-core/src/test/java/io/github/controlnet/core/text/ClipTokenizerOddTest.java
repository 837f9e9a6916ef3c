package io.github.controlnet.core.text;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Equal to CLIPTokenizerFast: {@code src/test/tools/clip_tokenizer_odd_fixtures.py}. */
class ClipTokenizerOddTest {
  private static final int BLOCK = 256;

  @TempDir Path folder;

  static Stream<String> cases() throws Exception {
    List<String> names = new ArrayList<>();
    odd().get("cases").forEach(each -> names.add(each.get("name").asText()));
    return names.stream();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void readsAddedTokensAsTransformers(String name) throws Exception {
    JsonNode odd = odd();
    JsonNode each =
        IntStream.range(0, odd.get("cases").size())
            .mapToObj(odd.get("cases")::get)
            .filter(one -> one.get("name").asText().equals(name))
            .findFirst()
            .orElseThrow();
    copy(fixture(each.get("base").asText()), folder);
    for (Map.Entry<String, JsonNode> file : each.get("files").properties()) {
      Path path = folder.resolve(file.getKey());
      if (file.getValue().isNull()) {
        Files.delete(path);
      } else {
        Files.writeString(path, file.getValue().toString());
      }
    }
    ClipTokenizer tokenizer = ClipTokenizer.open(folder);
    for (int i = 0; i < odd.get("texts").size(); i++) {
      String text = odd.get("texts").get(i).asText();
      assertThat(tokenizer.ids(text)).as(text).isEqualTo(ints(each.get("ids").get(i)));
    }
  }

  @Test
  void everyCharacterIsWhatItIsInTransformers() throws Exception {
    ByteBuffer expected =
        ByteBuffer.wrap(Files.readAllBytes(fixture("unicode.bin"))).order(ByteOrder.LITTLE_ENDIAN);
    ClipTokenizer tokenizer = ClipTokenizer.open(fixture("bare"));
    TreeSet<String> differ = new TreeSet<>();
    for (int first = 0; first <= Character.MAX_CODE_POINT; first += BLOCK) {
      CRC32 sum = new CRC32();
      for (int point = first; point < first + BLOCK; point++) {
        if (point < Character.MIN_SURROGATE || point > Character.MAX_SURROGATE) {
          String c = Character.toString(point);
          int[] ids = tokenizer.ids("a" + c + "A1" + c + " " + c);
          ByteBuffer bytes =
              ByteBuffer.allocate(Integer.BYTES * (ids.length + 1)).order(ByteOrder.LITTLE_ENDIAN);
          bytes.putInt(ids.length);
          IntStream.of(ids).forEach(bytes::putInt);
          sum.update(bytes.array());
        }
      }
      if (expected.getInt() != (int) sum.getValue()) {
        differ.add(Integer.toHexString(first));
      }
    }
    assertThat(differ).isEmpty();
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(file.getFileName().toString()));
      }
    }
  }

  private static int[] ints(JsonNode array) {
    return IntStream.range(0, array.size()).map(i -> array.get(i).asInt()).toArray();
  }

  private static JsonNode odd() throws Exception {
    return new ObjectMapper().readTree(fixture("odd.json").toFile());
  }

  private static Path fixture(String name) throws Exception {
    return Path.of(
        Objects.requireNonNull(ClipTokenizerOddTest.class.getResource(name), name).toURI());
  }
}
