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

/** OpenPose's network of faces. */
final class FacePose {
  static final Architecture NETWORK = new KeypointNetwork();

  private static final double SIDE = 384;

  private final LoadedNetwork network;

  FacePose(LoadedNetwork network) {
    this.network = network;
  }

  /**
   * Finds the points of one face; points that are not found are left out, and the background counts
   * as a point, as in the original.
   *
   * @param photo the whole picture
   * @param place the part with the face
   */
  List<Keypoint> find(Mat photo, Rect place) {
    FloatTensor output;
    try (MatScope scope = new MatScope()) {
      Mat face = scope.keep(photo.submat(place));
      Mat seen = PoseScaling.resize(face, SIDE, SIDE, scope);
      output = network.run(Planes.bgr(seen, (level, channel) -> PoseScaling.value(level))).get(0);
    }
    List<Keypoint> points = new ArrayList<>();
    for (int channel = 0; channel < output.side(1); channel++) {
      int @Nullable [] peak = Faces.peak(output, channel, place.height, place.width);
      if (peak != null) {
        points.add(PosePoints.inPart(peak[1], peak[0], place, photo));
      }
    }
    return points;
  }
}
