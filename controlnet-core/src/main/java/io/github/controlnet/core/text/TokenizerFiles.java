package io.github.controlnet.core.text;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.controlnet.WeightsException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the files of a tokenizer's folder say.
 *
 * @param json the tokenizer as one tokenizer.json
 * @param start id of the start token
 * @param end id of the end token
 * @param padding id of the padding token
 * @param length how many ids the text encoder takes
 */
record TokenizerFiles(String json, int start, int end, int padding, int length) {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final int DEFAULT_LENGTH = 77;

  /** Files without a limit say 10^30 or so. */
  private static final int GREATEST_LENGTH = 1 << 20;

  /** transformers reads no more merges than CLIP has. */
  private static final int MOST_MERGES = 48894;

  /**
   * How CLIP splits text before the byte-pair encoding: English contractions, runs of letters,
   * single digits, runs of anything else but space.
   */
  private static final String WORDS =
      "'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+";

  static TokenizerFiles read(Path folder) {
    if (!Files.isDirectory(folder)) {
      throw new WeightsException(
          "The tokenizer %s is %s; expected a folder with vocab.json and merges.txt, such as the folder \"tokenizer\" of a diffusers model."
              .formatted(folder, Files.exists(folder) ? "a file" : "missing"));
    }
    JsonNode config = optional(folder.resolve("tokenizer_config.json"));
    SpecialTokens special =
        SpecialTokens.of(config, optional(folder.resolve("special_tokens_map.json")));
    Path whole = folder.resolve("tokenizer.json");
    ObjectNode tokenizer =
        Files.exists(whole) ? complete(whole) : assemble(folder, special.unknown().content());
    ArrayNode added = tokenizer.withArray("/added_tokens");
    for (SpecialToken token : special.all()) {
      if (addedId(token.content(), tokenizer) < 0) {
        token.write(added.addObject(), vocabularyId(token, tokenizer, folder));
      }
    }
    tokenizer.putNull("truncation");
    tokenizer.putNull("padding");
    return new TokenizerFiles(
        tokenizer.toString(),
        addedId(special.start().content(), tokenizer),
        addedId(special.end().content(), tokenizer),
        addedId(special.padding().content(), tokenizer),
        length(config, folder));
  }

  private static int length(JsonNode config, Path folder) {
    JsonNode length = config.path("model_max_length");
    if (!length.isNumber() || length.asDouble() > GREATEST_LENGTH) {
      return DEFAULT_LENGTH;
    }
    if (length.asInt() < 2) {
      throw new WeightsException(
          "model_max_length is %s in %s; expected at least 2, and 77 for CLIP."
              .formatted(length, folder.resolve("tokenizer_config.json")));
    }
    return length.asInt();
  }

  private static int addedId(String content, JsonNode tokenizer) {
    for (JsonNode entry : tokenizer.path("added_tokens")) {
      if (entry.path("content").asText().equals(content)) {
        return entry.path("id").asInt();
      }
    }
    return -1;
  }

  private static int vocabularyId(SpecialToken token, JsonNode tokenizer, Path folder) {
    int id = tokenizer.path("model").path("vocab").path(token.content()).asInt(-1);
    if (id < 0) {
      throw new WeightsException(
          "The special token \"%s\" is not in the vocabulary of the tokenizer %s; check that vocab.json, tokenizer_config.json and special_tokens_map.json belong to one model."
              .formatted(token.content(), folder));
    }
    return id;
  }

  private static ObjectNode complete(Path file) {
    JsonNode tokenizer = json(file);
    String type = tokenizer.path("model").path("type").asText("BPE");
    if (!type.equals("BPE")
        || !tokenizer.path("model").path("vocab").isObject()
        || !(tokenizer instanceof ObjectNode object)) {
      throw new WeightsException(
          "%s holds no byte-pair encoding (its model is \"%s\"); expected the tokenizer of a CLIP text encoder."
              .formatted(file, type));
    }
    return object;
  }

  private static ObjectNode assemble(Path folder, String unknown) {
    JsonNode vocabulary = vocabulary(folder.resolve("vocab.json"));
    Set<String> merges = merges(folder.resolve("merges.txt"));
    ObjectNode tokenizer = MAPPER.createObjectNode();
    tokenizer.put("version", "1.0");
    ArrayNode normalizers = sequence(tokenizer.putObject("normalizer"), "normalizers");
    normalizers.addObject().put("type", "NFC");
    normalizers
        .addObject()
        .put("type", "Replace")
        .put("content", " ")
        .putObject("pattern")
        .put("Regex", "\\s+");
    normalizers.addObject().put("type", "Lowercase");
    ArrayNode splitters = sequence(tokenizer.putObject("pre_tokenizer"), "pretokenizers");
    splitters
        .addObject()
        .put("type", "Split")
        .put("behavior", "Removed")
        .put("invert", true)
        .putObject("pattern")
        .put("Regex", WORDS);
    splitters
        .addObject()
        .put("type", "ByteLevel")
        .put("add_prefix_space", false)
        .put("trim_offsets", true)
        .put("use_regex", true);
    tokenizer.putNull("post_processor");
    tokenizer.putNull("decoder");
    ObjectNode model = tokenizer.putObject("model");
    model.put("type", "BPE");
    model.putNull("dropout");
    model.put("unk_token", unknown);
    model.put("continuing_subword_prefix", "");
    model.put("end_of_word_suffix", "</w>");
    model.put("fuse_unk", false);
    model.put("byte_fallback", false);
    model.set("vocab", vocabulary);
    merges.forEach(model.putArray("merges")::add);
    return tokenizer;
  }

  private static ArrayNode sequence(ObjectNode node, String parts) {
    return node.put("type", "Sequence").putArray(parts);
  }

  private static JsonNode vocabulary(Path file) {
    JsonNode vocabulary = json(file);
    for (Map.Entry<String, JsonNode> entry : vocabulary.properties()) {
      if (!entry.getValue().isInt() || entry.getValue().asInt() < 0) {
        throw new WeightsException(
            "The token \"%s\" in %s has the id %s; expected a whole number from 0."
                .formatted(entry.getKey(), file, entry.getValue()));
      }
    }
    return vocabulary;
  }

  /** Reads the pairs in order, but for the first line, which is a version in every such file. */
  private static Set<String> merges(Path file) {
    List<String> lines = text(file).strip().lines().toList();
    Set<String> merges = new LinkedHashSet<>();
    for (int i = 1; i < Math.min(lines.size(), MOST_MERGES + 1); i++) {
      String[] parts = lines.get(i).strip().split("\\s+", -1);
      if (parts.length != 2) {
        throw new WeightsException(
            "Line %d of %s is \"%s\"; expected two tokens with a space between them."
                .formatted(i + 1, file, abbreviated(lines.get(i))));
      }
      merges.add(parts[0] + " " + parts[1]);
    }
    return merges;
  }

  private static JsonNode optional(Path file) {
    return Files.exists(file) ? json(file) : MissingNode.getInstance();
  }

  private static JsonNode json(Path file) {
    String text = text(file);
    try {
      JsonNode json = MAPPER.readTree(text);
      if (!json.isObject()) {
        throw new WeightsException("%s holds no JSON object; download it again.".formatted(file));
      }
      return json;
    } catch (JsonProcessingException e) {
      throw new WeightsException(
          "%s is not JSON: it starts with \"%s\"; download it again."
              .formatted(file, abbreviated(text)),
          e);
    }
  }

  private static String abbreviated(String text) {
    String line = text.lines().findFirst().orElse("");
    return line.length() > 40 ? line.substring(0, 40) + "..." : line;
  }

  private static String text(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new WeightsException(
          "%s is missing; a CLIP tokenizer has tokenizer.json, or vocab.json and merges.txt. Copy them from the model that the weights come from."
              .formatted(file));
    }
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new WeightsException("%s cannot be read as UTF-8 text: %s.".formatted(file, e), e);
    }
  }
}
