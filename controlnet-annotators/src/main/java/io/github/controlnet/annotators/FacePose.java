package io.github.controlnet.annotators;

import io.github.controlnet.annotators.network.KeypointNetwork;
import io.github.controlnet.core.torch.FloatTensor;
import io.github.controlnet.pose.Keypoint;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.opencv.core.Mat;
import org.opencv.core.Rect;

/** OpenPose's network of faces. */
final class FacePose {
  static final List<String> WEIGHTS = List.of("lllyasviel/Annotators/facenet.pth");

  private static final double SIDE = 384;

  private final Networks.Loaded network;

  FacePose(Networks.Loaded network) {
    this.network = network;
  }

  static FacePose load(Networks networks, Path file) {
    return new FacePose(networks.load(file, UnaryOperator.identity(), new KeypointNetwork()));
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
