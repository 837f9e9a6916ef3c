package io.github.controlnet.web;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.SerializerProvider;
import java.io.IOException;

/**
 * Writes a seed so that a page, whose numbers have 53 bits, keeps each digit: a larger one is a
 * text.
 */
final class SeedAsJson extends JsonSerializer<Long> {
  private static final long EXACT = 1L << 53;

  @Override
  public void serialize(Long seed, JsonGenerator json, SerializerProvider provider)
      throws IOException {
    if (seed > -EXACT && seed < EXACT) {
      json.writeNumber(seed);
    } else {
      json.writeString(Long.toString(seed));
    }
  }
}
