package io.github.controlnet.annotators.support;

import io.github.controlnet.annotator.AnnotatorContext;
import io.github.controlnet.annotator.AnnotatorOption;
import io.github.controlnet.annotator.AnnotatorOptions;
import io.github.controlnet.model.HubReference;
import io.github.controlnet.model.MissingWeightsException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * A file that an annotator reads a network from: an option of the annotator, and where it is
 * published.
 *
 * @param optionName the option that names the file
 * @param description what the file is, the start of a sentence
 * @param published ids of files that serve, the recommended one first
 */
public record WeightsFile(String optionName, String description, List<HubReference> published) {
  /** The option of an annotator's one or first network. */
  static final String MODEL = "model";

  /** The file of an annotator's one or first network. */
  public static WeightsFile model(String... published) {
    return of(MODEL, "The weights file", published);
  }

  public static WeightsFile of(String optionName, String description, String... published) {
    return new WeightsFile(
        optionName, description, Arrays.stream(published).map(HubReference::of).toList());
  }

  /** The option as users see it. */
  AnnotatorOption option() {
    return AnnotatorOption.text(
        optionName,
        "",
        "%s; without it, %s in the hub's cache."
            .formatted(
                description,
                String.join(" or ", published.stream().map(HubReference::toString).toList())));
  }

  /**
   * Finds the file that the user named, or else a published one.
   *
   * @param annotator its name, for the message
   * @throws MissingWeightsException when there is none
   */
  Path find(String annotator, AnnotatorOptions options, AnnotatorContext context) {
    String given = options.text(optionName);
    return given.isEmpty()
        ? context
            .find(published)
            .orElseThrow(() -> new MissingWeightsException(annotator, published.get(0), optionName))
        : Path.of(given);
  }
}
