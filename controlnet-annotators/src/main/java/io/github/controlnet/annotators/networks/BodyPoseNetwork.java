package io.github.controlnet.annotators.networks;

import io.github.controlnet.core.nn.Graph;
import io.github.controlnet.core.nn.Value;
import io.github.controlnet.engine.WeightSource.TensorInfo;
import java.util.Map;

/**
 * OpenPose's network of bodies (Z. Cao et al., arXiv 1812.08008, the COCO model of 18 points), of
 * body_pose_model.pth.
 *
 * <p>In: B, G, R, each -0.5 to 0.5, sides multiples of 8. Out, at an eighth of the size: part
 * affinity fields [1, 38, rows, columns], and heat maps [1, 19, rows, columns], the last one of the
 * background.
 */
public final class BodyPoseNetwork implements Architecture {
  private static final int STAGES = 6;

  @Override
  public Graph graph(Map<String, TensorInfo> stored) {
    PictureGraph layers = new PictureGraph();
    PoseLayers pose = new PoseLayers(layers, stored);
    Value features = pose.chain(pose.vgg(layers.picture(3)), "conv4_3_CPM", "conv4_4_CPM");
    Value fields = first(pose, features, "_CPM_L1");
    Value heat = first(pose, features, "_CPM_L2");
    for (int stage = 2; stage <= STAGES; stage++) {
      Value all = fields.cat(1, heat, features);
      String ending = "_stage" + stage;
      fields = pose.conv(pose.stage(all, ending + "_L1"), "Mconv7" + ending + "_L1");
      heat = pose.conv(pose.stage(all, ending + "_L2"), "Mconv7" + ending + "_L2");
    }
    // the published port of the network has this activation after its last stage alone
    return layers.giving(fields, heat.relu());
  }

  private static Value first(PoseLayers pose, Value features, String ending) {
    Value h =
        pose.chain(
            features,
            "conv5_1" + ending,
            "conv5_2" + ending,
            "conv5_3" + ending,
            "conv5_4" + ending);
    return pose.conv(h, "conv5_5" + ending);
  }
}
