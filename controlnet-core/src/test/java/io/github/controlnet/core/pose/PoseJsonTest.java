package io.github.controlnet.core.pose;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.controlnet.exception.InvalidRequestException;
import io.github.controlnet.pose.Keypoint;
import io.github.controlnet.pose.Person;
import io.github.controlnet.pose.Poses;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PoseJsonTest {
  private static List<Keypoint> body(double x, double y) {
    List<Keypoint> body = new ArrayList<>(Collections.nCopies(18, Keypoint.MISSING));
    body.set(4, Keypoint.at(x, y));
    return body;
  }

  @Test
  void writesTheFormatOfOpenPose() {
    Poses poses =
        new Poses(
            64,
            32,
            List.of(new Person(body(12.5, 7), List.of(), List.of(), List.of(Keypoint.at(3, 4)))));
    assertThat(PoseJson.write(poses))
        .startsWith("{\"people\":[{\"pose_keypoints_2d\":[0.0,0.0,0.0,")
        .contains(",12.5,7.0,1.0,0.0,")
        .endsWith(
            "\"face_keypoints_2d\":[3.0,4.0,1.0],\"hand_left_keypoints_2d\":null,"
                + "\"hand_right_keypoints_2d\":null}],\"canvas_width\":64,\"canvas_height\":32}");
    assertThat(PoseJson.read(PoseJson.write(poses))).isEqualTo(poses);
  }

  @Test
  void readsSharesOfTheCanvas() {
    String numbers = "0,0,0,".repeat(4) + "0.25,0.5,1," + "0,0,0,".repeat(12) + "0,0,0";
    Poses poses =
        PoseJson.read(
            "{\"people\":[{\"pose_keypoints_2d\":[%s]}],\"canvas_width\":64,\"canvas_height\":32}"
                .formatted(numbers));
    assertThat(poses.people().get(0).body()).isEqualTo(body(16, 16));
  }

  /** In the text, ' stands for quotation marks. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'people': | not JSON",
        "[] | the poses is []",
        "{} {} | not JSON",
        "{'people':[],'canvas_height':8} | canvas_width is missing",
        "{'people':[],'canvas_width':0,'canvas_height':8} | canvas_width is 0",
        "{'people':[],'canvas_width':99999,'canvas_height':8} | 99999 x 8",
        "{'canvas_width':8,'canvas_height':8} | people is missing",
        "{'people':[7],'canvas_width':8,'canvas_height':8} | people[0] is 7",
        "{'people':[{'pose_keypoints_2d':[1,2]}],'canvas_width':8,'canvas_height':8} | 2 numbers",
        "{'people':[{'pose_keypoints_2d':[1,2,1]}],'canvas_width':8,'canvas_height':8} | 18 points",
        "{'people':[{'face_keypoints_2d':[1,'a',1]}],'canvas_width':8,'canvas_height':8} | people[0].face_keypoints_2d[1]",
        "{'people':[{'face_keypoints_2d':[1,1,-1]}],'canvas_width':8,'canvas_height':8} | confidence of 0 or more",
      })
  void refusesWhatIsNoPose(String text, String message) {
    assertThatThrownBy(() -> PoseJson.read(text.replace('\'', '"')))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining(message);
  }
}
