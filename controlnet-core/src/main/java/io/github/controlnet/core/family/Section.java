package io.github.controlnet.core.family;

import java.util.Optional;

/**
 * The tensors of a single file whose names begin alike.
 *
 * @param prefix how they begin, up to and with a dot
 * @param role the component that they are; empty for one that is not read
 * @param label what to call them when they are not read
 * @param names their names behind the prefix
 */
public record Section(String prefix, Optional<Role> role, String label, NameTable names) {

  /**
   * Describes a component.
   *
   * @param prefix how its names begin
   * @param role which it is
   * @param names its names behind the prefix
   * @return the section
   */
  public static Section of(String prefix, Role role, NameTable names) {
    return new Section(prefix, Optional.of(role), role.displayName(), names);
  }

  /**
   * Describes what is recognised and not read.
   *
   * @param prefix how its names begin
   * @param label what to call it
   * @return the section
   */
  public static Section unread(String prefix, String label) {
    return new Section(prefix, Optional.empty(), label, NameTable.NONE);
  }
}
