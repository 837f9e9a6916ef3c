package io.github.controlnet.core.lora;

import io.github.controlnet.core.family.Family;
import io.github.controlnet.core.family.Role;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What a file of changes holds, for people.
 *
 * @param family of the bases that it is for
 * @param modules how many modules it changes, by component: {@code U-Net}, {@code text encoder},
 *     {@code second text encoder}, {@code unnamed component}
 * @param methods how many modules it changes by each method, such as {@code LoRA}
 * @param ranks the ranks of its products
 * @param alphas the alphas that its tensors tell
 * @param notUnderstood tensors that are of no method that is known here
 */
public record LoraSummary(
    Family family,
    Map<String, Integer> modules,
    Map<String, Integer> methods,
    NavigableSet<Integer> ranks,
    NavigableSet<Double> alphas,
    List<String> notUnderstood) {

  static LoraSummary of(LoraFile file) {
    Map<String, Integer> modules = new TreeMap<>();
    Map<String, Integer> methods = new TreeMap<>();
    NavigableSet<Integer> ranks = new TreeSet<>();
    NavigableSet<Double> alphas = new TreeSet<>();
    for (LoraModule module : file.modules()) {
      ModuleName name = ModuleName.of(module.name());
      String component =
          name.isSecondText()
              ? "second text encoder"
              : name.component().map(Role::displayName).orElse("unnamed component");
      modules.merge(component, 1, Integer::sum);
      methods.merge(module.method(), 1, Integer::sum);
      module.rank().ifPresent(ranks::add);
      module.alpha().ifPresent(alphas::add);
    }
    return new LoraSummary(
        file.family(), modules, methods, ranks, alphas, List.copyOf(file.notUnderstood()));
  }

  /**
   * Describes it.
   *
   * @return sentences such as {@code Changes 192 modules of the U-Net and 72 of the text encoder.}
   */
  public List<String> sentences() {
    List<String> sentences = new ArrayList<>();
    List<String> parts = new ArrayList<>();
    modules.forEach((name, count) -> parts.add("%d of the %s".formatted(count, name)));
    List<String> ways = new ArrayList<>();
    methods.forEach((name, count) -> ways.add("%s (%d)".formatted(name, count)));
    sentences.add(
        "Changes modules: %s; by %s.".formatted(String.join(", ", parts), String.join(", ", ways)));
    if (!ranks.isEmpty()) {
      sentences.add(
          "Rank %s, alpha %s."
              .formatted(shown(ranks), alphas.isEmpty() ? "not told" : shown(alphas)));
    }
    if (!notUnderstood.isEmpty()) {
      sentences.add(
          "%d tensors are not understood, such as %s."
              .formatted(notUnderstood.size(), notUnderstood.get(0)));
    }
    return sentences;
  }

  private static <T extends Comparable<T>> String shown(NavigableSet<T> values) {
    return values.size() <= 3
        ? String.join(", ", values.stream().map(LoraSummary::number).toList())
        : "%s to %s".formatted(number(values.first()), number(values.last()));
  }

  private static String number(Object value) {
    return value.toString().replaceAll("\\.0$", "");
  }
}
