package io.github.controlnet.annotators.edges;

import io.github.controlnet.annotators.raster.MatScope;
import io.github.controlnet.annotators.raster.OpenCv;
import io.github.controlnet.core.torch.FloatTensor;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.opencv.core.CvType;
import org.opencv.core.Mat;
import org.opencv.core.Point;
import org.opencv.core.Scalar;
import org.opencv.imgproc.Imgproc;

/**
 * Reads lines off M-LSD's output: where a middle is likelier than at all eight pixels around, the
 * displacements there lead to both ends.
 *
 * @param score the least likeliness of a line's middle
 * @param distance the least length in pixels of the output
 */
record StraightLines(double score, double distance) {
  private static final int MOST = 200;
  private static final int FACTOR = 2;

  /** A line in pixels of the photograph. */
  record Line(double startX, double startY, double endX, double endY) {}

  private record Middle(int x, int y, float likeliness) {}

  BufferedImage draw(FloatTensor output, int width, int height, MatScope scope) {
    Mat map = scope.keep(Mat.zeros(height, width, CvType.CV_8UC1));
    for (Line line : read(output)) {
      Imgproc.line(
          map,
          new Point((int) line.startX(), (int) line.startY()),
          new Point((int) line.endX(), (int) line.endY()),
          new Scalar(255));
    }
    return OpenCv.toImage(map);
  }

  List<Line> read(FloatTensor output) {
    int rows = output.side(2);
    int columns = output.side(3);
    int plane = rows * columns;
    float[] values = output.values();
    List<Line> lines = new ArrayList<>();
    for (Middle middle : middles(values, rows, columns)) {
      int at = middle.y() * columns + middle.x();
      float startX = values[plane + at];
      float startY = values[2 * plane + at];
      float endX = values[3 * plane + at];
      float endY = values[4 * plane + at];
      float length =
          (float) Math.sqrt((startX - endX) * (startX - endX) + (startY - endY) * (startY - endY));
      if (middle.likeliness() > score && length > distance) {
        lines.add(
            new Line(
                FACTOR * ((double) middle.x() + startX),
                FACTOR * ((double) middle.y() + startY),
                FACTOR * ((double) middle.x() + endX),
                FACTOR * ((double) middle.y() + endY)));
      }
    }
    return lines;
  }

  /** The likeliest, as many as the original reads. */
  private static List<Middle> middles(float[] logits, int rows, int columns) {
    List<Middle> middles = new ArrayList<>();
    for (int y = 0; y < rows; y++) {
      for (int x = 0; x < columns; x++) {
        float likeliness = sigmoid(logits[y * columns + x]);
        if (isGreatest(logits, rows, columns, x, y, likeliness)) {
          middles.add(new Middle(x, y, likeliness));
        }
      }
    }
    middles.sort(Comparator.comparingDouble(Middle::likeliness).reversed());
    return middles.subList(0, Math.min(MOST, middles.size()));
  }

  private static boolean isGreatest(
      float[] logits, int rows, int columns, int x, int y, float likeliness) {
    for (int row = Math.max(0, y - 1); row <= Math.min(rows - 1, y + 1); row++) {
      for (int column = Math.max(0, x - 1); column <= Math.min(columns - 1, x + 1); column++) {
        if (sigmoid(logits[row * columns + column]) > likeliness) {
          return false;
        }
      }
    }
    return true;
  }

  private static float sigmoid(float logit) {
    return (float) (1 / (1 + Math.exp(-logit)));
  }
}
