package io.github.controlnet.spi.engine;

import io.github.controlnet.InvalidRequestException;

/** The network that turns token ids into text states: CLIP's text model. */
public interface TextEncoder extends Component {

  /**
   * Encodes texts.
   *
   * @param tokens token ids, [texts][positions]; all rows of one length, at most {@link
   *     TextEncoderSpec#positions()}
   * @return text states [texts, positions, width], after the final layer norm; the caller closes
   *     them
   */
  TextStates encode(int[][] tokens);

  /**
   * Encodes texts with layers left out or token embeddings replaced. An engine that does not
   * override this has no clip skip and no textual inversion.
   *
   * @param batch the texts
   * @return text states [texts, positions, width], after the final layer norm; the caller closes
   *     them
   * @throws InvalidRequestException when the batch is not plain and the engine cannot do it
   */
  default TextStates encode(TextBatch batch) {
    if (batch.isPlain()) {
      return encode(batch.tokens());
    }
    throw new InvalidRequestException(
        "This engine has neither clip skip nor textual inversion; leave them out, or use the engine pytorch.");
  }

  /**
   * Takes in text states that were computed elsewhere, such as weighted ones. An engine that does
   * not override this has no prompt weights and no prompts longer than its text encoder.
   *
   * @param values the states, [texts, positions, width], row-major; there may be more positions
   *     than the encoder takes
   * @param texts how many texts
   * @return text states; the caller closes them
   * @throws InvalidRequestException when the engine cannot do it
   */
  default TextStates states(float[] values, int texts) {
    throw new InvalidRequestException(
        "This engine takes no text states from outside, which weighted and long prompts need; use the engine pytorch.");
  }
}
