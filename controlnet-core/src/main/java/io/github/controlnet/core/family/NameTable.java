package io.github.controlnet.core.family;

import java.util.Collection;
import java.util.Map;

/**
 * The names of a component's weights in the original's files and the canonical ones ({@link
 * io.github.controlnet.engine.WeightNames}), both ways: reading and writing share it. Names are
 * without the section's prefix. Immutable.
 */
public interface NameTable {
  /** Knows no names. */
  NameTable NONE =
      new NameTable() {
        @Override
        public boolean recognises(Collection<String> names) {
          return false;
        }

        @Override
        public Map<String, String> canonical(Collection<String> names) {
          return Map.of();
        }

        @Override
        public Map<String, String> original(Collection<String> names) {
          return Map.of();
        }
      };

  /**
   * Tells whether names without any prefix are of this component.
   *
   * @param names all names of a file, original or canonical
   * @return whether they can be of no other component
   */
  boolean recognises(Collection<String> names);

  /**
   * Translates to canonical names.
   *
   * @param names all names of the component in a file, original or canonical
   * @return each with its canonical name; what is left out belongs to no network, such as tables
   *     that are computed. Names that are not known keep theirs, and are noticed later
   */
  Map<String, String> canonical(Collection<String> names);

  /**
   * Translates to the original's names.
   *
   * @param names all canonical names of the component
   * @return each with the original's name
   */
  Map<String, String> original(Collection<String> names);
}
