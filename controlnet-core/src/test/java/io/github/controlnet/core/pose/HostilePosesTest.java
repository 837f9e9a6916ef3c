package io.github.controlnet.core.pose;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.controlnet.exception.InvalidRequestException;
import io.github.controlnet.pose.Keypoint;
import io.github.controlnet.pose.Person;
import io.github.controlnet.pose.Poses;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Poses that would be drawn without end, or could not even be complained about. */
class HostilePosesTest {

  private static String json(String part, int points, String first) {
    return "{\"people\":[{\"%s\":[%s%s]}],\"canvas_width\":64,\"canvas_height\":48}"
        .formatted(part, first, ",1,2,1".repeat(points - 1));
  }

  @ParameterizedTest
  @CsvSource({
    "pose_keypoints_2d, 18, '4294967296,1,1', body",
    "pose_keypoints_2d, 18, '1,-4294967296,1', body",
    "hand_left_keypoints_2d, 21, '1e30,1,1', left hand",
    "hand_right_keypoints_2d, 21, '1,1e300,0.5', right hand",
    "face_keypoints_2d, 70, '-257,1,1', face",
    "pose_keypoints_2d, 18, '1,256.5,1', body"
  })
  void pointsFarOutsideAreRefused(String part, int points, String first, String named) {
    assertThatThrownBy(() -> PoseJson.read(json(part, points, first)))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("person 0 has a point of the " + named)
        .hasMessageContaining("expected coordinates from -256 to 256");
  }

  @ParameterizedTest
  @ValueSource(strings = {"4294967296,1,0", "-10,60,1", "256,-256,1", "63.5,47.5,0.2"})
  void pointsThatWereNotFoundOrAreNearAreKept(String first) {
    assertThat(PoseJson.read(json("pose_keypoints_2d", 18, first)).people()).hasSize(1);
  }

  @Test
  void posesMadeInJavaAreCheckedTheSameWay() {
    Person person =
        new Person(Collections.nCopies(18, Keypoint.at(1e12, 0)), List.of(), List.of(), List.of());
    assertThatThrownBy(() -> new Poses(64, 64, List.of(person)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("far outside the canvas");
  }

  @ParameterizedTest
  @ValueSource(ints = {9, 100, 900, 998, 1200, 5000})
  void nestedListsAreNamedNotWritten(int depth) {
    String nested = "[".repeat(depth) + "]".repeat(depth);
    for (String text :
        List.of(
            "{\"people\":" + nested + ",\"canvas_width\":64,\"canvas_height\":64}",
            "{\"people\":[{\"pose_keypoints_2d\":"
                + nested
                + "}],\"canvas_width\":6,\"canvas_height\":6}",
            "{\"people\":[],\"canvas_width\":" + nested + ",\"canvas_height\":64}",
            nested)) {
      assertThatThrownBy(() -> PoseJson.read(text))
          .isInstanceOf(InvalidRequestException.class)
          .hasMessageContaining("The poses are not");
    }
  }

  @Test
  void aByteOrderMarkIsNoPartOfTheText() {
    String text = "\uFEFF" + json("pose_keypoints_2d", 18, "1,2,1");
    assertThat(PoseJson.read(text).people()).hasSize(1);
  }
}
