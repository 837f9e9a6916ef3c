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
 * @param additional others that the files name
 */
record SpecialTokens(
    SpecialToken start,
    SpecialToken end,
    SpecialToken unknown,
    SpecialToken padding,
    List<SpecialToken> additional) {
  private static final String START = "<|startoftext|>";
  private static final String END = "<|endoftext|>";
  private static final String ADDITIONAL = "additional_special_tokens";

  static SpecialTokens of(JsonNode config, JsonNode map) {
    JsonNode overrides = config.path("added_tokens_decoder").isObject() ? config.path("") : map;
    List<SpecialToken> additional = new ArrayList<>();
    for (JsonNode token :
        overrides.has(ADDITIONAL) ? overrides.path(ADDITIONAL) : config.path(ADDITIONAL)) {
      additional.add(SpecialToken.of(token, false));
    }
    return new SpecialTokens(
        role("bos_token", START, true, config, overrides),
        role("eos_token", END, true, config, overrides),
        role("unk_token", END, true, config, overrides),
        role("pad_token", END, false, config, overrides),
        List.copyOf(additional));
  }

  /** All of them, the roles first. */
  List<SpecialToken> all() {
    List<SpecialToken> all = new ArrayList<>(List.of(start, end, unknown, padding));
    all.addAll(additional);
    return all;
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
