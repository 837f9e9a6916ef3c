package io.github.controlnet.engine;

/** The network that turns token ids into hidden states: CLIP's text model. */
public interface TextEncoder extends Component {

  /**
   * Encodes texts. May be called by several threads.
   *
   * @param batch the texts
   * @return hidden states [texts, positions, {@link TextEncoderSpec#width()}], after the final
   *     layer norm; numbers of the caller's own
   * @throws IllegalArgumentException when the texts are of different lengths or too long, a token
   *     id is not in the vocabulary, or more layers are skipped than there are
   * @throws io.github.controlnet.exception.EngineException when the weights are not loaded, or
   *     computing fails
   */
  EncodedText encode(TextBatch batch);

  /**
   * Encodes texts in the plain way.
   *
   * @param tokens token ids, [texts][positions]; all rows of one length, at most {@link
   *     TextEncoderSpec#positions()}
   * @return what {@link #encode(TextBatch)} returns for them
   * @throws IllegalArgumentException as there
   * @throws io.github.controlnet.exception.EngineException as there
   */
  default EncodedText encode(int[][] tokens) {
    return encode(TextBatch.of(tokens));
  }
}
