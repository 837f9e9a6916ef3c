package io.github.controlnet.cli;

import io.github.controlnet.Preset;
import io.github.controlnet.Presets;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What {@code --list-presets} prints. */
final class PresetList {
  private PresetList() {}

  static void print(PrintWriter out, boolean json) {
    if (json) {
      Json.print(out, Map.of("presets", Presets.all().stream().map(PresetList::values).toList()));
    } else {
      Presets.all().forEach(preset -> out.println(line(preset)));
    }
    out.flush();
  }

  private static Map<String, Object> values(Preset preset) {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("name", preset.name());
    values.put("sampler", preset.samplerName());
    preset
        .timestepSpacing()
        .ifPresent(spacing -> values.put("timestepSpacing", Choices.word(spacing)));
    values.put("steps", preset.steps());
    values.put("guidanceScale", preset.guidanceScale());
    values.put("eta", preset.eta());
    values.put("weights", weights(preset));
    return values;
  }

  private static List<String> weights(Preset preset) {
    return preset.files().stream().map(file -> file.reference().toString()).toList();
  }

  private static String line(Preset preset) {
    return "%-12s %s%s, %d %s, guidance %s%s; %s"
        .formatted(
            preset.name(),
            preset.samplerName(),
            preset.timestepSpacing().map(spacing -> " " + Choices.word(spacing)).orElse(""),
            preset.steps(),
            preset.steps() == 1 ? "step" : "steps",
            preset.guidanceScale(),
            preset.eta() == 0 ? "" : ", eta " + preset.eta(),
            String.join(" or ", weights(preset)));
  }
}
