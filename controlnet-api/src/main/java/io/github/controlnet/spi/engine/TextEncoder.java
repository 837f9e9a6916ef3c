package io.github.controlnet.spi.engine;

/** The network that turns token ids into text states: CLIP's text model. */
public interface TextEncoder extends Component {

  /**
   * Encodes texts.
   *
   * @param tokens token ids, [texts][positions]; all rows of one length, at most {@link
   *     TextEncoderArchitecture#positions()}
   * @return text states [texts, positions, width], after the final layer norm; the caller closes
   *     them
   */
  TextStates encode(int[][] tokens);
}
