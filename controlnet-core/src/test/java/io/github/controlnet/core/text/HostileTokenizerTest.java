package io.github.controlnet.core.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.controlnet.exception.WeightsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Files that would break a tokenizer, or mean another than CLIP's, are refused in a sentence. */
class HostileTokenizerTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "/model/type | \"Unigram\" | Unigram",
        "/model/type | \"WordPiece\" | WordPiece",
        "/model/dropout | 0.5 | model.dropout is 0.5",
        "/model/dropout | {} | model.dropout",
        "/model/continuing_subword_prefix | \"abcdefgh\" | continuing_subword_prefix",
        "/model/end_of_word_suffix | \"\" | end_of_word_suffix",
        "/model/end_of_word_suffix | null | end_of_word_suffix",
        "/model/byte_fallback | true | byte_fallback",
        "/model/ignore_merges | true | ignore_merges",
        "/model/fuse_unk | true | fuse_unk",
        "/model/vocab | [] | model.vocab",
        "/model/vocab | null | model.vocab",
        "/model/vocab | {\"a\": -1} | whole number from 0",
        "/model/vocab | {\"a\": 1e400} | whole number from 0",
        "/model/vocab | {\"a\": 99999999999999999999} | whole number from 0",
        "/model/vocab | {\"a\": {}} | whole number from 0",
        "/model/merges | 7 | model.merges",
        "/model/merges | [7] | model.merges[0]",
        "/model/merges | [\"a b c\"] | model.merges[0]",
        "/model/merges | [[\"a\"]] | model.merges[0]",
        "/model/merges | [[\"a\", 1]] | model.merges[0]",
        "/model/merges | [\"nowhere a\"] | needs the token",
        "/normalizer | null | normalizer",
        "/normalizer | {\"type\": \"Precompiled\", \"precompiled_charsmap\": \"AAAA\"} | normalizer",
        "/pre_tokenizer | {\"type\": \"Split\", \"pattern\": {\"Regex\": \"(a+)+$\"}} | pre_tokenizer",
        "/post_processor | {\"type\": \"ByteLevel\"} | post_processor",
        "/added_tokens | 7 | added_tokens is 7",
        "/added_tokens | {\"a\": 1} | added_tokens",
        "/added_tokens | [7] | added_tokens[0]",
        "/added_tokens | [{\"id\": -3, \"content\": \"a\"}] | added_tokens[0]",
        "/added_tokens | [{\"id\": 99999999999, \"content\": \"a\"}] | added_tokens[0]",
        "/added_tokens | [{\"id\": 1, \"content\": {}}] | added_tokens[0]",
        "/surprise | 1 | surprise",
      })
  void refusesWhatIsNotClips(String where, String value, String told) throws Exception {
    ObjectNode tokenizer = whole();
    String parent = where.substring(0, where.lastIndexOf('/'));
    ObjectNode node = parent.isEmpty() ? tokenizer : (ObjectNode) tokenizer.at(parent);
    node.set(where.substring(where.lastIndexOf('/') + 1), JSON.readTree(value));
    refused(tokenizer.toString(), told, folder.toString());
  }

  @Test
  void refusesNumbersAndNestingWithoutEnd() throws Exception {
    refused("{\"decoder\": " + "9".repeat(4000) + "}", "not JSON");
    refused("[".repeat(100_000), "not JSON");
    refused("{\"model\": ".repeat(5000), "not JSON");
    refused("", "no JSON object");
  }

  @Test
  void whatSurroundsTheModelMayBeAnything() throws Exception {
    ObjectNode tokenizer = whole();
    tokenizer.putObject("decoder").put("type", "Replace").put("n", 7);
    tokenizer.put("truncation", "odd");
    tokenizer.put("padding", 3);
    write(tokenizer.toString());
    assertThat(ClipTokenizer.open(folder).ids("a bird")).isNotEmpty();
  }

  @Test
  void addedTokensNeedIds() throws Exception {
    for (String name : new String[] {"vocab.json", "merges.txt"}) {
      Files.copy(fixture("bare").resolve(name), folder.resolve(name));
    }
    Path older = folder.resolve("added_tokens.json");
    for (String id : new String[] {"\"a\"", "-1", "null", "{}", "1.5", "12345678901"}) {
      Files.writeString(older, "{\"<cat>\": " + id + "}");
      assertThatThrownBy(() -> ClipTokenizer.open(folder))
          .isInstanceOf(WeightsException.class)
          .hasMessageContainingAll("<cat>", "added_tokens.json", "whole number from 0");
    }
    Files.delete(older);
    Files.writeString(folder.resolve("tokenizer_config.json"), "{\"added_tokens_decoder\": 7}");
    assertThatThrownBy(() -> ClipTokenizer.open(folder))
        .isInstanceOf(WeightsException.class)
        .hasMessageContainingAll("added_tokens_decoder", "expected an object");
  }

  /** What was quadratic, or worse, in other tokenizers. */
  @Test
  void longTextsOfAnyKindAreTokens() throws Exception {
    ClipTokenizer tokenizer = ClipTokenizer.open(fixture("bare"));
    for (String part :
        new String[] {"a", "ab", "!", " ", "\u0301", "'", "\ud83d\ude00", "<|endoftext|>"}) {
      assertThat(tokenizer.ids(part.repeat(200_000)).length).isBetween(0, 1_000_000);
    }
  }

  private void refused(String json, String... told) throws Exception {
    write(json);
    assertThatThrownBy(() -> ClipTokenizer.open(folder))
        .isInstanceOf(WeightsException.class)
        .hasMessageContainingAll(told);
  }

  private void write(String json) throws Exception {
    Files.writeString(folder.resolve("tokenizer.json"), json);
  }

  private static ObjectNode whole() throws Exception {
    return (ObjectNode) JSON.readTree(fixture("single").resolve("tokenizer.json").toFile());
  }

  private static Path fixture(String name) throws Exception {
    return Path.of(
        Objects.requireNonNull(HostileTokenizerTest.class.getResource(name), name).toURI());
  }
}
