package io.github.controlnet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.controlnet.ControlInput;
import io.github.controlnet.ControlMode;
import io.github.controlnet.ControlNetPipeline;
import io.github.controlnet.GenerationRequest;
import io.github.controlnet.GenerationResult;
import io.github.controlnet.Guidance;
import io.github.controlnet.InitImage;
import io.github.controlnet.InpaintMask;
import io.github.controlnet.MaskedContent;
import io.github.controlnet.ScaleSchedule;
import io.github.controlnet.core.provenance.PictureRecord;
import io.github.controlnet.core.provenance.Recipe;
import io.github.controlnet.core.provenance.WeightHashes;
import io.github.controlnet.demo.DemoModel;
import io.github.controlnet.image.Images;
import io.github.controlnet.image.ResizeMode;
import io.github.controlnet.model.BaseModel;
import io.github.controlnet.model.ControlModel;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Requests of every kind are made again from their pictures, in every bit. */
class ReproductionTest {
  @TempDir private Path folder;

  private static BufferedImage mask(int width, int height) {
    BufferedImage mask = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = mask.createGraphics();
    graphics.setColor(Color.WHITE);
    graphics.fillOval(width / 4, height / 4, width / 3, height / 3);
    graphics.dispose();
    return mask;
  }

  private static GenerationRequest.Builder usual() {
    return GenerationRequest.builder().prompt("a bird").steps(2).seed(5);
  }

  private static Map<String, GenerationRequest.Builder> requests(BufferedImage photo) {
    BufferedImage small = Images.resizeToResolution(photo, 64);
    BufferedImage odd = small.getSubimage(0, 0, 124, 61);
    Map<String, GenerationRequest.Builder> requests = new TreeMap<>();
    requests.put(
        "schedules",
        usual()
            .imageResolution(64)
            .guidance(Guidance.of(ScaleSchedule.linear(9, 3)).withRescale(0.5).withInterval(0, 0.9))
            .control(
                ControlInput.annotate(photo, "canny")
                    .withScale(ScaleSchedule.perStep(1, 0.3))
                    .withMode(ControlMode.CONTROL)));
    requests.put(
        "mask of a control",
        usual()
            .imageResolution(64)
            .control(
                ControlInput.annotate(photo, "canny")
                    .withAnnotatorOption("low", "50")
                    .withMask(mask(photo.getWidth(), photo.getHeight()))));
    requests.put(
        "inpaint control",
        usual()
            .size(64, 64)
            .control(
                ControlInput.inpaint(small, mask(small.getWidth(), small.getHeight()))
                    .withResizeMode(ResizeMode.CROP)));
    requests.put(
        "image to image",
        usual()
            .initImage(InitImage.of(odd).withStrength(0.6))
            .control(ControlInput.annotate(odd, "canny")));
    requests.put(
        "only the masked part",
        usual()
            .imageResolution(64)
            .initImage(
                InitImage.of(odd)
                    .withMask(InpaintMask.of(mask(124, 61)).withBlur(2).withOnlyMasked(4)))
            .control(ControlInput.annotate(odd, "canny")));
    for (MaskedContent content : MaskedContent.values()) {
      requests.put(
          "masked content " + content,
          usual()
              .initImage(
                  InitImage.of(odd)
                      .withStrength(0.6)
                      .withMask(InpaintMask.of(mask(124, 61)).withContent(content))));
    }
    return requests;
  }

  @Test
  void picturesOfEveryKindAreMadeAgain() {
    DemoModel demo = Demonstration.bundled();
    BufferedImage photo = Images.read(demo.photograph());
    WeightHashes hashes = new WeightHashes(folder.resolve("sha256.json"));
    try (ControlNetPipeline pipeline =
        ControlNetPipeline.builder()
            .base(BaseModel.of(demo.base()))
            .control(ControlModel.of(demo.control()))
            .build()) {
      requests(photo)
          .forEach(
              (kind, request) -> {
                GenerationResult first = pipeline.generate(request.build());
                PictureRecord record = PictureRecord.of(first, hashes);
                Recipe recipe = Recipe.read(record.png(0)).orElseThrow();
                GenerationResult again = pipeline.generate(recipe.request().build());
                assertThat(again.latents().values()).as(kind).isEqualTo(first.latents().values());
                assertThat(pixels(again)).as(kind).isEqualTo(pixels(first));
                assertThat(recipe.differences(again.provenance(), hashes)).as(kind).isEmpty();
              });
    }
  }

  private static int[] pixels(GenerationResult result) {
    BufferedImage image = result.images().get(0);
    return image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth());
  }
}
