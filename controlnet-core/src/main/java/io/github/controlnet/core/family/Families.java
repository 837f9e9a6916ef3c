package io.github.controlnet.core.family;

import io.github.controlnet.engine.WeightSource;
import io.github.controlnet.exception.WeightsException;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.stream.Collectors;

/** The families that there are. */
public final class Families {
  private static final List<Family> ALL =
      ServiceLoader.load(Family.class, Family.class.getClassLoader()).stream()
          .map(ServiceLoader.Provider::get)
          .toList();

  /** Longer prefixes first, so that a prefix of a prefix does not take its names. */
  private static final List<Section> SECTIONS =
      ALL.stream()
          .flatMap(family -> family.sections().stream())
          .distinct()
          .sorted(Comparator.comparing((Section section) -> section.prefix().length()).reversed())
          .toList();

  /**
   * No family that is known here. What is read of it, is read as most published files are to be
   * read, and fits every base until its sizes tell otherwise.
   */
  public static final Family UNKNOWN =
      new Family() {
        @Override
        public String name() {
          return "an unknown family";
        }

        @Override
        public boolean matches(TensorIndex index) {
          return false;
        }

        @Override
        public List<Section> sections() {
          return SECTIONS;
        }

        @Override
        public Defaults defaults() {
          return LatentDiffusion.DEFAULTS;
        }

        @Override
        public Optional<Recipe> recipe() {
          return Optional.empty();
        }

        @Override
        public boolean fits(Family base) {
          return true;
        }
      };

  private Families() {}

  /**
   * Finds the family of a model.
   *
   * @param index what its files hold
   * @return the family; {@link #UNKNOWN} when none says that it is its
   * @throws WeightsException when several do
   */
  public static Family of(TensorIndex index) {
    List<Family> found = ALL.stream().filter(family -> family.matches(index)).toList();
    if (found.size() > 1) {
      throw new WeightsException(
          "The model may be of several families: %s. Families on the class path must tell their files apart."
              .formatted(names(found)));
    }
    return found.isEmpty() ? UNKNOWN : found.get(0);
  }

  /**
   * Finds the family of a single network.
   *
   * @param weights its weights
   * @return the family; {@link #UNKNOWN} when none says that it is its
   * @throws WeightsException when several do
   */
  public static Family of(WeightSource weights) {
    return of(TensorIndex.of(weights.tensors(), Set.of()));
  }

  /**
   * Returns how single files are made up, of whatever family.
   *
   * @return all sections of all families, those with longer prefixes first
   */
  public static List<Section> sections() {
    return SECTIONS;
  }

  /**
   * Finds a published tiny autoencoder by its name.
   *
   * @param names what its file, folder or repository are called, without endings, the nearest first
   * @return the first that is the name of a family's tiny autoencoder
   */
  public static Optional<String> tinyAutoencoder(Collection<String> names) {
    Set<String> known =
        ALL.stream()
            .flatMap(family -> family.tinyAutoencoder().stream())
            .collect(Collectors.toSet());
    return names.stream()
        .map(name -> name.toLowerCase(Locale.ROOT))
        .filter(known::contains)
        .findFirst();
  }

  /**
   * Names the families that can be run.
   *
   * @return words for a sentence
   */
  public static String runnable() {
    return names(ALL.stream().filter(family -> family.recipe().isPresent()).toList());
  }

  private static String names(List<Family> families) {
    return String.join(" or ", families.stream().map(Family::name).toList());
  }
}
