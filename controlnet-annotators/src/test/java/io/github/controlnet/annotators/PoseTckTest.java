package io.github.controlnet.annotators;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Nested;

/**
 * The test kit on the annotators of poses, with narrow networks that find people; they find no
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
