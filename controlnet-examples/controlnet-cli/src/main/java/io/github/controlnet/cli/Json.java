package io.github.controlnet.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.PrintWriter;
import java.util.Map;

/** Prints a report as one JSON object. */
final class Json {
  private Json() {}

  static void print(PrintWriter out, Map<String, ?> report) {
    try {
      String json =
          new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValueAsString(report);
      // what is left of controls stands in strings, where the escape means the same
      json.lines().map(Printable::of).forEach(out::println);
      out.flush();
    } catch (JsonProcessingException e) {
      throw new CommandFailure("The report cannot be written as JSON: " + e.getMessage(), e);
    }
  }
}
