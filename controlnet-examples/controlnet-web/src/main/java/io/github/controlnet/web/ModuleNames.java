package io.github.controlnet.web;

import io.github.controlnet.Annotators;
import io.github.controlnet.core.json.JsonValue;
import io.github.controlnet.core.json.NearNames;
import io.github.controlnet.exception.ProviderNotFoundException;
import io.github.controlnet.spi.AnnotatorProvider;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What the web UI's extension calls its preprocessors, in its interface and on its page, as
 * annotators with options. The names are those of its {@code global_state.py} and its later
 * registry.
 */
final class ModuleNames {
  private static final String NONE = "none";
  private static final Map<String, String> SAFE = Map.of("safe", "true");

  /** Names that are not among the annotators' own further names. */
  private static final Map<String, Module> OTHERS =
      Map.of(
          "softedge_hedsafe", new Module("hed", SAFE),
          "hed_safe", new Module("hed", SAFE),
          "softedge_pidisafe", new Module("pidinet", SAFE),
          "pidinet_safe", new Module("pidinet", SAFE),
          "t2ia_sketch_pidi", new Module("pidinet", Map.of("binary", "true")),
          "pidinet_sketch", new Module("pidinet", Map.of("binary", "true")),
          "pidinet_scribble", new Module("scribble_pidinet", Map.of()),
          "te_hed", new Module("teed", Map.of()),
          "oneformer_coco", new Module("seg_ofcoco", Map.of()),
          "oneformer_ade20k", new Module("seg_ofade20k", Map.of()));

  private ModuleNames() {}

  /**
   * An annotator with options.
   *
   * @param annotator its name; {@code none} for a picture that is a map already
   * @param options what the name says beside it
   */
  record Module(String annotator, Map<String, String> options) {
    boolean isNone() {
      return annotator.equals(NONE);
    }
  }

  /** Finds the annotator of a name; nothing, as {@code none}, is a map already. */
  static Module read(JsonValue value) {
    // On the page some names are followed by an explanation: invert (from white bg & black line).
    String name =
        value.text().orElse("").replaceFirst("\\s\\(.*\\)$", "").strip().toLowerCase(Locale.ROOT);
    if (name.isEmpty() || name.equals(NONE)) {
      return new Module(NONE, Map.of());
    }
    Module other = OTHERS.get(name);
    try {
      Annotators.named(other == null ? name : other.annotator());
      return other == null ? new Module(name, Map.of()) : other;
    } catch (ProviderNotFoundException e) {
      List<String> names =
          Annotators.all().stream()
              .map(AnnotatorProvider::name)
              .collect(Collectors.toCollection(ArrayList::new));
      names.add(0, NONE);
      String near = NearNames.of(name, names).map("\"%s\", or "::formatted).orElse("");
      throw value.refused(near + "one of: " + String.join(", ", names));
    }
  }
}
