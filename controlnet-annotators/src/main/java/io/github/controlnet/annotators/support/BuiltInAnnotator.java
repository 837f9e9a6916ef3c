package io.github.controlnet.annotators.support;

import io.github.controlnet.annotator.Annotation;
import io.github.controlnet.annotator.Annotator;
import io.github.controlnet.annotators.raster.MatScope;
import io.github.controlnet.annotators.raster.OpenCv;
import io.github.controlnet.exception.AnnotationException;
import io.github.controlnet.progress.CancellationToken;
import java.awt.image.BufferedImage;
import org.opencv.core.CvException;

/**
 * Annotates by OpenCV and networks. The networks compute one picture after another, whoever calls;
 * besides them it holds no native memory between calls.
 */
final class BuiltInAnnotator implements Annotator {
  private final String name;
  private final PhotoLimits limits;
  private final Networks networks;
  private final Work work;

  /**
   * Takes the networks over.
   *
   * @param name of the annotator, for messages
   */
  BuiltInAnnotator(String name, PhotoLimits limits, Networks networks, Work work) {
    this.name = name;
    this.limits = limits;
    this.networks = networks;
    this.work = work;
  }

  @Override
  public Annotation annotate(BufferedImage photo) {
    return annotate(photo, new CancellationToken());
  }

  @Override
  public Annotation annotate(BufferedImage photo, CancellationToken cancellation) {
    limits.check(name, photo.getWidth(), photo.getHeight());
    return networks.whole(() -> work(photo, cancellation));
  }

  private Annotation work(BufferedImage photo, CancellationToken cancellation) {
    try (MatScope scope = new MatScope(cancellation)) {
      scope.checkCancelled();
      return work.annotate(scope.keep(OpenCv.toMat(photo)), scope);
    } catch (CvException e) {
      throw new AnnotationException(
          "OpenCV could not make the map \"%s\" of a picture of %d x %d pixels: %s"
              .formatted(name, photo.getWidth(), photo.getHeight(), e.getMessage()),
          e);
    }
  }

  @Override
  public void close() {
    networks.close();
  }
}
