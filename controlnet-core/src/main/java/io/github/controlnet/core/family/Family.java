package io.github.controlnet.core.family;

import java.util.List;
import java.util.Optional;

/**
 * All that is particular to a family of base models. Parts of different families do not fit
 * together. Immutable, found through {@link java.util.ServiceLoader}; families tell their files
 * apart, so that no two match the same.
 */
public interface Family {

  /**
   * Returns the name to show to people.
   *
   * @return such as {@code Stable Diffusion 1.x}
   */
  String name();

  /**
   * Tells whether a model is of this family.
   *
   * @param index what its files hold
   * @return by names and shapes alone
   */
  boolean matches(TensorIndex index);

  /**
   * Returns how a single file of the original's layout is made up.
   *
   * @return its sections; prefixes may be those of other families' too
   */
  List<Section> sections();

  /**
   * Returns what neither weights nor configurations tell.
   *
   * @return the values of the models that its authors published
   */
  Defaults defaults();

  /**
   * Returns how it is run.
   *
   * @return empty for a family that is recognised and named, but not run
   */
  Optional<Recipe> recipe();

  /**
   * Returns the published tiny autoencoder that reads the latents of this family.
   *
   * @return its name, as its files begin and as the hub's short name, such as {@code taesd}; empty
   *     when none is known
   */
  default Optional<String> tinyAutoencoder() {
    return Optional.empty();
  }

  /**
   * Tells whether parts of this family may be used with a base of another.
   *
   * @param base the base's family
   * @return whether they are the same
   */
  default boolean fits(Family base) {
    return equals(base);
  }

  /**
   * Returns how the original's single file names a component.
   *
   * @param role the component
   * @return the first of the {@link #sections()} that holds it
   * @throws IllegalArgumentException when there is none
   */
  default Section section(Role role) {
    return sections().stream()
        .filter(section -> section.role().equals(Optional.of(role)))
        .findFirst()
        .orElseThrow(
            () -> new IllegalArgumentException(name() + " has no " + role.displayName() + "."));
  }
}
