package io.github.controlnet.core.lora;

import io.github.controlnet.core.family.Role;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What a file changes in a base: weights by their canonical names. Ends with the file. */
public final class LoraChanges {
  private final Map<Role, Map<String, Change>> changes;
  private final List<String> ignored;

  LoraChanges(Map<Role, Map<String, Change>> changes, List<String> ignored) {
    this.changes = new EnumMap<>(Role.class);
    changes.forEach((role, weights) -> this.changes.put(role, Map.copyOf(weights)));
    this.ignored = List.copyOf(ignored);
  }

  /** What is changed of a component. */
  Map<String, Change> of(Role role) {
    return changes.getOrDefault(role, Map.of());
  }

  /**
   * Returns which weights of a component are changed.
   *
   * @param role the component
   * @return canonical names
   */
  public Set<String> weights(Role role) {
    return Collections.unmodifiableSet(of(role).keySet());
  }

  /**
   * Returns what is left out of the file.
   *
   * @return names in the file; empty unless unknown ones are ignored
   */
  public List<String> ignored() {
    return ignored;
  }
}
