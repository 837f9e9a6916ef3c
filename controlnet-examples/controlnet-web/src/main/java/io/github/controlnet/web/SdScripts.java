package io.github.controlnet.web;

import io.github.controlnet.core.json.FieldException;
import io.github.controlnet.core.json.JsonFields;
import io.github.controlnet.core.json.JsonValue;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The blocks of {@code alwayson_scripts}. Those of ControlNet hold its units. The web UI's own
 * repeat what the body says, and may; a block that is switched off may hold anything; every other
 * is refused.
 */
final class SdScripts {
  static final String CONTROLNET = "controlnet";
  private static final String ARGS = "args";

  /** What the body says that the web UI's own scripts may repeat. */
  private final JsonFields body;

  private final String sampler;
  private final int steps;
  private final long seed;

  /**
   * Begins to read.
   *
   * @param sampler the body's sampler, in this library's name
   * @param seed -1 for a random one
   */
  SdScripts(JsonFields body, String sampler, int steps, long seed) {
    this.body = body;
    this.sampler = sampler;
    this.steps = steps;
    this.seed = seed;
  }

  /** Reads all blocks, and returns ControlNet's arguments when there are some. */
  Optional<JsonValue> controlNet() {
    JsonFields scripts = body.get("alwayson_scripts").object().orElse(null);
    JsonValue units = null;
    if (scripts == null) {
      return Optional.empty();
    }
    for (String name : scripts.names()) {
      JsonValue block = scripts.get(name);
      Optional<JsonFields> fields = block.object();
      if (fields.isEmpty()) {
        continue;
      }
      JsonValue args = fields.get().get(ARGS);
      if (args.isEmpty()) {
        continue;
      }
      if (!name.equalsIgnoreCase(CONTROLNET)) {
        check(name, args);
      } else if (units != null) {
        throw block.refused("one block of ControlNet");
      } else {
        units = args;
      }
    }
    return Optional.ofNullable(units);
  }

  private void check(String name, JsonValue args) {
    List<JsonValue> values = args.items();
    switch (name.toLowerCase(Locale.ROOT)) {
      case "sampler" -> sampler(values);
      case "seed" -> seed(values);
      case "refiner" -> refiner(args, values);
      default -> {
        if (!isOff(values.get(0))) {
          throw new FieldException(
              args.path(),
              "%s: the script \"%s\" is not here; switch it off (false as its first argument), or leave it out."
                  .formatted(args.path(), name),
              null);
        }
      }
    }
  }

  /** Tells by a script's first argument that it does nothing. */
  private static boolean isOff(JsonValue first) {
    if (first.isObject()) {
      return List.of("enabled", "enable", "is_enabled").stream()
          .anyMatch(
              each ->
                  first.node().path(each).isBoolean() && !first.node().path(each).booleanValue());
    }
    return (first.node().isBoolean() && !first.node().booleanValue())
        || (first.isText() && first.node().textValue().strip().equalsIgnoreCase("false"));
  }

  /** Steps, sampler, schedule. */
  private void sampler(List<JsonValue> values) {
    for (int i = 3; i < values.size(); i++) {
      throw values.get(i).refused("no more than steps, sampler and schedule");
    }
    int repeated = values.get(0).integer().orElse(steps);
    if (repeated != steps) {
      throw values.get(0).refused("%d, as steps says".formatted(steps));
    }
    if (values.size() > 1 && !values.get(1).isEmpty()) {
      JsonValue schedule =
          values.size() > 2 && !values.get(2).isEmpty() ? values.get(2) : body.get("scheduler");
      if (!SdSampler.find(values.get(1), schedule).equals(sampler)) {
        throw values.get(1).refused("the sampler and the schedule of the body, or nothing");
      }
    } else if (values.size() > 2) {
      values.get(2).text();
    }
  }

  /** Seed, whether there are extras, another seed, its strength, width and height of its noise. */
  private void seed(List<JsonValue> values) {
    for (int i = 6; i < values.size(); i++) {
      throw values.get(i).refused("no more than the seed and its five extras");
    }
    long repeated = values.get(0).longInteger().orElse(seed);
    if (repeated != seed) {
      throw values.get(0).refused("%d, as seed says".formatted(seed));
    }
    if (values.size() < 2 || !values.get(1).flag().orElse(false)) {
      return;
    }
    // The other seed itself says nothing without strength.
    for (int i = 3; i < values.size(); i++) {
      if (values.get(i).number().orElse(0.0) > 0) {
        throw values.get(i).notHere();
      }
    }
  }

  /** Whether it is on, its checkpoint, where it takes over. */
  private static void refiner(JsonValue args, List<JsonValue> values) {
    boolean on = values.get(0).flag().orElse(false);
    String checkpoint = values.size() < 2 ? "" : values.get(1).text().orElse("");
    if (on && !checkpoint.isBlank() && !checkpoint.equalsIgnoreCase("None")) {
      throw args.notHere();
    }
  }
}
