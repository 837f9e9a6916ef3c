package io.github.controlnet.core.pipeline.condition;

import io.github.controlnet.Annotators;
import io.github.controlnet.ControlInput;
import io.github.controlnet.annotator.AnnotatorOptions;
import io.github.controlnet.exception.InvalidRequestException;
import io.github.controlnet.spi.AnnotatorProvider;
import java.util.Optional;

/**
 * The annotator of a control input, looked up once.
 *
 * @param provider the annotator
 * @param options its checked options
 */
public record ChosenAnnotator(AnnotatorProvider provider, AnnotatorOptions options) {

  /**
   * Looks up the annotator that an input names.
   *
   * @return empty when the input's picture is a map already
   * @throws io.github.controlnet.exception.ProviderNotFoundException when there is none of that
   *     name
   * @throws InvalidRequestException when it has no such option
   */
  public static Optional<ChosenAnnotator> of(ControlInput input) {
    return input
        .annotator()
        .map(
            name -> {
              AnnotatorProvider provider = Annotators.named(name);
              return new ChosenAnnotator(
                  provider,
                  InvalidRequestException.checking(
                      () -> provider.options(input.annotatorOptions())));
            });
  }
}
