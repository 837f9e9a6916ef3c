package io.github.controlnet.core.lora;

import io.github.controlnet.core.family.Family;
import io.github.controlnet.core.family.Role;
import io.github.controlnet.engine.WeightSource;
import io.github.controlnet.engine.WeightSource.TensorInfo;
import io.github.controlnet.exception.IncompatibleModelException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The modules of a base under all the names that files of changes have for them: those of diffusers
 * and transformers, and those of the original's code, with {@code _} for dots as kohya's scripts
 * write, which no rule turns back. Immutable.
 */
public final class BaseModules {
  private static final int SHOWN = 3;

  /** What diffusers once called the layers of a text encoder's attention. */
  private static final Map<String, String> TEXT_ATTENTION =
      Map.of(
          "self_attn_q_proj", "self_attn_to_q",
          "self_attn_k_proj", "self_attn_to_k",
          "self_attn_v_proj", "self_attn_to_v",
          "self_attn_out_proj", "self_attn_to_out");

  private final String base;
  private final Family family;
  private final Map<Role, Map<String, String>> modules = new EnumMap<>(Role.class);
  private final Map<Role, Map<String, TensorInfo>> tensors = new EnumMap<>(Role.class);

  /**
   * Lists the modules of a base.
   *
   * @param base what to call it in messages
   * @param family its family
   * @param components the components that can be changed, under canonical names
   */
  public BaseModules(String base, Family family, Map<Role, WeightSource> components) {
    this.base = base;
    this.family = family;
    components.forEach(
        (role, weights) -> {
          tensors.put(role, weights.tensors());
          modules.put(role, spellings(role, weights.tensors().keySet()));
        });
  }

  private Map<String, String> spellings(Role role, Set<String> names) {
    Map<String, String> spellings = new HashMap<>();
    Set<String> ambiguous = new LinkedHashSet<>();
    Map<String, String> original = family.section(role).names().original(names);
    for (String name : names) {
      String module = module(name);
      spellings(module, module(original.getOrDefault(name, name)))
          .distinct()
          .forEach(
              spelling -> {
                String before = spellings.put(spelling, module);
                if (before != null && !before.equals(module)) {
                  ambiguous.add(spelling);
                }
              });
    }
    spellings.keySet().removeAll(ambiguous);
    return spellings;
  }

  private static Stream<String> spellings(String module, String original) {
    List<String> all = new ArrayList<>();
    for (String name : List.of(ModuleName.flat(module), ModuleName.flat(original))) {
      all.add(name);
      if (name.endsWith("_to_out_0")) {
        all.add(name.substring(0, name.length() - "_0".length()));
      }
      TEXT_ATTENTION.forEach(
          (now, once) -> {
            if (name.endsWith(now)) {
              all.add(name.substring(0, name.length() - now.length()) + once);
            }
          });
    }
    return all.stream();
  }

  private static String module(String weight) {
    int dot = weight.lastIndexOf('.');
    return dot < 0 ? weight : weight.substring(0, dot);
  }

  /**
   * Finds what a file changes in the base.
   *
   * @param file the open file
   * @param ignoringUnknown whether what is not understood, or is for no module of the base, is left
   *     out instead of refused
   * @return changes of the base's weights, which end with the file
   * @throws IncompatibleModelException when it is made for another family, has other sizes, or has
   *     tensors that are not understood
   */
  public LoraChanges changes(LoraFile file, boolean ignoringUnknown) {
    Family made = file.family();
    if (!made.fits(family)) {
      throw new IncompatibleModelException(
          "%s is a LoRA for %s, the base %s is %s. Use a LoRA made for %s."
              .formatted(file.path(), made.name(), base, family.name(), family.name()));
    }
    Map<Role, Map<String, Change>> found = new EnumMap<>(Role.class);
    List<String> unknown = new ArrayList<>(file.notUnderstood());
    for (LoraModule module : file.modules()) {
      Optional<Place> place = find(ModuleName.of(module.name()));
      if (place.isEmpty()) {
        unknown.add(module.name());
        continue;
      }
      Role role = place.get().role();
      module
          .changes()
          .forEach(
              (weight, change) -> {
                String name = place.get().module() + "." + weight;
                TensorInfo info = tensors.getOrDefault(role, Map.of()).get(name);
                if (info == null) {
                  unknown.add(module.name() + " (" + weight + ")");
                  return;
                }
                if (!change.fits(info.shape())) {
                  throw new IncompatibleModelException(
                      "%s changes %s of %s by %s, in the base %s it has the shape %s. Use a LoRA made for such a base."
                          .formatted(
                              file.path(),
                              name,
                              role.displayName(),
                              change.sizes(),
                              base,
                              info.shape()));
                }
                Change before =
                    found.computeIfAbsent(role, key -> new LinkedHashMap<>()).put(name, change);
                if (before != null) {
                  throw new IncompatibleModelException(
                      "%s changes %s of the %s twice, under two names; expected one layout in a file."
                          .formatted(file.path(), name, role.displayName()));
                }
              });
    }
    if (found.isEmpty() || (!unknown.isEmpty() && !ignoringUnknown)) {
      throw new IncompatibleModelException(
          "%s has %d names that are not understood, or of no module of the base %s: %s%s. %s"
              .formatted(
                  file.path(),
                  unknown.size(),
                  base,
                  unknown.stream().limit(SHOWN).collect(Collectors.joining(", ")),
                  unknown.size() > SHOWN ? ", ..." : "",
                  found.isEmpty()
                      ? "Use a LoRA made for %s.".formatted(family.name())
                      : "To use the rest of it: Lora.ignoringUnknownKeys() or --lora-ignore-unknown."));
    }
    return new LoraChanges(found, unknown);
  }

  private record Place(Role role, String module) {}

  private Optional<Place> find(ModuleName name) {
    if (name.isSecondText()) {
      return Optional.empty();
    }
    return modules.entrySet().stream()
        .filter(each -> name.component().map(each.getKey()::equals).orElse(true))
        .filter(each -> each.getValue().containsKey(name.spelled()))
        .findFirst()
        .map(each -> new Place(each.getKey(), each.getValue().getOrDefault(name.spelled(), "")));
  }
}
