package io.github.controlnet.spi.annotator;

import java.util.List;

/**
 * Tells about an annotator and creates it. Found through {@link java.util.ServiceLoader}; creating
 * the provider must be cheap, since listing annotators creates them all.
 */
public interface AnnotatorProvider {

  /**
   * Returns the name that users type.
   *
   * @return lower case, unique among all annotators, such as {@code canny}
   */
  String name();

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
   * Creates the annotator, loading its weights if it has any.
   *
   * @param options checked values, made by {@link AnnotatorOptions#parse} from {@link #options()}
   * @return the annotator; the caller closes it
   */
  Annotator create(AnnotatorOptions options);
}
