package io.github.controlnet.core.weights;

import io.github.controlnet.core.family.Families;
import io.github.controlnet.core.family.NameTable;
import io.github.controlnet.core.family.Role;
import io.github.controlnet.core.family.Section;
import io.github.controlnet.core.files.Reading;
import io.github.controlnet.core.files.TensorFile;
import io.github.controlnet.core.lora.LoraFile;
import io.github.controlnet.core.tensors.MappedWeights.Stored;
import io.github.controlnet.engine.WeightSource.TensorInfo;
import io.github.controlnet.exception.WeightsException;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Sorts the tensors of one file into components and gives them their canonical names. */
final class PartSplit {
  static final String EMA = "averaged copy (EMA)";
  static final String LORA = "LoRA";
  static final String OTHER = "other";

  /** A control that holds differences to the base that it was made from; a tensor says so. */
  static final String DIFFERENCE = "mark of a difference";

  private final TensorFile file;
  private final Map<Role, Map<String, Stored>> parts = new EnumMap<>(Role.class);
  private final Map<String, Map<String, TensorInfo>> rest = new LinkedHashMap<>();

  private PartSplit(TensorFile file) {
    this.file = file;
  }

  static PartSplit of(TensorFile file) {
    PartSplit split = new PartSplit(file);
    split.sort();
    return split;
  }

  /** The components that were found: canonical names to tensors. */
  Map<Role, Map<String, Stored>> parts() {
    return parts;
  }

  /** What belongs to no component, by a label for people. */
  Map<String, Map<String, TensorInfo>> rest() {
    return rest;
  }

  private void sort() {
    Map<String, Map<String, String>> groups = new LinkedHashMap<>();
    Map<String, String> bare = new LinkedHashMap<>();
    for (String name : file.tensors().keySet()) {
      boolean changes = LoraFile.isLora(Set.of(name));
      if (changes || name.contains("lora_") || name.contains(".lora.")) {
        put(LORA, name);
      } else if (name.equals("difference")) {
        put(DIFFERENCE, name);
      } else if (name.startsWith("model_ema.")) {
        put(EMA, name);
      } else {
        prefix(name)
            .ifPresentOrElse(
                prefix ->
                    groups
                        .computeIfAbsent(prefix, key -> new LinkedHashMap<>())
                        .put(name.substring(prefix.length()), name),
                () -> bare.put(name, name));
      }
    }
    Families.sections().stream()
        .map(Section::prefix)
        .distinct()
        .filter(groups::containsKey)
        .forEach(prefix -> section(prefix, groups.getOrDefault(prefix, Map.of())));
    if (groups.isEmpty()) {
      bare(bare);
    } else {
      bare.values().forEach(name -> put(OTHER, name));
    }
  }

  /**
   * Tells whether a tensor would belong to a component, by its name alone.
   *
   * @param all the names of its file
   */
  static boolean isOfComponent(String name, Set<String> all) {
    return prefix(name).isPresent() || all.stream().noneMatch(each -> prefix(each).isPresent());
  }

  private static Optional<String> prefix(String name) {
    return Families.sections().stream().map(Section::prefix).filter(name::startsWith).findFirst();
  }

  /** The section of a prefix; of several families' the one that knows the names. */
  private void section(String prefix, Map<String, String> names) {
    List<Section> sections =
        Families.sections().stream().filter(each -> each.prefix().equals(prefix)).toList();
    Section section =
        sections.stream()
            .filter(each -> each.names().recognises(names.keySet()))
            .findFirst()
            .orElse(sections.get(0));
    if (section.role().isEmpty()) {
      names.values().forEach(name -> put(section.label(), name));
    } else if (parts.containsKey(section.role().get())) {
      names.values().forEach(name -> put(OTHER, name));
    } else {
      component(section.role().get(), section.names(), names);
    }
  }

  /** A component alone in its file. */
  private void bare(Map<String, String> names) {
    Families.sections().stream()
        .filter(section -> section.names().recognises(names.keySet()))
        .findFirst()
        .ifPresentOrElse(
            section -> component(section.role().orElseThrow(), section.names(), names),
            () -> names.values().forEach(name -> put(OTHER, name)));
  }

  private void component(Role role, NameTable table, Map<String, String> names) {
    Map<String, String> canonical = table.canonical(names.keySet());
    names.forEach(
        (name, stored) -> {
          String translated = canonical.get(name);
          if (translated == null) {
            put(OTHER, stored);
          } else {
            add(role, translated, stored);
          }
        });
  }

  private void add(Role part, String canonical, String name) {
    TensorInfo info = info(name);
    if (part == Role.AUTOENCODER
        && canonical.contains(".attentions.")
        && info.shape().size() == 4
        && info.shape().get(2) == 1
        && info.shape().get(3) == 1) {
      info = new TensorInfo(info.dtype(), info.shape().subList(0, 2));
    }
    Stored before =
        parts
            .computeIfAbsent(part, key -> new LinkedHashMap<>())
            .put(canonical, new Stored(file, name, info));
    if (before != null) {
      throw new WeightsException(
          "%s holds the same weights under two names, %s and %s. Use a file of one layout."
              .formatted(file.path(), before.name(), name));
    }
  }

  private void put(String label, String name) {
    rest.computeIfAbsent(label, key -> new LinkedHashMap<>()).put(name, info(name));
  }

  private TensorInfo info(String name) {
    TensorInfo info = file.tensors().get(name);
    if (info == null) {
      throw Reading.unknown(file.path(), name);
    }
    return info;
  }
}
