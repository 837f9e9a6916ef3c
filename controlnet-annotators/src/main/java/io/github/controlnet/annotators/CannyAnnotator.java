package io.github.controlnet.annotators;

import io.github.controlnet.AnnotationException;
import io.github.controlnet.spi.annotator.Annotation;
import io.github.controlnet.spi.annotator.Annotator;
import java.awt.image.BufferedImage;
import org.opencv.core.CvException;
import org.opencv.core.Mat;
import org.opencv.imgproc.Imgproc;

/** Holds nothing but two numbers, so that closing frees nothing and any thread may call it. */
final class CannyAnnotator implements Annotator {
  private final int low;
  private final int high;

  CannyAnnotator(int low, int high) {
    this.low = low;
    this.high = high;
  }

  @Override
  public Annotation annotate(BufferedImage photo) {
    int width = photo.getWidth();
    int height = photo.getHeight();
    Mat picture = OpenCv.toMat(photo);
    Mat edges = new Mat();
    byte[] levels = new byte[width * height];
    try {
      Imgproc.Canny(picture, edges, low, high);
      edges.get(0, 0, levels);
    } catch (CvException e) {
      throw new AnnotationException(
          "OpenCV found no edges in a picture of %d x %d pixels: %s"
              .formatted(width, height, e.getMessage()),
          e);
    } finally {
      edges.release();
      picture.release();
    }
    return new Annotation(
        OpenCv.greyToImage(levels, width, height, 0),
        OpenCv.greyToImage(levels, width, height, 0xff));
  }
}
