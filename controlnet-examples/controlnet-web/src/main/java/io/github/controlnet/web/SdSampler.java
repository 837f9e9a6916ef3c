package io.github.controlnet.web;

import io.github.controlnet.Samplers;
import io.github.controlnet.core.json.JsonValue;
import io.github.controlnet.core.request.SamplerNames;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Finds the sampler of a web UI's request: its name, which may end with a schedule as in versions
 * before 1.9, and the schedule, as since. Without one it is "Automatic": what the web UI uses with
 * the sampler by itself, which is Karras for DPM++ 2M. A name of this library, in small letters,
 * says all by itself.
 */
final class SdSampler {
  private static final String AUTOMATIC = "Automatic";

  /** What a schedule is called that is the method's own spacing. */
  private static final List<String> PLAIN = List.of("Uniform", "Normal");

  /** The web UI's further names, as its table {@code samplers_k_diffusion} has them. */
  private static final Map<String, String> ALIASES =
      Map.ofEntries(
          Map.entry("k_euler", "Euler"),
          Map.entry("k_euler_a", "Euler a"),
          Map.entry("k_euler_ancestral", "Euler a"),
          Map.entry("k_lms", "LMS"),
          Map.entry("k_heun", "Heun"),
          Map.entry("k_dpm_2", "DPM2"),
          Map.entry("k_dpm_2_a", "DPM2 a"),
          Map.entry("k_dpmpp_2s_a", "DPM++ 2S a"),
          Map.entry("k_dpmpp_2m", "DPM++ 2M"),
          Map.entry("k_dpmpp_sde", "DPM++ SDE"),
          Map.entry("k_dpmpp_2m_sde", "DPM++ 2M SDE"),
          Map.entry("k_dpmpp_3m_sde", "DPM++ 3M SDE"));

  /** How those end where a schedule follows. */
  private static final Map<String, String> ENDINGS = Map.of("_ka", "Karras", "_exp", "Exponential");

  private SdSampler() {}

  /** Lists the schedules by the web UI's names. */
  static List<String> schedules() {
    List<String> names = new ArrayList<>(List.of(AUTOMATIC));
    names.addAll(PLAIN.subList(0, 1));
    names.addAll(SamplerNames.spacings());
    return names;
  }

  /**
   * Finds a sampler.
   *
   * @param name its name, which is there
   * @param schedule the schedule's, or nothing
   * @return the name in this library
   */
  static String find(JsonValue name, JsonValue schedule) {
    String method = name.text().orElse("").strip();
    List<String> here = Samplers.names();
    Optional<String> own = here.stream().filter(method::equals).findFirst();
    Optional<String> asked = schedule(schedule);
    for (Map.Entry<String, String> ending : ENDINGS.entrySet()) {
      String rest = withoutEnd(method, ending.getKey());
      if (ALIASES.containsKey(rest.toLowerCase(Locale.ROOT)) && !rest.equals(method)) {
        method = ALIASES.get(rest.toLowerCase(Locale.ROOT)) + " " + ending.getValue();
      }
    }
    method = ALIASES.getOrDefault(method.toLowerCase(Locale.ROOT), method);
    String said = "";
    for (String each : known()) {
      String rest = withoutEnd(method, " " + each);
      if (!rest.equals(method)) {
        method = rest;
        said = each;
        break;
      }
    }
    if (asked.isPresent()
        && !said.isEmpty()
        && !said.equals(AUTOMATIC)
        && !asked.get().equals(AUTOMATIC)
        && !asked.get().equals(said)) {
      throw schedule.refused("nothing, or \"%s\", as the sampler's name says".formatted(said));
    }
    if (own.isPresent() && asked.filter(each -> !each.equals(AUTOMATIC)).isEmpty()) {
      return own.get();
    }
    String wanted = said.isEmpty() || said.equals(AUTOMATIC) ? asked.orElse(AUTOMATIC) : said;
    Optional<String> found = SamplerNames.find(method, wanted, here);
    if (found.isEmpty()) {
      throw name.refused(
          "one of: " + String.join(", ", here.stream().map(SamplerNames::webUi).toList()));
    }
    if (!follows(found.get(), wanted)) {
      throw (said.isEmpty() ? schedule : name)
          .refused("a schedule that \"%s\" has here: %s".formatted(method, having(method, here)));
    }
    return found.get();
  }

  private static String withoutEnd(String text, String end) {
    int rest = text.length() - end.length();
    return rest > 0 && text.regionMatches(true, rest, end, 0, end.length())
        ? text.substring(0, rest)
        : text;
  }

  private static Optional<String> schedule(JsonValue schedule) {
    return schedule
        .text()
        .filter(text -> !text.isBlank())
        .map(
            text ->
                known().stream()
                    .filter(each -> each.equalsIgnoreCase(text.strip()))
                    .findFirst()
                    .orElseThrow(
                        () -> schedule.refused("one of: " + String.join(", ", schedules()))));
  }

  private static List<String> known() {
    List<String> names = new ArrayList<>(List.of(AUTOMATIC));
    names.addAll(PLAIN);
    names.addAll(SamplerNames.spacings());
    return names;
  }

  /** Tells whether a sampler has a spacing, or none where none is asked for. */
  private static boolean follows(String found, String wanted) {
    if (wanted.equals(AUTOMATIC)) {
      return true;
    }
    if (PLAIN.contains(wanted)) {
      return spacing(found).isEmpty();
    }
    return spacing(found).filter(wanted::equals).isPresent();
  }

  private static Optional<String> spacing(String name) {
    return SamplerNames.spacings().stream()
        .filter(each -> name.endsWith("_" + each.toLowerCase(Locale.ROOT)))
        .findFirst();
  }

  private static String having(String method, List<String> here) {
    return String.join(
        ", ",
        schedules().stream()
            .filter(
                each ->
                    SamplerNames.find(method, each, here)
                        .filter(found -> follows(found, each))
                        .isPresent())
            .toList());
  }
}
