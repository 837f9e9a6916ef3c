package io.github.controlnet.annotators.pose;

import io.github.controlnet.annotators.networks.Architecture;
import io.github.controlnet.annotators.networks.KeypointNetwork;
import io.github.controlnet.annotators.raster.MatScope;
import io.github.controlnet.annotators.raster.Planes;
import io.github.controlnet.annotators.support.LoadedNetwork;
import io.github.controlnet.core.torch.FloatTensor;
import io.github.controlnet.pose.Keypoint;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.opencv.core.Mat;
import org.opencv.core.Rect;
import org.opencv.core.Size;
import org.opencv.imgproc.Imgproc;

/** OpenPose's network of hands, which sees a hand at four scales. */
final class HandPose {
  static final Architecture NETWORK = new KeypointNetwork();

  private static final double[] SIDES = {0.5 * 368, 368, 1.5 * 368, 2 * 368};
  private static final double BLUR = 0.8;

  private final LoadedNetwork network;

  HandPose(LoadedNetwork network) {
    this.network = network;
  }

  /**
   * Finds the points of one hand.
   *
   * @param photo the whole picture
   * @param place the square around the hand
   */
  List<Keypoint> find(Mat photo, Rect place) {
    double[][] maps = new double[Hands.POINTS][Hands.SIDE * Hands.SIDE];
    try (MatScope scope = new MatScope()) {
      Mat part = scope.keep(photo.submat(place));
      Mat blurred = scope.create();
      // a copy, since a part is blurred with what lies around it
      Imgproc.GaussianBlur(scope.keep(part.clone()), blurred, new Size(0, 0), BLUR);
      for (double side : SIDES) {
        add(maps, blurred, side);
      }
    }
    List<Keypoint> points = new ArrayList<>();
    for (double[] map : maps) {
      int @Nullable [] peak = Hands.peak(map);
      points.add(
          peak == null
              ? Keypoint.MISSING
              : PosePoints.inPart(
                  (int) ((double) peak[1] * place.width / Hands.SIDE),
                  (int) ((double) peak[0] * place.height / Hands.SIDE),
                  place,
                  photo));
    }
    return points;
  }

  private void add(double[][] maps, Mat hand, double side) {
    try (MatScope scope = new MatScope()) {
      Mat seen = PoseScaling.resize(hand, side, side, scope);
      Mat padded = PoseScaling.padded(seen, scope);
      FloatTensor output =
          network.run(Planes.bgr(padded, (level, channel) -> PoseScaling.value(level))).get(0);
      HeatMaps heat = new HeatMaps(output, seen.rows(), seen.cols(), Hands.SIDE, Hands.SIDE);
      for (int point = 0; point < maps.length; point++) {
        float[] values = heat.channel(point);
        for (int i = 0; i < values.length; i++) {
          maps[point][i] += values[i] / SIDES.length;
        }
      }
    }
  }
}
