package io.github.controlnet.annotators.edges;

import io.github.controlnet.annotators.raster.MatScope;
import io.github.controlnet.annotators.raster.Pixels;
import io.github.controlnet.annotators.raster.Planes;
import io.github.controlnet.core.torch.FloatTensor;
import java.awt.image.BufferedImage;
import java.util.List;
import org.opencv.core.Mat;
import org.opencv.core.Size;
import org.opencv.imgproc.Imgproc;

/** Edges of several maps of logits: the logistic function of their mean, as grey. */
final class MeanEdges {
  private MeanEdges() {}

  /**
   * Makes the map.
   *
   * @param maps each [1, 1, rows, columns], of any size
   * @param picture what the network saw
   * @param steps of strength; 0 for all levels
   */
  static BufferedImage of(List<FloatTensor> maps, Mat picture, int steps, MatScope scope) {
    float[] logits = new float[picture.rows() * picture.cols()];
    Mat resized = scope.create();
    for (FloatTensor map : maps) {
      Mat side = scope.keep(Planes.mat(map));
      Imgproc.resize(side, resized, new Size(picture.cols(), picture.rows()));
      float[] values = Planes.values(resized);
      for (int i = 0; i < logits.length; i++) {
        logits[i] += values[i];
      }
    }
    int count = maps.size();
    return Pixels.fill(
        picture.cols(),
        picture.rows(),
        i -> {
          double strength = 1 / (1 + Math.exp(-(double) (logits[i] / count)));
          double shown = steps == 0 ? strength * 255 : SoftEdges.safe(strength, steps) * 255f;
          return Pixels.grey(Planes.level(shown));
        });
  }
}
