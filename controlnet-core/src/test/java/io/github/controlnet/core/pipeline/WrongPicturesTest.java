package io.github.controlnet.core.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.controlnet.ControlNetPipeline;
import io.github.controlnet.GenerationRequest;
import io.github.controlnet.GenerationResult;
import io.github.controlnet.InitImage;
import io.github.controlnet.InpaintMask;
import io.github.controlnet.PromptEmbeddings;
import io.github.controlnet.PromptSyntax;
import io.github.controlnet.core.fixtures.Fixtures;
import io.github.controlnet.exception.InvalidRequestException;
import io.github.controlnet.exception.WeightsException;
import io.github.controlnet.model.BaseModel;
import io.github.controlnet.model.TextualInversion;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** What is wrong with init images, masks and prompts, on an engine without networks. */
class WrongPicturesTest {
  private static ControlNetPipeline.Builder builder() {
    return ControlNetPipeline.builder().base(BaseModel.of(Fixtures.tiny())).engine("gaussian");
  }

  private static GenerationRequest.Builder request() {
    return GenerationRequest.builder().steps(10).seed(1);
  }

  private static BufferedImage picture(int width, int height) {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < width * height; i++) {
      image.setRGB(i % width, i / width, i * 40503);
    }
    return image;
  }

  private static BufferedImage white(int width, int height, int x, int y, int side) {
    BufferedImage mask = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < side * side; i++) {
      mask.setRGB(x + i % side, y + i / side, 0xffffff);
    }
    return mask;
  }

  private static void assertRefused(GenerationRequest.Builder request, String... words) {
    try (ControlNetPipeline pipeline = builder().build()) {
      assertThatThrownBy(() -> pipeline.generate(request.build()))
          .isInstanceOf(InvalidRequestException.class)
          .message()
          .contains(words);
    }
  }

  @Test
  void strengthOutsideItsRangeIsRefused() {
    for (double strength : new double[] {0, -0.1, 1.01, Double.NaN}) {
      assertThatThrownBy(() -> InitImage.of(picture(8, 8)).withStrength(strength))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("denoising strength is " + strength)
          .hasMessageContaining("up to 1.0");
    }
    assertRefused(
        request().initImage(InitImage.of(picture(64, 64)).withStrength(0.05)),
        "0.05",
        "none of 10 steps",
        "0.1");
  }

  @Test
  void masksThatCannotBeUsedAreRefused() {
    InitImage init = InitImage.of(picture(64, 64));
    InpaintMask other = InpaintMask.of(white(32, 64, 0, 0, 8));
    assertThatThrownBy(() -> init.withMask(other))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("32 x 64")
        .hasMessageContaining("64 x 64");
    BufferedImage black = white(64, 64, 0, 0, 0);
    assertThatThrownBy(() -> InpaintMask.of(black))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("empty");
    assertRefused(
        request().initImage(init.withMask(InpaintMask.of(white(64, 64, 1, 1, 6)))),
        "too small",
        "8 x 8");
  }

  @Test
  void aPictureOfAnySizeKeepsItWhenAPartIsPainted() {
    BufferedImage source = picture(101, 67);
    InpaintMask mask = InpaintMask.of(white(101, 67, 30, 20, 24));
    try (ControlNetPipeline pipeline = builder().build()) {
      for (InpaintMask each : new InpaintMask[] {mask, mask.withOnlyMasked(5)}) {
        GenerationResult result =
            pipeline.generate(request().initImage(InitImage.of(source).withMask(each)).build());
        BufferedImage image = result.images().get(0);
        assertThat(image.getWidth()).isEqualTo(101);
        assertThat(image.getHeight()).isEqualTo(67);
        for (int y = 0; y < 67; y++) {
          for (int x = 0; x < 101; x++) {
            if (x < 30 || x >= 54 || y < 20 || y >= 44) {
              assertThat(image.getRGB(x, y)).isEqualTo(source.getRGB(x, y));
            }
          }
        }
      }
      BufferedImage asked =
          pipeline
              .generate(
                  request().size(64, 72).initImage(InitImage.of(source).withMask(mask)).build())
              .images()
              .get(0);
      assertThat(asked.getWidth()).isEqualTo(64);
      assertThat(asked.getHeight()).isEqualTo(72);
      BufferedImage whole =
          pipeline.generate(request().initImage(InitImage.of(source)).build()).images().get(0);
      assertThat(whole.getWidth()).isEqualTo(96);
      assertThat(whole.getHeight()).isEqualTo(64);
    }
  }

  @Test
  void promptsThatCannotBeReadAreRefused() {
    assertRefused(request().clipSkip(3), "Clip skip is 3", "1 to 2");
    assertRefused(
        request().promptSyntax(PromptSyntax.WEIGHTED).prompt("a bird, embedding:nobody"),
        "\"nobody\"",
        "none");
    assertRefused(
        request().promptSyntax(PromptSyntax.WEIGHTED).prompt("a BREAK ".repeat(80)),
        "chunks",
        "at most 75");
    assertRefused(
        request().promptSyntax(PromptSyntax.WEIGHTED).prompt("(".repeat(2000) + "a bird"),
        "brackets",
        "float32");
    assertRefused(
        request()
            .promptSyntax(PromptSyntax.WEIGHTED)
            .steps(1000)
            .prompt(
                "[a|b|c|d|e|f|g][a|b|c|d|e|f|g|h|i|j|k] BREAK a BREAK [a|b|c|d|e|f|g|h|i|j|k|l|m]"),
        "different texts",
        "at most 2000");
    PromptEmbeddings states = new PromptEmbeddings(2, 32, new float[64]);
    assertRefused(
        request().promptEmbeddings(states, new PromptEmbeddings(1, 32, new float[32])),
        "2 tokens",
        "1;");
    assertRefused(
        request()
            .promptEmbeddings(
                new PromptEmbeddings(1, 64, new float[64]),
                new PromptEmbeddings(1, 64, new float[64])),
        "64 values",
        "32");
    assertRefused(request().prompt("a bird").promptEmbeddings(states, states), "both");
    assertThatThrownBy(() -> new PromptEmbeddings(3, 32, new float[64]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("64 values");
  }

  /** States are plain numbers: this engine's pictures follow their mean, which weights keep. */
  @Test
  void weightsInPromptsNeedNothingOfAnEngine() {
    try (ControlNetPipeline pipeline = builder().build()) {
      GenerationRequest.Builder weighted = request().promptSyntax(PromptSyntax.WEIGHTED);
      assertThat(pipeline.generate(weighted.prompt("a (bird:2)").build()).images()).hasSize(1);
    }
  }

  @Test
  void filesThatAreNoLearnedWordsAreNamed() {
    for (Path file :
        new Path[] {
          Fixtures.file("prompts/none.pt"),
          Fixtures.file("prompts/cases.json"),
          Fixtures.file("tiny/unet/diffusion_pytorch_model.safetensors"),
          Fixtures.file("img2img/latents.safetensors")
        }) {
      assertThatThrownBy(() -> builder().embedding(TextualInversion.of(file)).build())
          .isInstanceOf(WeightsException.class)
          .hasMessageContaining(file.getFileName().toString());
    }
  }
}
