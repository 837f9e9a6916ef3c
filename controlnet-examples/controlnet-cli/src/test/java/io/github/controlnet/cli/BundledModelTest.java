package io.github.controlnet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.controlnet.cli.CommandRunner.Run;
import io.github.controlnet.demo.DemoModel;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command with nothing pretended: the bundled model, the engine, canny, the tokenizer. */
class BundledModelTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path folder;

  private Run generate(String... more) {
    String[] args =
        Arrays.copyOf(new String[] {"generate", "--output", folder.toString()}, 3 + more.length);
    System.arraycopy(more, 0, args, 3, more.length);
    return CommandRunner.run(args);
  }

  @Test
  void withoutOptionsItPaintsTheDemonstration() throws IOException {
    Run run = generate("--seed", "7");
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.err()).contains(DemoModel.NOTICE, DemoModel.PROMPT, "step 20/20");
    Path png = Path.of(run.out().strip());
    assertThat(PngChunks.text(png).get("parameters"))
        .startsWith("yellow star with purple background\n")
        .contains("CFG scale: 3", "Seed: 7", "canny");
    BufferedImage image = ImageIO.read(png.toFile());
    assertThat(image.getWidth()).isEqualTo(128);
    assertThat(image.getHeight()).isEqualTo(128);
    // The drawing's star is in the middle; what is asked for is yellow on purple.
    assertNear(image, 64, 66, 255, 255, 0);
    assertNear(image, 6, 6, 128, 0, 128);
    assertNear(image, 122, 122, 128, 0, 128);
  }

  private static void assertNear(BufferedImage image, int x, int y, int... color) {
    int rgb = image.getRGB(x, y);
    for (int channel = 0; channel < 3; channel++) {
      assertThat((rgb >> (16 - 8 * channel)) & 0xff)
          .as("channel %d at %d, %d", channel, x, y)
          .isBetween(color[channel] - 40, color[channel] + 40);
    }
  }

  @Test
  void theBundledControlsHaveNames() throws IOException {
    String drawing = Demonstration.bundled().drawing().toString();
    Run run =
        generate(
            "--base",
            "mini",
            "--control",
            "mini-canny",
            "--control-image",
            drawing,
            "--control",
            "mini-segmentation",
            "--control-image",
            drawing,
            "--annotator",
            "canny",
            "--annotator",
            "none",
            "--steps",
            "1",
            "--prompt",
            "red star",
            "--json");
    assertThat(run.code()).as(run.err()).isZero();
    Path png = Path.of(JSON.readTree(run.out()).get("images").get(0).asText());
    assertThat(PngChunks.text(png).get("parameters"))
        .startsWith("red star\n")
        .contains("ControlNet 0", "ControlNet 1");
  }

  @Test
  void generatesFromAPhotographAndSaysWhatItDid() throws IOException {
    Path latents = folder.resolve("latents.safetensors");
    Run run =
        generate(
            "--json",
            "--control-image",
            Demonstration.bundled().photograph().toString(),
            "--steps",
            "2",
            "--seed",
            "7",
            "--image-resolution",
            "64",
            "--guidance-scale",
            "5",
            "--prompt",
            "a bird",
            "--save-latents",
            latents.toString());
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.err()).contains("step 2/2").doesNotContain(DemoModel.PROMPT);
    JsonNode json = JSON.readTree(run.out());
    // The photograph is 600 x 400: its short side at 64, the long one to the nearest multiple.
    assertThat(json.get("width").asInt()).isEqualTo(128);
    assertThat(json.get("height").asInt()).isEqualTo(64);
    assertThat(json.get("stepSeconds")).hasSize(2);
    assertThat(json.get("sha256")).isNotEmpty();
    Path png = Path.of(json.get("images").get(0).asText());
    BufferedImage image = ImageIO.read(png.toFile());
    assertThat(image.getWidth()).isEqualTo(128);
    assertThat(image.getHeight()).isEqualTo(64);
    assertThat(PngChunks.text(png).get("parameters"))
        .startsWith("a bird\n")
        .contains("Seed: 7")
        .contains("CFG scale: 5")
        .contains("canny");
    assertThat(LatentsFileTest.header(latents).get("latents").get("shape"))
        .hasToString("[1,4,8,16]");
  }

  @Test
  void theControlAndItsScaleMatter() throws IOException {
    byte[] on = latents("--control-scale", "1");
    byte[] off = latents("--control-scale", "0");
    byte[] again = latents("--control-scale", "1");
    assertThat(on).isEqualTo(again).isNotEqualTo(off);
  }

  private byte[] latents(String... more) throws IOException {
    Path file = folder.resolve("l.safetensors");
    String[] args =
        Arrays.copyOf(
            new String[] {
              "--steps",
              "1",
              "--seed",
              "7",
              "--image-resolution",
              "64",
              "--save-latents",
              file.toString()
            },
            8 + more.length);
    System.arraycopy(more, 0, args, 8, more.length);
    Run run = generate(args);
    assertThat(run.code()).as(run.err()).isZero();
    return Files.readAllBytes(file);
  }

  @Test
  void aPictureIsNoModel() {
    DemoModel demo = Demonstration.bundled();
    Run run = generate("--base", demo.photograph().toString());
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).contains("photograph.jpg");
  }

  @Test
  void cannyDrawsEdges() throws IOException {
    Path map = folder.resolve("map.png");
    Run run =
        CommandRunner.run(
            "annotate",
            "canny",
            Demonstration.bundled().photograph().toString(),
            map.toString(),
            "--resolution",
            "64");
    assertThat(run.code()).as(run.err()).isZero();
    BufferedImage image = ImageIO.read(map.toFile());
    int white = 0;
    for (int y = 0; y < image.getHeight(); y++) {
      for (int x = 0; x < image.getWidth(); x++) {
        int rgb = image.getRGB(x, y) & 0xffffff;
        assertThat(rgb).isIn(0, 0xffffff);
        white += rgb == 0 ? 0 : 1;
      }
    }
    assertThat(white).isBetween(50, image.getWidth() * image.getHeight() / 2);
  }

  @Test
  void tokenizePrintsTheIdsOnOneLine() throws IOException {
    Run run = CommandRunner.run("tokenize", "a bird");
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.outLines()).hasSize(1);
    List<Integer> ids =
        Arrays.stream(run.out().strip().split(" ", -1)).map(Integer::valueOf).toList();
    assertThat(ids).hasSize(77);
    JsonNode vocabulary =
        JSON.readTree(Demonstration.bundled().base().resolve("tokenizer/vocab.json").toFile());
    assertThat(ids.get(0)).isEqualTo(vocabulary.get("<|startoftext|>").asInt());
    assertThat(ids).contains(vocabulary.get("<|endoftext|>").asInt());
    assertThat(ids.get(1)).isEqualTo(vocabulary.get("a</w>").asInt());

    JsonNode json = JSON.readTree(CommandRunner.run("tokenize", "--json", "a bird").out());
    assertThat(json.get("ids")).hasSize(77);
    assertThat(json.get("ids").get(1).asInt()).isEqualTo(ids.get(1));
  }

  @Test
  void tokenizeTakesAnotherFolder() {
    String base = Demonstration.bundled().base().toString();
    Run named = CommandRunner.run("tokenize", "--tokenizer", base, "a bird");
    assertThat(named.out()).isEqualTo(CommandRunner.run("tokenize", "a bird").out());
    Run missing = CommandRunner.run("tokenize", "--tokenizer", "no-such-folder", "a bird");
    assertThat(missing.code()).isEqualTo(1);
    assertThat(missing.err()).contains("no-such-folder");
    assertThat(CommandRunner.run("tokenize", "--tokenizer", folder.toString(), "a").code())
        .isEqualTo(1);
  }

  @Test
  void inspectTellsTheParts() throws IOException {
    String base = Demonstration.bundled().base().toString();
    Run run = CommandRunner.run("inspect", base);
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out()).contains("base model", "Stable Diffusion 1.x", "U-Net", "100.0 %");
    JsonNode json = JSON.readTree(CommandRunner.run("inspect", "--json", "--tensors", base).out());
    assertThat(json.get("kind").asText()).isEqualTo("base model");
    long sum = 0;
    double share = 0;
    for (JsonNode part : json.get("parts")) {
      sum += part.get("parameters").asLong();
      share += part.get("share").asDouble();
    }
    assertThat(json.get("parts")).hasSize(3);
    assertThat(sum).isEqualTo(json.get("parameters").asLong()).isPositive();
    assertThat(share).isBetween(0.999, 1.001);
    assertThat(json.get("tensors").size()).isGreaterThan(100);
  }

  @Test
  void inspectSaysThatAPictureIsNoModel() {
    Run run = CommandRunner.run("inspect", Demonstration.bundled().photograph().toString());
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.out()).isEmpty();
    assertThat(run.err().lines()).hasSize(1);
    assertThat(CommandRunner.run("inspect", "no-such-file").code()).isEqualTo(1);
  }
}
