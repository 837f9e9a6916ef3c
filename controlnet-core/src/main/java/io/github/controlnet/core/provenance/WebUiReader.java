package io.github.controlnet.core.provenance;

import io.github.controlnet.GenerationRequest;
import io.github.controlnet.Provenance.ModelSource;
import io.github.controlnet.Samplers;
import io.github.controlnet.core.provenance.Recipe.Draft;
import io.github.controlnet.core.provenance.Recipe.Model;
import io.github.controlnet.core.provenance.Recipe.Origin;
import io.github.controlnet.core.request.SamplerNames;
import io.github.controlnet.exception.InvalidRequestException;
import io.github.controlnet.sampler.Sampler;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Reads the text of Stable Diffusion web UI and of those who write as it does: {@code
 * parse_generation_parameters} in its {@code modules/infotext_utils.py} is what it follows. Lines
 * behind the settings, as extensions add them, are named; so is every setting that is not taken.
 */
final class WebUiReader {
  private static final String FIRST = "Steps:";
  private static final int FEWEST_PAIRS = 3;
  private static final Set<String> WITH_ETA = Set.of("ddim", "tcd");

  /** What the extension of dynamic prompts writes behind the settings. */
  private static final List<String> TEMPLATES = List.of("Template:", "Negative Template:");

  /** What says nothing about the picture. */
  private static final List<String> ASIDE = List.of("Version");

  private final Draft draft = new Draft(Origin.WEB_UI);
  private final Map<String, String> pairs;

  private WebUiReader(Map<String, String> pairs) {
    this.pairs = pairs;
  }

  static Optional<Recipe> read(String text) {
    List<String> lines = text.strip().lines().toList();
    int line = settingsLine(lines);
    if (line < 0) {
      return Optional.empty();
    }
    SettingsLine settings = SettingsLine.of(lines.get(line));
    WebUiReader reader = new WebUiReader(settings.pairs());
    reader.prompts(lines.subList(0, line));
    reader.settings();
    settings.rest().forEach(reader.draft::leaveOut);
    lines.subList(line + 1, lines.size()).stream()
        .filter(each -> !each.isBlank())
        .forEach(reader.draft::leaveOut);
    reader.draft.note(
        "The web UI draws noise by its own rules, so the same seed gives a similar picture at best.");
    return Optional.of(reader.draft.recipe());
  }

  /** The last line that starts as one; else the last that holds a number of steps. */
  private static int settingsLine(List<String> lines) {
    int found = -1;
    for (int i = 0; i < lines.size(); i++) {
      if (found >= 0 && TEMPLATES.stream().anyMatch(lines.get(i)::startsWith)) {
        break; // a template may be anything, a whole record too
      }
      if (lines.get(i).strip().startsWith(FIRST) && isSettings(lines.get(i))) {
        found = i;
      }
    }
    for (int i = lines.size() - 1; i >= 0 && found < 0; i--) {
      if (lines.get(i).contains(FIRST) && isSettings(lines.get(i))) {
        found = i;
      }
    }
    return found;
  }

  private static boolean isSettings(String line) {
    Map<String, String> pairs = SettingsLine.of(line).pairs();
    return pairs.size() >= FEWEST_PAIRS && pairs.containsKey("Steps");
  }

  private void prompts(List<String> lines) {
    StringBuilder positive = new StringBuilder();
    StringBuilder negative = new StringBuilder();
    StringBuilder target = positive;
    for (String line : lines) {
      String rest = line;
      if (line.strip().startsWith(WebUiText.NEGATIVE)) {
        target = negative;
        rest = line.strip().substring(WebUiText.NEGATIVE.length()).strip();
      }
      target.append(target.isEmpty() ? "" : "\n").append(rest);
    }
    RecordedPrompt prompt = RecordedPrompt.positive(positive.toString());
    RecordedPrompt avoided = RecordedPrompt.negative(negative.toString());
    prompt.left().forEach(what -> draft.leaveOut("prompt: " + what));
    avoided.left().forEach(what -> draft.leaveOut("negative prompt: " + what));
    draft.prompts(prompt.text(), avoided.text());
    if (prompt.text().isEmpty()) {
      draft.note("The prompt in the record is empty.");
    }
  }

  private void settings() {
    List<String> untold = new ArrayList<>();
    take("Steps", Integer::parseInt, GenerationRequest.Builder::steps, untold);
    sampler(untold);
    take("CFG scale", WebUiReader::decimal, GenerationRequest.Builder::guidanceScale, untold);
    take("Seed", Long::parseLong, GenerationRequest.Builder::seed, untold);
    take(
        "Size",
        WebUiReader::sides,
        (request, sides) -> request.size(sides.get(0), sides.get(1)),
        untold);
    take("Clip skip", Integer::parseInt, GenerationRequest.Builder::clipSkip, new ArrayList<>());
    if (!untold.isEmpty()) {
      draft.note(
          "The record does not tell %s: the usual values are used."
              .formatted(String.join(", ", untold)));
    }
    model();
    ASIDE.forEach(pairs::remove);
    pairs.forEach(
        (key, value) ->
            draft.leaveOut(
                key.startsWith("ControlNet ")
                    ? "%s: %s (its picture is not inside)".formatted(key, value)
                    : "%s: %s".formatted(key, value)));
  }

  private void model() {
    String name = Objects.requireNonNullElse(pairs.remove("Model"), "");
    String hash = Objects.requireNonNullElse(pairs.remove("Model hash"), "");
    String told = (name + (hash.isEmpty() ? "" : " [%s]".formatted(hash))).strip();
    if (!told.isEmpty()) {
      draft.model(new Model(ModelSource.BASE, told, Map.of()));
    }
  }

  private void sampler(List<String> untold) {
    String name = pairs.remove("Sampler");
    String schedule = pairs.remove("Schedule type");
    if (name == null) {
      untold.add("Sampler");
    } else {
      Optional<SamplerNames.Found> found =
          SamplerNames.findScheduled(name, schedule == null ? "" : schedule, Samplers.names());
      found.ifPresentOrElse(
          each -> sampler(each), () -> draft.leaveOut("Sampler: %s (not here)".formatted(name)));
      if (found.isPresent()) {
        return;
      }
    }
    if (schedule != null) {
      draft.leaveOut("Schedule type: " + schedule);
    }
  }

  private void sampler(SamplerNames.Found found) {
    Sampler sampler = Samplers.named(found.name());
    draft.set(request -> request.scheduler(sampler));
    if (!found.schedule().isEmpty()) {
      draft.leaveOut("Schedule type: %s (not here with this sampler)".formatted(found.schedule()));
    }
    if (WITH_ETA.contains(found.name())) {
      for (String name : List.of("Eta DDIM", "Eta")) {
        take(name, WebUiReader::decimal, GenerationRequest.Builder::eta, new ArrayList<>());
      }
    }
  }

  /** A setter of the request. */
  private interface Setting<T> {
    void set(GenerationRequest.Builder request, T value);
  }

  /** Takes a value out of the pairs; one that is not legal is named. */
  private <T> void take(
      String key, Function<String, T> parser, Setting<T> setting, List<String> untold) {
    String text = pairs.remove(key);
    if (text == null) {
      untold.add(key);
      return;
    }
    try {
      T value = parser.apply(text.strip());
      Consumer<GenerationRequest.Builder> change = request -> setting.set(request, value);
      draft.set(change);
    } catch (NumberFormatException e) {
      draft.leaveOut("%s: %s (no such number)".formatted(key, text));
    } catch (InvalidRequestException | IllegalArgumentException e) {
      draft.leaveOut("%s: %s".formatted(key, text), e);
    }
  }

  private static double decimal(String text) {
    if (!Numbers.isDecimal(text)) {
      throw new NumberFormatException(text);
    }
    return Double.parseDouble(text);
  }

  private static List<Integer> sides(String text) {
    int cross = text.indexOf('x');
    if (cross < 0) {
      throw new NumberFormatException(text);
    }
    int width = Integer.parseInt(text.substring(0, cross).strip());
    int height = Integer.parseInt(text.substring(cross + 1).strip());
    Numbers.checkSize(width, height);
    return List.of(width, height);
  }
}
