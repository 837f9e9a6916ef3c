package io.github.controlnet.spi;

import io.github.controlnet.annotator.Annotator;
import io.github.controlnet.annotator.AnnotatorContext;
import io.github.controlnet.annotator.AnnotatorOption;
import io.github.controlnet.annotator.AnnotatorOptions;
import io.github.controlnet.image.Resampling;
import io.github.controlnet.model.HubReference;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Tells about an annotator and creates it. Found through {@link java.util.ServiceLoader}, by itself
 * or in an {@link AnnotatorCatalog}; creating the provider must be cheap, since listing annotators
 * creates them all.
 */
public interface AnnotatorProvider {

  /**
   * Returns the name that users type.
   *
   * @return lower case, unique among all annotators, such as {@code canny}
   */
  String name();

  /**
   * Returns the names that users of other programs know it by, such as {@code softedge_hed}; each
   * is accepted wherever the name is. Between annotators with the same other name, none is chosen.
   *
   * @return may be empty
   */
  default List<String> aliases() {
    return List.of();
  }

  /**
   * Returns one sentence for lists.
   *
   * @return what the map shows
   */
  String description();

  /**
   * Returns the options, with types, defaults and ranges.
   *
   * @return may be empty
   */
  List<AnnotatorOption> options();

  /**
   * Checks values that a user gave for the options and fills in the defaults.
   *
   * @param given values as text, by the option's name
   * @return a value for every option
   * @throws IllegalArgumentException when a name is unknown or a value is not legal
   */
  default AnnotatorOptions options(Map<String, String> given) {
    return AnnotatorOptions.parse(name(), options(), given);
  }

  /**
   * Names the published weights that the annotator can use. The option {@code model} takes the path
   * of one of them; without it, {@link AnnotatorContext#find} tells which is used. An annotator
   * with several networks has an option for each, whose description names the files that it takes.
   *
   * @return files on the Hugging Face hub, the recommended ones first; empty when the annotator
   *     needs no weights
   */
  default List<HubReference> weights() {
    return List.of();
  }

  /**
   * Returns the weights files that an annotator with these options reads. Kept maps depend on what
   * is in them.
   *
   * @param options checked values
   * @param context where published weights come from
   * @return by default the files that options of type {@link AnnotatorOption.Type#TEXT} name
   */
  default List<Path> weightsFiles(AnnotatorOptions options, AnnotatorContext context) {
    return options().stream()
        .filter(option -> option.type() == AnnotatorOption.Type.TEXT)
        .map(option -> options.text(option.name()))
        .flatMap(text -> file(text).stream())
        .toList();
  }

  private static Optional<Path> file(String text) {
    try {
      return Optional.of(Path.of(text)).filter(Files::isRegularFile);
    } catch (InvalidPathException e) {
      return Optional.empty();
    }
  }

  /**
   * Names the control models that the maps are made for, value range and channel order included.
   *
   * @return published names, such as {@code control_v11p_sd15_canny}; may be empty
   */
  default List<String> controls() {
    return List.of();
  }

  /**
   * Tells how a map is brought to the size of a generation that differs from its own.
   *
   * @return bilinear by default, as ControlNet 1.1 does; nearest where colours are labels, since a
   *     mixture of two would be a third
   */
  default Resampling resampling() {
    return Resampling.BILINEAR;
  }

  /**
   * Tells whether maps have the size of their photographs. A map of another size from an annotator
   * that says they have is refused.
   *
   * @return true by default
   */
  default boolean keepsSize() {
    return true;
  }

  /**
   * Creates the annotator, loading its weights if it has any. Called by any thread; the annotators
   * of several calls have nothing to do with each other.
   *
   * @param options checked values, made by {@link #options(Map)}
   * @param context the device and the threads to compute with, and where published weights come
   *     from; an annotator without networks needs none of it
   * @return the annotator; the caller closes it
   * @throws io.github.controlnet.exception.AnnotationException when it cannot be had here; the
   *     message says what is missing
   * @throws io.github.controlnet.exception.WeightsException when weights cannot be read
   */
  Annotator create(AnnotatorOptions options, AnnotatorContext context);
}
