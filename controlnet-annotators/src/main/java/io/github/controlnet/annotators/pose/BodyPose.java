package io.github.controlnet.annotators.pose;

import io.github.controlnet.annotators.networks.Architecture;
import io.github.controlnet.annotators.networks.BodyPoseNetwork;
import io.github.controlnet.annotators.raster.MatScope;
import io.github.controlnet.annotators.raster.Planes;
import io.github.controlnet.annotators.support.LoadedNetwork;
import io.github.controlnet.core.torch.FloatTensor;
import java.util.List;
import org.opencv.core.Mat;

/** OpenPose's network of bodies, which sees the picture 184 rows high. */
final class BodyPose {
  static final Architecture NETWORK = new BodyPoseNetwork();

  /** Rows of the picture that the network sees. */
  static final double ROWS = 0.5 * 368;

  private final LoadedNetwork network;

  BodyPose(LoadedNetwork network) {
    this.network = network;
  }

  List<Bodies.Body> find(Mat photo, MatScope scope) {
    double scale = ROWS / photo.rows();
    Mat seen = PoseScaling.resize(photo, photo.rows() * scale, photo.cols() * scale, scope);
    Mat padded = PoseScaling.padded(seen, scope);
    List<FloatTensor> outputs =
        network.run(Planes.bgr(padded, (level, channel) -> PoseScaling.value(level)));
    return Bodies.find(maps(outputs.get(0), seen, photo), maps(outputs.get(1), seen, photo));
  }

  private static HeatMaps maps(FloatTensor output, Mat seen, Mat photo) {
    return new HeatMaps(output, seen.rows(), seen.cols(), photo.rows(), photo.cols());
  }
}
