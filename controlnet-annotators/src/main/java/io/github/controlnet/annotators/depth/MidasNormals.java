package io.github.controlnet.annotators.depth;

import io.github.controlnet.annotators.raster.MatScope;
import io.github.controlnet.annotators.raster.Pixels;
import io.github.controlnet.annotators.raster.Planes;
import java.awt.image.BufferedImage;
import org.opencv.core.CvType;
import org.opencv.core.Mat;
import org.opencv.imgproc.Imgproc;

/**
 * Normals of surfaces from the depth of MiDaS; equal to {@code MidasDetector} of controlnet_aux
 * with {@code depth_and_normal}. Red is towards the camera, blue is along the rows, as the model of
 * ControlNet 1.0 wants it.
 *
 * @param midas tells the depth
 * @param towards the normals' share towards the camera; greater values make the relief flatter
 * @param background what is less near, of 0 to 1, becomes flat
 */
record MidasNormals(Midas midas, float towards, double background) {

  BufferedImage of(Mat photo, MatScope scope) {
    Mat nearness = midas.nearness(photo, scope);
    Mat slope = scope.create();
    Imgproc.Sobel(nearness, slope, CvType.CV_32F, 1, 0, 3);
    float[] along = Planes.values(slope);
    Imgproc.Sobel(nearness, slope, CvType.CV_32F, 0, 1, 3);
    float[] down = Planes.values(slope);
    float[] share = RelativeDepth.share(Planes.values(nearness));
    return Pixels.fill(
        nearness.cols(),
        nearness.rows(),
        i -> {
          boolean flat = share[i] < background;
          float x = flat ? 0 : along[i];
          float y = flat ? 0 : down[i];
          float length = (float) Math.sqrt(x * x + y * y + towards * towards);
          return channel(towards / length) << 16 | channel(y / length) << 8 | channel(x / length);
        });
  }

  private static int channel(float part) {
    return Planes.level(part * 127.5f + 127.5f);
  }
}
