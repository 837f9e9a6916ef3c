package io.github.controlnet.core.pipeline.denoise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.controlnet.ControlNetPipeline;
import io.github.controlnet.GenerationRequest;
import io.github.controlnet.GenerationResult;
import io.github.controlnet.InitImage;
import io.github.controlnet.InpaintMask;
import io.github.controlnet.core.fixtures.Fixtures;
import io.github.controlnet.core.pipeline.ProbeEngineProvider;
import io.github.controlnet.engine.LatentFormat.Colour;
import io.github.controlnet.engine.LatentFormat.Preview;
import io.github.controlnet.engine.LatentShape;
import io.github.controlnet.model.BaseModel;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Latents with a scale and a shift of their own, on an engine whose autoencoder takes pixels for
 * latents and latents for pixels.
 */
class LatentFormatTest {
  private static final double SCALE = 0.5;
  private static final double SHIFT = 0.25;

  @TempDir Path folder;

  @BeforeEach
  void fresh() {
    ProbeEngineProvider.fresh();
  }

  private ControlNetPipeline pipeline() throws IOException {
    Path tiny = Fixtures.tiny();
    try (Stream<Path> files = Files.walk(tiny)) {
      for (Path file : files.sorted().toList()) {
        Files.copy(
            file,
            folder.resolve(tiny.relativize(file).toString()),
            StandardCopyOption.REPLACE_EXISTING);
      }
    }
    Files.writeString(
        folder.resolve("vae/config.json"),
        "{\"norm_num_groups\": 8, \"scaling_factor\": %s, \"shift_factor\": %s}"
            .formatted(SCALE, SHIFT));
    return ControlNetPipeline.builder().base(BaseModel.of(folder)).engine("probe").build();
  }

  private static GenerationRequest.Builder request() {
    return GenerationRequest.builder().prompt("a red circle").size(64, 64).steps(4).seed(7);
  }

  @Test
  void picturesAreDecodedFromScaledAndShiftedLatents() throws IOException {
    try (ControlNetPipeline pipeline = pipeline()) {
      GenerationResult result = pipeline.generate(request().build());
      float[] latents = result.latents().values();
      BufferedImage picture = result.images().get(0);
      for (int y = 0; y < 8; y++) {
        for (int x = 0; x < 8; x++) {
          int rgb = picture.getRGB(8 * x + 3, 8 * y + 5);
          for (int channel = 0; channel < 3; channel++) {
            double pixel = latents[channel * 64 + y * 8 + x] / SCALE + SHIFT;
            double level = Math.max(0, Math.min(255, pixel * 127.5 + 127.5));
            assertThat((double) (rgb >> (16 - 8 * channel) & 255)).isCloseTo(level, within(1.01));
          }
        }
      }
    }
  }

  @Test
  void picturesAreEncodedToScaledAndShiftedLatents() throws IOException {
    BufferedImage picture = new BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < 64; y++) {
      for (int x = 0; x < 64; x++) {
        picture.setRGB(x, y, 51 << 16 | 102 << 8 | 204);
      }
    }
    BufferedImage mask = new BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < 64; y++) {
      for (int x = 32; x < 64; x++) {
        mask.setRGB(x, y, 0xffffff);
      }
    }
    try (ControlNetPipeline pipeline = pipeline()) {
      GenerationRequest inpaint =
          request()
              .initImage(InitImage.of(picture).withMask(InpaintMask.of(mask)).withStrength(0.5))
              .build();
      float[] latents = pipeline.generate(inpaint).latents().values();
      double[] pixels = {2 * 0.2 - 1, 2 * 0.4 - 1, 2 * 0.8 - 1, 0};
      for (int channel = 0; channel < 4; channel++) {
        // what is not masked ends as the source's latents
        double expected = (pixels[channel] - SHIFT) * SCALE;
        assertThat((double) latents[channel * 64 + 8 * 3 + 1]).isCloseTo(expected, within(1e-5));
      }
    }
  }

  @Test
  void previewsAreOfTheFormatsColours() {
    LatentShape shape = new LatentShape(2, 2, 1, 1);
    float[] latents = {0.5f, 1, -3, 0.25f};
    Preview preview =
        new Preview(
            List.of(new Colour(0.5f, 0, -1), new Colour(0, 0.25f, 0)), new Colour(0.1f, 0, 0));
    List<BufferedImage> pictures = LatentPreview.draw(latents, shape, preview);
    assertThat(pictures.get(0).getRGB(0, 0) & 0xffffff).isEqualTo(rgb(0.35, 0.25, -0.5));
    assertThat(pictures.get(1).getRGB(0, 0) & 0xffffff).isEqualTo(rgb(-1, 0.0625, 1));
    pictures = LatentPreview.draw(latents, shape, Preview.GREY);
    double grey = 0.5 / 3;
    assertThat(pictures.get(0).getRGB(0, 0) & 0xffffff).isEqualTo(rgb(grey, grey, grey));
    assertThat(pictures.get(1).getRGB(0, 0) & 0xffffff).isZero();
  }

  private static int rgb(double red, double green, double blue) {
    return level(red) << 16 | level(green) << 8 | level(blue);
  }

  private static int level(double value) {
    return (int) Math.round(value * 127.5 + 127.5);
  }
}
