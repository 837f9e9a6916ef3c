package io.github.controlnet.annotators;

import io.github.controlnet.annotator.AnnotatorOption;
import io.github.controlnet.annotator.AnnotatorOptions;
import io.github.controlnet.core.hub.HubOptions;
import io.github.controlnet.core.hub.HuggingFaceHub;
import io.github.controlnet.model.HubReference;
import io.github.controlnet.model.MissingWeightsException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What the annotators with networks have in common: weights, and where they come from. */
abstract class LearnedProvider extends BuiltInProvider {
  /** The option that names the weights file. */
  static final String MODEL = "model";

  private final List<HubReference> weights;

  /**
   * Describes an annotator.
   *
   * @param weights ids of published files, the recommended one first
   * @param options those besides {@code model}
   */
  LearnedProvider(
      String name, String description, List<String> weights, AnnotatorOption... options) {
    super(name, description, withModel(weights, options));
    this.weights = weights.stream().map(HubReference::of).toList();
  }

  private static AnnotatorOption[] withModel(List<String> weights, AnnotatorOption... options) {
    return Stream.concat(
            Stream.of(
                AnnotatorOption.text(
                    MODEL,
                    "",
                    "The weights file; without it, %s in the hub's cache."
                        .formatted(String.join(" or ", weights)))),
            Stream.of(options))
        .toArray(AnnotatorOption[]::new);
  }

  @Override
  public List<HubReference> weights() {
    return weights;
  }

  @Override
  public List<Path> weightsFiles(AnnotatorOptions options) {
    return List.of(file(options));
  }

  /** Whether people see the negative of the map. */
  boolean invertedPreview() {
    return false;
  }

  /** Bytes of memory that a pixel of the photograph needs at the most, roughly. */
  long bytesPerPixel() {
    return 1024;
  }

  /** Bytes of memory that a photograph needs at the most, roughly. */
  long bytes(int width, int height) {
    return Math.multiplyExact((long) width * height, bytesPerPixel());
  }

  /** The least width and height of a photograph. */
  int leastSide() {
    return 1;
  }

  /** The weights file that the user named, or that is in the cache. */
  final Path file(AnnotatorOptions options) {
    return file(options.text(MODEL), MODEL, weights);
  }

  /**
   * Finds a weights file.
   *
   * @param given the value of an option, may be empty
   * @param option its name
   * @param published where the file can be had
   */
  final Path file(String given, String option, List<HubReference> published) {
    if (!given.isEmpty()) {
      return Path.of(given);
    }
    HuggingFaceHub hub = new HuggingFaceHub(HubOptions.fromEnvironment());
    for (HubReference reference : published) {
      Optional<Path> cached = hub.cached(reference);
      if (cached.isPresent()) {
        return cached.get();
      }
    }
    throw new MissingWeightsException(name(), published.get(0), option);
  }
}
