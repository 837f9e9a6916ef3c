package io.github.controlnet.model;

import io.github.controlnet.Annotators;
import io.github.controlnet.exception.AnnotationException;
import io.github.controlnet.exception.Help;

/**
 * The published weights of an annotator are not in the hub's cache, and nobody named another file.
 * The message says how a Java application gets them: {@link Annotators#download}. Other doors say
 * it in their own words.
 */
public class MissingWeightsException extends AnnotationException {
  private final String annotator;
  private final HubReference weights;
  private final String option;

  /**
   * Creates an exception.
   *
   * @param annotator the annotator's name
   * @param weights the recommended file
   * @param option the annotator's option that names another
   */
  public MissingWeightsException(String annotator, HubReference weights, String option) {
    super(
        Help.MISSING_WEIGHTS.after(
            "The annotator \"%s\" needs the weights %s, which are not in the hub's cache; fetch them with Annotators.download(\"%s\"), or name the file with the option \"%s\"."
                .formatted(annotator, file(weights), weights, option)));
    this.annotator = annotator;
    this.weights = weights;
    this.option = option;
  }

  private static String file(HubReference weights) {
    return weights.file().orElse(weights.toString());
  }

  /**
   * Returns the annotator's name.
   *
   * @return such as {@code hed}
   */
  public String annotator() {
    return annotator;
  }

  /**
   * Returns the recommended file.
   *
   * @return what {@link Annotators#download} fetches
   */
  public HubReference weights() {
    return weights;
  }

  /**
   * Returns the file's name.
   *
   * @return such as {@code ControlNetHED.pth}
   */
  public String file() {
    return file(weights);
  }

  /**
   * Returns the annotator's option that names another file.
   *
   * @return such as {@code model}
   */
  public String option() {
    return option;
  }
}
