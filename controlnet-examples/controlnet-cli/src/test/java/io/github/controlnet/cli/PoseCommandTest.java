package io.github.controlnet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.controlnet.cli.CommandRunner.Run;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Poses as JSON, in and out, with the real annotators, which draw without weights. */
class PoseCommandTest {
  @TempDir private Path folder;

  private Path pose(String text) throws IOException {
    Path file = folder.resolve("pose.json");
    Files.writeString(file, text);
    return file;
  }

  private Run annotate(String name, Path in, String... more) {
    String[] args = new String[4 + more.length];
    args[0] = "annotate";
    args[1] = name;
    args[2] = in.toString();
    args[3] = folder.resolve("map.png").toString();
    System.arraycopy(more, 0, args, 4, more.length);
    return CommandRunner.run(args);
  }

  @Test
  void posesAreDrawnAndWritten() throws IOException {
    Path in =
        pose(
            "{\"people\":[{\"pose_keypoints_2d\":[0.5,0.25,1%s]}],\"canvas_width\":80,\"canvas_height\":40}"
                .formatted(",0,0,0".repeat(17)));
    Path written = folder.resolve("deep/people.json");
    Run run = annotate("openpose", in, "--json-out", written.toString());
    assertThat(run.code()).as(run.err()).isZero();
    BufferedImage map = ImageIO.read(folder.resolve("map.png").toFile());
    assertThat(map.getWidth()).isEqualTo(80);
    assertThat(map.getHeight()).isEqualTo(40);
    assertThat(map.getRGB(40, 10) & 0xffffff).isEqualTo(0xff0000);
    JsonNode people = new ObjectMapper().readTree(written.toFile()).path("people");
    assertThat(people.get(0).path("pose_keypoints_2d").get(0).doubleValue()).isEqualTo(40);
  }

  @Test
  void malformedPosesAreNamed() throws IOException {
    Run run = annotate("openpose", pose("{\"people\":[],\"canvas_width\":80}"));
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).contains("pose.json").contains("canvas_height is missing");
    assertThat(folder.resolve("map.png")).doesNotExist();
  }

  @Test
  void onlyAnnotatorsOfPosesTakeOrGiveThem() throws IOException {
    Path in = pose("{}");
    assertThat(annotate("canny", in).code()).isEqualTo(2);
    Path picture = folder.resolve("photo.png");
    ImageIO.write(new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB), "png", picture.toFile());
    Run run = annotate("canny", picture, "--json-out", folder.resolve("x.json").toString());
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("canny").contains("no poses");
  }
}
