package io.github.controlnet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.controlnet.cli.CommandRunner.Run;
import io.github.controlnet.core.provenance.PngText;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code generate --from}, with the bundled model and nothing pretended. */
class FromPictureTest {
  @TempDir private Path folder;

  private Run generate(String output, String... more) {
    List<String> args = new ArrayList<>(List.of("generate", "--output"));
    args.add(folder.resolve(output).toString());
    args.addAll(List.of(more));
    return CommandRunner.run(args.toArray(String[]::new));
  }

  private static Path only(Run run) {
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.outLines()).hasSize(1);
    return Path.of(run.outLines().get(0));
  }

  @Test
  void aPictureOfABatchIsMadeAgainInEveryBit() throws IOException {
    Run first =
        generate(
            "first",
            "--steps",
            "2",
            "--image-resolution",
            "64",
            "--images",
            "2",
            "--seed",
            "7",
            "--sampler",
            "euler_ancestral",
            "--annotator-option",
            "low=60",
            "--control-scale",
            "0.8",
            "--control-end",
            "0.6",
            "--guess-mode",
            "--prompt",
            "a bird \u732b",
            "--added-prompt",
            "best",
            "--negative-prompt",
            "bad");
    assertThat(first.code()).as(first.err()).isZero();
    Path second = Path.of(first.outLines().get(1));
    Run again = generate("again", "--from", second.toString());
    assertThat(again.err()).contains("are those of the recorded run");
    assertThat(again.err()).doesNotContain("not taken");
    Path picture = only(again);
    assertThat(picture).hasFileName(second.getFileName().toString());
    assertSamePixels(picture, second);
    // Made again from the one that was made again: who made the map is still known.
    assertThat(PngText.read(Files.readAllBytes(picture)).get("parameters"))
        .contains("Module: canny", "Module low: 60");
    Path third = only(generate("third", "--from", picture.toString()));
    assertThat(third).hasSameBinaryContentAs(picture);

    Path other =
        only(generate("other", "--from", second.toString(), "--prompt", "a cat", "--steps", "1"));
    assertThat(PngText.read(Files.readAllBytes(other)).get("parameters"))
        .startsWith("a cat, best\nNegative prompt: bad\nSteps: 1, Sampler: Euler a,");
  }

  private static void assertSamePixels(Path one, Path other) throws IOException {
    BufferedImage a = ImageIO.read(one.toFile());
    BufferedImage b = ImageIO.read(other.toFile());
    assertThat(a.getRGB(0, 0, a.getWidth(), a.getHeight(), null, 0, a.getWidth()))
        .isEqualTo(b.getRGB(0, 0, b.getWidth(), b.getHeight(), null, 0, b.getWidth()));
  }

  @Test
  void whatTheWebUiWroteIsTakenAndTheRestIsSaid() throws IOException {
    Path file = folder.resolve("web.png");
    Files.write(
        file,
        PngText.encode(
            new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB),
            Map.of(
                "parameters",
                "a house\nSteps: 1, Sampler: Euler a, CFG scale: 5, Seed: 3, Size: 64x64, Hires upscale: 2\nTemplate: b")));
    Run run = generate("web", "--from", file.toString(), "--control-image", photograph());
    Path picture = only(run);
    assertThat(run.err()).containsOnlyOnce("not taken: Hires upscale: 2; Template: b");
    assertThat(PngText.read(Files.readAllBytes(picture)).get("parameters"))
        .startsWith("a house\nSteps: 1, Sampler: Euler a, CFG scale: 5, Seed: 3, Size: 64x64");
  }

  @Test
  void nothingIsAddedToWhatAPictureTells() throws IOException {
    Path file = folder.resolve("plain.png");
    Files.write(
        file,
        PngText.encode(
            new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB),
            Map.of(
                "parameters",
                "a house <lora:x:1>\nSteps: 1, Sampler: Euler a, CFG scale: 5, Seed: -5, Size: 64x64")));
    Run run = generate("plain", "--from", file.toString(), "--seed", "4");
    assertThat(run.err()).contains("not taken: prompt: <lora:x:1>").contains("Seed: -5");
    assertThat(PngText.read(Files.readAllBytes(only(run))).get("parameters"))
        .startsWith("a house\nSteps: 1")
        .doesNotContain("ControlNet 0");
  }

  @Test
  void aPromptThatIsNotReadIsAskedFor() throws IOException {
    Path file = folder.resolve("comfy.png");
    Files.write(
        file,
        PngText.encode(
            new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB),
            Map.of(
                "prompt",
                """
                {"1": {"class_type": "KSampler", "inputs": {"seed": 4, "steps": 1, "cfg": 3,
                   "sampler_name": "euler", "scheduler": "karras", "positive": ["2", 0],
                   "negative": ["3", 0], "latent_image": ["5", 0]}},
                 "2": {"class_type": "Oracle", "inputs": {"question": "?", "mood": 3}},
                 "3": {"class_type": "CLIPTextEncode", "inputs": {"text": "bad", "clip": ["9", 1]}},
                 "5": {"class_type": "EmptyLatentImage", "inputs": {"width": 64, "height": 64, "batch_size": 1}}}
                """)));
    Run run = generate("comfy", "--from", file.toString());
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).contains("Oracle, node 2").contains("give it with --prompt");
    Run told = generate("comfy", "--from", file.toString(), "--prompt", "a house");
    assertThat(PngText.read(Files.readAllBytes(only(told))).get("parameters"))
        .startsWith(
            "a house\nNegative prompt: bad\nSteps: 1, Sampler: Euler Karras, CFG scale: 3, Seed: 4");
  }

  private static String photograph() {
    return Demonstration.bundled().photograph().toString();
  }

  @Test
  void wrongFilesAreNamed() throws IOException {
    Path empty = folder.resolve("empty.png");
    ImageIO.write(new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB), "png", empty.toFile());
    assertThat(generate("x", "--from", empty.toString()).err()).contains("tells nothing");
    assertThat(generate("x", "--from", photograph()).code()).isEqualTo(1);
    assertThat(generate("x", "--from", "no-such.png").err()).contains("no file no-such.png");
    Path damaged = folder.resolve("damaged.png");
    Files.write(
        damaged,
        PngText.encode(
            new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB),
            Map.of("controlnet-java", "{\"format\": 1}")));
    Run refused = generate("x", "--from", damaged.toString());
    assertThat(refused.code()).isEqualTo(1);
    assertThat(refused.err()).contains("damaged.png").contains("it lacks \"prompts\"");
    Path foreign = folder.resolve("foreign.png");
    Files.write(
        foreign,
        PngText.encode(
            new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB),
            Map.of("parameters", "a\nSteps: 1, Sampler: Euler a, Seed: 3, Model: foreign")));
    Run run = generate("x", "--from", foreign.toString());
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).contains("foreign").contains("--base");
  }
}
