package io.github.controlnet.core.text;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.controlnet.core.internal.JsonText;
import io.github.controlnet.exception.WeightsException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Reads a tokenizer that is one {@code tokenizer.json}, as the Hugging Face tokenizers library
 * saves it: the vocabulary, the merges and the added tokens. Everything else in it must say what
 * CLIP's tokenizer does, since that is what runs.
 */
final class TokenizerJson {
  private static final String SPACES = "\\s+";

  /** How CLIP splits text before the byte-pair encoding. */
  private static final String WORDS =
      "'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+";

  private static final Set<String> PARTS =
      Set.of(
          "version",
          "truncation",
          "padding",
          "added_tokens",
          "normalizer",
          "pre_tokenizer",
          "post_processor",
          "decoder",
          "model");

  /** What a file may say of its model, with what CLIP's tokenizer does. */
  private record Setting(String name, Set<String> values) {}

  private static final List<Setting> MODEL =
      List.of(
          new Setting("type", Set.of("BPE")),
          new Setting("dropout", Set.of("null", "0", "0.0")),
          new Setting("continuing_subword_prefix", Set.of("null", "")),
          new Setting("end_of_word_suffix", Set.of(BytePairEncoding.WORD_END)),
          new Setting("fuse_unk", Set.of("null", "false")),
          new Setting("byte_fallback", Set.of("null", "false")),
          new Setting("ignore_merges", Set.of("null", "false")));

  private final Path file;
  private final JsonNode json;

  TokenizerJson(Path file, JsonNode json) {
    this.file = file;
    this.json = json;
    check();
  }

  private void check() {
    Set<String> strange = new TreeSet<>();
    json.fieldNames().forEachRemaining(strange::add);
    strange.removeAll(PARTS);
    if (!strange.isEmpty()) {
      throw notClip(strange.iterator().next(), json.path(strange.iterator().next()));
    }
    JsonNode model = json.path("model");
    for (Setting setting : MODEL) {
      JsonNode value = model.path(setting.name());
      boolean absent = value.isMissingNode() && !setting.name().equals("end_of_word_suffix");
      if (!absent && !setting.values().contains(value.isNull() ? "null" : value.asText())) {
        throw notClip("model." + setting.name(), value);
      }
    }
    if (!model.path("vocab").isObject()) {
      throw notClip("model.vocab", model.path("vocab"));
    }
    checkNormalizer();
    checkWords();
    String end = json.path("post_processor").path("type").asText("RobertaProcessing");
    if (!Set.of("RobertaProcessing", "TemplateProcessing", "BertProcessing").contains(end)) {
      throw notClip("post_processor", json.path("post_processor"));
    }
  }

  private void checkNormalizer() {
    JsonNode normalizer = json.path("normalizer");
    JsonNode steps = normalizer.path("normalizers");
    boolean clip =
        steps.size() == 3
            && type(steps.get(0)).equals("NFC")
            && type(steps.get(1)).equals("Replace")
            && steps.get(1).path("pattern").path("Regex").asText().equals(SPACES)
            && steps.get(1).path("content").asText().equals(" ")
            && type(steps.get(2)).equals("Lowercase");
    if (!clip) {
      throw notClip("normalizer", normalizer);
    }
  }

  private void checkWords() {
    JsonNode words = json.path("pre_tokenizer");
    JsonNode steps = words.path("pretokenizers");
    boolean clip =
        steps.size() == 2
            && type(steps.get(0)).equals("Split")
            && steps.get(0).path("pattern").path("Regex").asText().equals(WORDS)
            && steps.get(0).path("behavior").asText().equals("Removed")
            && steps.get(0).path("invert").asBoolean()
            && type(steps.get(1)).equals("ByteLevel")
            && !steps.get(1).path("add_prefix_space").asBoolean();
    if (!clip) {
      throw notClip("pre_tokenizer", words);
    }
  }

  private static String type(JsonNode step) {
    return step.path("type").asText();
  }

  private WeightsException notClip(String where, JsonNode value) {
    return new WeightsException(
        "%s is no CLIP tokenizer: its %s is %s. Expected the tokenizer of the base's CLIP text encoder, such as the folder \"tokenizer\" of its diffusers model."
            .formatted(file, where, JsonText.shown(value)));
  }

  JsonNode vocabulary() {
    return json.path("model").path("vocab");
  }

  /** The pairs in order: "a b", or ["a", "b"] since version 0.20 of the library. */
  List<TokenPair> merges() {
    JsonNode merges = json.path("model").path("merges");
    if (!merges.isArray()) {
      throw notClip("model.merges", merges);
    }
    List<TokenPair> pairs = new ArrayList<>(merges.size());
    for (JsonNode merge : merges) {
      if (merge.isArray()
          && merge.size() == 2
          && merge.get(0).isTextual()
          && merge.get(1).isTextual()) {
        pairs.add(new TokenPair(merge.get(0).asText(), merge.get(1).asText()));
        continue;
      }
      String[] parts = merge.isTextual() ? merge.asText().split(" ", -1) : new String[0];
      if (parts.length != 2) {
        throw notClip("model.merges[" + pairs.size() + "]", merge);
      }
      pairs.add(new TokenPair(parts[0], parts[1]));
    }
    return pairs;
  }

  /** The entries of {@code added_tokens}: objects with text and id. */
  List<JsonNode> addedTokens() {
    JsonNode added = json.path("added_tokens");
    if (!added.isArray() && !added.isMissingNode() && !added.isNull()) {
      throw notClip("added_tokens", added);
    }
    List<JsonNode> entries = new ArrayList<>();
    for (JsonNode entry : added) {
      JsonNode id = entry.path("id");
      if (!entry.path("content").isTextual()
          || !id.isIntegralNumber()
          || !id.canConvertToInt()
          || id.asInt() < 0) {
        throw notClip("added_tokens[" + entries.size() + "]", entry);
      }
      entries.add(entry);
    }
    return entries;
  }

  /** The token for what the vocabulary cannot spell, or null where that is left out. */
  @Nullable String unknown() {
    JsonNode token = json.path("model").path("unk_token");
    return token.isTextual() ? token.asText() : null;
  }
}
