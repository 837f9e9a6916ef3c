package io.github.controlnet.core.text;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/**
 * Which tokens mean start, end, unknown and padding, by the rules of transformers: {@code
 * special_tokens_map.json} overrides {@code tokenizer_config.json}, unless the latter has the newer
 * {@code added_tokens_decoder}; the names of CLIP are the defaults.
 *
 * @param start put before the text
 * @param end put after the text
 * @param unknown stands for what the vocabulary cannot spell
 * @param padding fills up
 * @param all every special token once, the configuration's own description of it first
 */
record SpecialTokens(
    SpecialToken start,
    SpecialToken end,
    SpecialToken unknown,
    SpecialToken padding,
    List<SpecialToken> all) {
  private static final String START = "<|startoftext|>";
  private static final String END = "<|endoftext|>";

  static SpecialTokens of(JsonNode config, JsonNode map) {
    JsonNode decoder = config.path("added_tokens_decoder");
    JsonNode overrides = decoder.isObject() ? decoder.path("") : map;
    SpecialToken start = role("bos_token", START, true, config, overrides);
    SpecialToken end = role("eos_token", END, true, config, overrides);
    SpecialToken unknown = role("unk_token", END, true, config, overrides);
    SpecialToken padding = role("pad_token", END, false, config, overrides);
    List<SpecialToken> all = new ArrayList<>();
    for (JsonNode entry : decoder) {
      add(SpecialToken.of(entry, false), all);
    }
    for (SpecialToken token : List.of(start, end, unknown, padding)) {
      add(token, all);
    }
    return new SpecialTokens(start, end, unknown, padding, List.copyOf(all));
  }

  private static void add(SpecialToken token, List<SpecialToken> all) {
    if (!token.content().isEmpty()
        && all.stream().noneMatch(known -> known.content().equals(token.content()))) {
      all.add(token);
    }
  }

  private static SpecialToken role(
      String key, String name, boolean normalized, JsonNode config, JsonNode overrides) {
    for (JsonNode source : List.of(overrides, config)) {
      JsonNode value = source.path(key);
      if (value.isTextual() || value.isObject()) {
        return SpecialToken.of(value, normalized);
      }
    }
    return new SpecialToken(name, normalized, false, false, false);
  }
}
