package io.github.controlnet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.controlnet.cli.CommandRunner.Run;
import io.github.controlnet.core.provenance.PngText;
import io.github.controlnet.image.Images;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code generate --request}, with the bundled model and nothing pretended. */
class RequestFileCommandTest {
  @TempDir private Path folder;

  private Run generate(String... more) {
    List<String> args = new ArrayList<>(List.of("generate", "--output"));
    args.add(folder.resolve("out").toString());
    args.addAll(List.of(more));
    return CommandRunner.run(args.toArray(String[]::new));
  }

  private Path request(String json) throws IOException {
    Files.copy(
        Demonstration.bundled().photograph(),
        folder.resolve("photo.jpg"),
        java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    return Files.writeString(folder.resolve("request.json"), json.replace('\'', '"'));
  }

  private static BufferedImage picture(Run run) {
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.outLines()).hasSize(1);
    return Images.read(Path.of(run.outLines().get(0)));
  }

  private static int[] pixels(BufferedImage image) {
    return image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth());
  }

  @Test
  void aFileAndOptionsMakeTheSamePicture() throws IOException {
    Path file =
        request(
            """
            {'prompt': 'a bird', 'negativePrompt': 'bad', 'steps': 2, 'seed': 7, 'sampler': 'euler_ancestral',
             'imageResolution': 64, 'guidance': {'scale': '9..3', 'rescale': 0.5},
             'controls': [{'image': 'photo.jpg', 'annotator': 'canny',
               'annotatorOptions': {'low': 60}, 'scale': 0.8, 'end': 0.6, 'mode': 'control'}]}
            """);
    BufferedImage asked = picture(generate("--request", file.toString()));
    BufferedImage typed =
        picture(
            generate(
                "--prompt",
                "a bird",
                "--negative-prompt",
                "bad",
                "--steps",
                "2",
                "--seed",
                "7",
                "--sampler",
                "euler_ancestral",
                "--image-resolution",
                "64",
                "--guidance-schedule",
                "9..3",
                "--guidance-rescale",
                "0.5",
                "--control-image",
                folder.resolve("photo.jpg").toString(),
                "--annotator-option",
                "low=60",
                "--control-scale",
                "0.8",
                "--control-end",
                "0.6",
                "--control-mode",
                "control"));
    assertThat(pixels(asked)).isEqualTo(pixels(typed));
    // Numbered as a page does it.
    Path numbered =
        request(Files.readString(file).replace("\"scale\": 0.8", "\"scale\": 0.8, \"model\": 0"));
    assertThat(pixels(picture(generate("--request", numbered.toString()))))
        .isEqualTo(pixels(typed));
  }

  @Test
  void optionsBesideAFileChangeIt() throws IOException {
    Path file = request("{'prompt': 'a bird', 'steps': 9, 'seed': 7, 'imageResolution': 64}");
    Run run = generate("--request", file.toString(), "--steps", "1", "--negative-prompt", "bad");
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(PngText.read(Files.readAllBytes(Path.of(run.outLines().get(0)))).get("parameters"))
        .startsWith("a bird\nNegative prompt: bad\nSteps: 1, Sampler: DDIM, CFG scale: 9, Seed: 7")
        .contains("Size: 64x64")
        .doesNotContain("ControlNet 0");
  }

  @Test
  void whatIsWrongIsNamed() throws IOException {
    assertThat(generate("--request", "no-such.json").err()).contains("no file no-such.json");
    assertRefused("{'stepps': 3}", "stepps", "did you mean \"steps\"");
    assertRefused("{'steps': 0}", "steps: The number of steps is 0");
    assertRefused("{'init': {'image': 'gone.png'}}", "init.image", "gone.png");
    assertRefused("{'controls': [{'image': 'photo.jpg', 'model': 4}]}", "controls[0].model", "4");
    assertRefused("{", "is no JSON", "line 1");
    Run both = generate("--request", request("{}").toString(), "--from", "x.png");
    assertThat(both.code()).isEqualTo(2);
    assertThat(both.err()).contains("--from and --request");
    Run sized =
        generate("--request", request("{'width': 64}").toString(), "--image-resolution", "64");
    assertThat(sized.code()).isEqualTo(2);
    assertThat(sized.err()).contains("What --request names tells its size");
  }

  private void assertRefused(String json, String... words) throws IOException {
    Run run = generate("--request", request(json).toString());
    assertThat(run.code()).as(run.err()).isEqualTo(1);
    assertThat(run.err()).contains("--request").contains(words);
    assertThat(run.err().strip().lines()).hasSize(1);
  }
}
