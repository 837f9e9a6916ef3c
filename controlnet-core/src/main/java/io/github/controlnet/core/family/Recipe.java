package io.github.controlnet.core.family;

import io.github.controlnet.engine.Conditioning;
import java.util.OptionalInt;

/**
 * How a family is run: what lies between a request and the networks, and is not the same for all.
 */
public interface Recipe {

  /**
   * Returns how texts are made.
   *
   * @return encoders and how they are joined
   */
  TextRecipe text();

  /**
   * Returns whether models without a tokenizer may take CLIP's, which many a fetched model has.
   *
   * @return the vocabulary that the text encoder must have for it; empty when they may not
   */
  OptionalInt clipVocabulary();

  /**
   * Tells the networks what they want to know besides the text, such as sizes.
   *
   * @param text a conditioning on text alone, with perturbed branches if any
   * @param width of the picture in pixels
   * @param height of the picture in pixels
   * @return the conditioning with it; the same where there is nothing to tell
   */
  default Conditioning complete(Conditioning text, int width, int height) {
    return text;
  }
}
