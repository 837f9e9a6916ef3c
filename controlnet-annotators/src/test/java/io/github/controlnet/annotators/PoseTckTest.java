package io.github.controlnet.annotators;

import io.github.controlnet.tck.AnnotatorTck;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Nested;

/**
 * The test kit on the annotators of poses, with small networks that find people; OpenPose's find no
 * noses in the kit's photographs, so openpose_faceonly, whose maps would all be black, is not here.
 */
class PoseTckTest {
  private static final String HANDS = "hand_model";
  private static final String FACES = "face_model";

  /** The kit with weights of hands or faces. */
  abstract static class PoseTck extends LearnedTck {
    PoseTck(String name, Map<String, String> parts) {
      super(name, "openpose_narrow", files(parts));
    }

    private static Map<String, String> files(Map<String, String> parts) {
      Map<String, String> files = new HashMap<>();
      parts.forEach((option, weights) -> files.put(option, RandomWeights.file(weights).toString()));
      return files;
    }
  }

  @Nested
  class DwOpenposeFull extends AnnotatorTck {
    @Override
    protected String annotatorName() {
      return "dw_openpose_full";
    }

    @Override
    protected Map<String, String> annotatorOptions() {
      return Map.of(
          "model", Resources.path("learned/dwpose-points.onnx").toString(),
          "detector_model", Resources.path("learned/dwpose-boxes.onnx").toString());
    }
  }

  @Nested
  class FaceOutline extends AnnotatorTck {
    @Override
    protected String annotatorName() {
      return "face_outline";
    }

    @Override
    protected Map<String, String> annotatorOptions() {
      return Map.of("landmarks", Resources.path("face.json").toString());
    }

    @Override
    protected boolean mapDependsOnThePhoto() {
      return false;
    }
  }

  @Nested
  class Openpose extends PoseTck {
    Openpose() {
      super("openpose", Map.of());
    }
  }

  @Nested
  class OpenposeHand extends PoseTck {
    OpenposeHand() {
      super("openpose_hand", Map.of(HANDS, "openpose_hand_narrow"));
    }
  }

  @Nested
  class OpenposeFace extends PoseTck {
    OpenposeFace() {
      super("openpose_face", Map.of(FACES, "openpose_face_narrow"));
    }
  }

  @Nested
  class OpenposeFull extends PoseTck {
    OpenposeFull() {
      super("openpose_full", Map.of(HANDS, "openpose_hand_narrow", FACES, "openpose_face_narrow"));
    }
  }
}
