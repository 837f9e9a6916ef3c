package io.github.controlnet.annotator;

import io.github.controlnet.progress.CancellationToken;
import io.github.controlnet.spi.AnnotatorProvider;
import java.awt.image.BufferedImage;

/**
 * Turns photographs into control maps. One object serves many threads and gives the same map for
 * the same photograph, always.
 */
public interface Annotator extends AutoCloseable {

  /**
   * Makes the control map of a photograph.
   *
   * @param photo 8-bit RGB ({@link BufferedImage#TYPE_INT_RGB}), already at the detect resolution;
   *     not to be changed
   * @return the map, of the same size as the photograph unless {@link AnnotatorProvider#keepsSize}
   *     is false; both images are {@link BufferedImage#TYPE_INT_RGB}
   * @throws io.github.controlnet.exception.AnnotationException when the photograph cannot be used,
   *     for one, because it is too small
   */
  Annotation annotate(BufferedImage photo);

  /**
   * Makes the control map of a photograph unless somebody cancels it. Annotators that take long
   * look at the token between two of their steps.
   *
   * @param photo as for {@link #annotate(BufferedImage)}
   * @param cancellation asks to end
   * @return by default the map, whoever cancels meanwhile
   * @throws io.github.controlnet.exception.GenerationCancelledException when it was cancelled
   * @throws io.github.controlnet.exception.AnnotationException when the photograph cannot be used
   */
  default Annotation annotate(BufferedImage photo, CancellationToken cancellation) {
    return annotate(photo);
  }

  /**
   * Frees what the annotator holds. Closing twice does nothing. Afterwards, {@link
   * #annotate(BufferedImage)} throws an {@link io.github.controlnet.exception.AnnotationException}
   * that says it is closed; an annotator that holds nothing may go on working.
   */
  @Override
  default void close() {}
}
