package io.github.controlnet.annotators.networks;

import io.github.controlnet.core.nn.Graph;
import io.github.controlnet.core.nn.Value;
import io.github.controlnet.engine.WeightSource.TensorInfo;
import java.util.Map;

/**
 * OpenPose's networks of hands and of faces (T. Simon et al., arXiv 1704.07809), of
 * hand_pose_model.pth and facenet.pth: one heat map for each point, the last one of the background.
 *
 * <p>In: B, G, R, each -0.5 to 0.5, sides multiples of 8. Out, at an eighth of the size: heat maps
 * [1, points, rows, columns], 22 of a hand, 71 of a face.
 */
public final class KeypointNetwork implements Architecture {
  private static final int STAGES = 6;

  @Override
  public Graph graph(Map<String, TensorInfo> stored) {
    PictureGraph layers = new PictureGraph();
    PoseLayers pose = new PoseLayers(layers, stored);
    Value features =
        pose.chain(
            pose.vgg(layers.picture(3)), "conv4_3", "conv4_4", "conv5_1", "conv5_2", "conv5_3_CPM");
    Value heat = pose.conv(pose.convRelu(features, "conv6_1_CPM"), "conv6_2_CPM");
    for (int stage = 2; stage <= STAGES; stage++) {
      String ending = "_stage" + stage;
      heat = pose.conv(pose.stage(heat.cat(1, features), ending), "Mconv7" + ending);
    }
    return layers.giving(heat);
  }
}
