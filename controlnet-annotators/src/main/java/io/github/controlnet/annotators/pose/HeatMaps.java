package io.github.controlnet.annotators.pose;

import io.github.controlnet.annotators.raster.MatScope;
import io.github.controlnet.annotators.raster.Planes;
import io.github.controlnet.core.torch.FloatTensor;
import java.util.Arrays;
import org.opencv.core.Mat;

/**
 * A network's output, brought to the size of the picture one channel after another, so that large
 * pictures need the memory of one.
 *
 * @param output [1, channels, rows / 8, columns / 8]
 * @param usedRows rows of the network's picture that are not filling
 * @param usedColumns columns that are not filling
 * @param rows of the result
 * @param columns of the result
 */
record HeatMaps(FloatTensor output, int usedRows, int usedColumns, int rows, int columns) {

  /** One channel, row by row. */
  float[] channel(int channel) {
    int smallRows = output.side(2);
    int smallColumns = output.side(3);
    int plane = smallRows * smallColumns;
    try (MatScope scope = new MatScope()) {
      Mat small =
          scope.keep(
              Planes.mat(
                  Arrays.copyOfRange(output.values(), channel * plane, (channel + 1) * plane),
                  smallRows,
                  smallColumns));
      double stride = PoseScaling.STRIDE;
      Mat large = PoseScaling.resize(small, smallRows * stride, smallColumns * stride, scope);
      Mat used = scope.keep(large.submat(0, usedRows, 0, usedColumns));
      return Planes.values(PoseScaling.resize(used, rows, columns, scope));
    }
  }
}
