package io.github.controlnet.core.text;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.github.controlnet.core.internal.JsonText;
import io.github.controlnet.core.text.AddedTokens.Added;
import io.github.controlnet.exception.WeightsException;
import io.github.controlnet.internal.TextFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the files of a tokenizer's folder say.
 *
 * @param encoding vocabulary and merges
 * @param added the tokens that are found before the text is split
 * @param start id of the start token
 * @param end id of the end token
 * @param padding id of the padding token
 * @param length how many ids the text encoder takes
 */
record TokenizerFiles(
    BytePairEncoding encoding, List<Added> added, int start, int end, int padding, int length) {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final String WHOLE = "tokenizer.json";
  private static final String VOCABULARY = "vocab.json";
  private static final String MERGES = "merges.txt";
  private static final String DECODER = "added_tokens_decoder";
  private static final int DEFAULT_LENGTH = 77;

  /** Files without a limit say 10^30 or so. */
  private static final int GREATEST_LENGTH = 1 << 20;

  /** CLIP's largest file has 3.6 MB; what is far larger is no tokenizer of a text encoder. */
  private static final long GREATEST_FILE = 64L << 20;

  /** transformers reads no more merges than CLIP has. */
  private static final int MOST_MERGES = 48894;

  /** Tells whether a folder has the files of a tokenizer. */
  static boolean arePresent(Path folder) {
    return Files.isRegularFile(folder.resolve(WHOLE))
        || (Files.isRegularFile(folder.resolve(VOCABULARY))
            && Files.isRegularFile(folder.resolve(MERGES)));
  }

  static TokenizerFiles read(Path folder) {
    if (!Files.isDirectory(folder)) {
      throw new WeightsException(
          "The tokenizer %s is %s; expected a folder with vocab.json and merges.txt, or tokenizer.json, such as the folder \"tokenizer\" of a diffusers model."
              .formatted(folder, Files.exists(folder) ? "a file" : "missing"));
    }
    Path configFile = folder.resolve("tokenizer_config.json");
    JsonNode config = optional(configFile);
    JsonNode decoder = object(config.path(DECODER), DECODER, configFile);
    SpecialTokens special =
        SpecialTokens.of(config, optional(folder.resolve("special_tokens_map.json")));

    Map<String, SpecialToken> tokens = new LinkedHashMap<>();
    Map<String, Integer> declared = new HashMap<>();
    Map<String, Integer> vocabulary;
    List<TokenPair> merges;
    String unknown;
    Path whole = folder.resolve(WHOLE);
    if (Files.exists(whole)) {
      TokenizerJson json = new TokenizerJson(whole, json(whole));
      vocabulary = vocabulary(json.vocabulary(), whole);
      merges = json.merges();
      unknown = json.unknown();
      for (JsonNode entry : json.addedTokens()) {
        SpecialToken token = SpecialToken.of(entry, false);
        tokens.putIfAbsent(token.content(), token);
        declared.put(token.content(), entry.path("id").asInt());
      }
    } else {
      Path file = folder.resolve(VOCABULARY);
      vocabulary = vocabulary(json(file), file);
      merges = merges(folder.resolve(MERGES));
      unknown = special.unknown().content();
    }
    for (Map.Entry<String, JsonNode> entry : decoder.properties()) {
      SpecialToken token = SpecialToken.of(entry.getValue(), false);
      tokens.putIfAbsent(token.content(), token);
      declared.putIfAbsent(token.content(), id(entry.getKey(), token.content(), configFile));
    }
    if (decoder.isEmpty()) {
      older(folder.resolve("added_tokens.json"), special, tokens, declared);
    }
    special.all().forEach(token -> tokens.putIfAbsent(token.content(), token));
    Map<String, Integer> ids = new HashMap<>();
    List<Added> added = new ArrayList<>();
    for (SpecialToken token : tokens.values()) {
      if (!token.content().isEmpty()) {
        int id = id(token, vocabulary, declared, folder);
        ids.put(token.content(), id);
        added.add(new Added(token, id));
      }
    }
    return new TokenizerFiles(
        new BytePairEncoding(vocabulary, merges, unknown, folder),
        List.copyOf(added),
        role(special.start(), ids, folder),
        role(special.end(), ids, folder),
        role(special.padding(), ids, folder),
        length(config, folder));
  }

  /** Reads the older file of added tokens: each with its id, without flags. */
  private static void older(
      Path file,
      SpecialTokens special,
      Map<String, SpecialToken> tokens,
      Map<String, Integer> declared) {
    for (Map.Entry<String, JsonNode> entry : optional(file).properties()) {
      String content = entry.getKey();
      boolean isSpecial = special.all().stream().anyMatch(token -> token.content().equals(content));
      tokens.putIfAbsent(content, new SpecialToken(content, !isSpecial, false, false, false));
      declared.putIfAbsent(content, id(entry.getValue().asText(), content, file));
    }
  }

  private static int length(JsonNode config, Path folder) {
    JsonNode length = config.path("model_max_length");
    if (!length.isNumber() || length.asDouble() > GREATEST_LENGTH) {
      return DEFAULT_LENGTH;
    }
    if (length.asInt() < 2) {
      throw new WeightsException(
          "model_max_length is %s in %s; expected at least 2, and 77 for CLIP."
              .formatted(abbreviated(length.toString()), folder.resolve("tokenizer_config.json")));
    }
    return length.asInt();
  }

  private static int role(SpecialToken token, Map<String, Integer> ids, Path folder) {
    Integer id = ids.get(token.content());
    if (id == null) {
      throw missing(token, folder);
    }
    return id;
  }

  private static int id(
      SpecialToken token,
      Map<String, Integer> vocabulary,
      Map<String, Integer> declared,
      Path folder) {
    Integer known = vocabulary.get(token.content());
    Integer id = known == null ? declared.get(token.content()) : known;
    if (id == null) {
      throw missing(token, folder);
    }
    return id;
  }

  private static WeightsException missing(SpecialToken token, Path folder) {
    return new WeightsException(
        "The special token \"%s\" is not in the vocabulary of the tokenizer %s; check that vocab.json, tokenizer_config.json and special_tokens_map.json belong to one model."
            .formatted(abbreviated(token.content()), folder));
  }

  private static int id(String text, String token, Path file) {
    try {
      int id = Integer.parseInt(text);
      if (id >= 0) {
        return id;
      }
    } catch (NumberFormatException e) {
      // Told below, with what was expected.
    }
    throw badId(token, text, file);
  }

  private static WeightsException badId(String token, String id, Path file) {
    return new WeightsException(
        "The token \"%s\" in %s has the id %s; expected a whole number from 0."
            .formatted(abbreviated(token), file, abbreviated(id)));
  }

  private static Map<String, Integer> vocabulary(JsonNode json, Path file) {
    Map<String, Integer> vocabulary = new HashMap<>(2 * json.size());
    for (Map.Entry<String, JsonNode> entry : json.properties()) {
      JsonNode id = entry.getValue();
      if (!id.isInt() || id.asInt() < 0) {
        throw badId(entry.getKey(), id.toString(), file);
      }
      vocabulary.put(entry.getKey(), id.asInt());
    }
    return vocabulary;
  }

  /** Reads the pairs in order, but for the first line, which is a version in every such file. */
  private static List<TokenPair> merges(Path file) {
    List<String> lines = text(file).strip().lines().toList();
    Set<TokenPair> merges = new LinkedHashSet<>();
    for (int i = 1; i < Math.min(lines.size(), MOST_MERGES + 1); i++) {
      String[] parts = lines.get(i).strip().split("\\s+", -1);
      if (parts.length != 2) {
        throw new WeightsException(
            "Line %d of %s is \"%s\"; expected two tokens with a space between them."
                .formatted(i + 1, file, abbreviated(lines.get(i))));
      }
      merges.add(new TokenPair(parts[0], parts[1]));
    }
    return List.copyOf(merges);
  }

  private static JsonNode optional(Path file) {
    return Files.exists(file) ? json(file) : MissingNode.getInstance();
  }

  private static JsonNode object(JsonNode value, String name, Path file) {
    if (!value.isObject() && !value.isMissingNode() && !value.isNull()) {
      throw new WeightsException(
          "%s is %s in %s; expected an object.".formatted(name, JsonText.shown(value), file));
    }
    return value;
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

  static String abbreviated(String text) {
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
      long size = Files.size(file);
      if (size > GREATEST_FILE) {
        throw new WeightsException(
            "%s has %d bytes; expected at most %d, and 4 million in CLIP's tokenizer."
                .formatted(file, size, GREATEST_FILE));
      }
      return TextFiles.read(file);
    } catch (IOException e) {
      throw new WeightsException("%s cannot be read as UTF-8 text: %s.".formatted(file, e), e);
    }
  }
}
