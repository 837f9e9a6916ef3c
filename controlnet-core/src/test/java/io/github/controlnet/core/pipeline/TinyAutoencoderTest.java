package io.github.controlnet.core.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.controlnet.ControlInput;
import io.github.controlnet.ControlNetPipeline;
import io.github.controlnet.GenerationRequest;
import io.github.controlnet.GenerationResult;
import io.github.controlnet.InitImage;
import io.github.controlnet.InpaintMask;
import io.github.controlnet.Provenance.ModelSource;
import io.github.controlnet.Samplers;
import io.github.controlnet.core.fixtures.Fixtures;
import io.github.controlnet.core.fixtures.ReferenceTensors;
import io.github.controlnet.engine.OffloadPolicy;
import io.github.controlnet.exception.IncompatibleModelException;
import io.github.controlnet.exception.InvalidRequestException;
import io.github.controlnet.exception.WeightsException;
import io.github.controlnet.image.Images;
import io.github.controlnet.model.BaseModel;
import io.github.controlnet.model.ControlModel;
import io.github.controlnet.model.VaeModel;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tiny autoencoders in whole generations, against diffusers' pipelines with AutoencoderTiny. */
class TinyAutoencoderTest {
  private static final double TOLERANCE = 1e-4;
  private static final Path TINY = Fixtures.file("tiny-autoencoder");
  private static final ReferenceTensors REFERENCE =
      new ReferenceTensors(Fixtures.file("tiny-autoencoder/reference.safetensors"));

  @TempDir private Path folder;

  private static ControlNetPipeline.Builder builder() {
    return ControlNetPipeline.builder().base(BaseModel.of(Fixtures.tiny())).threads(1);
  }

  private static GenerationRequest.Builder request(String sampler) {
    return GenerationRequest.builder()
        .prompt("a bird on a branch")
        .negativePrompt("lowres")
        .size(64, 64)
        .steps(4)
        .guidanceScale(3)
        .seed(42)
        .scheduler(Samplers.named(sampler));
  }

  /** Numbers of 0 to 1, which the picture holds rounded down. */
  private static void assertSame(BufferedImage picture, float[] expected) {
    int plane = picture.getWidth() * picture.getHeight();
    assertThat(3 * plane).isEqualTo(expected.length);
    for (int i = 0; i < plane; i++) {
      int rgb = picture.getRGB(i % picture.getWidth(), i / picture.getWidth());
      for (int channel = 0; channel < 3; channel++) {
        double level = (rgb >> (16 - 8 * channel)) & 255;
        assertThat(level).isCloseTo(255 * expected[channel * plane + i], Offset.offset(1.1));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"ddim", "euler"})
  void decodesAWholeGeneration(String sampler) {
    try (ControlNetPipeline pipeline = builder().vae(VaeModel.of(TINY)).build();
        ControlNetPipeline large = builder().build()) {
      GenerationResult result = pipeline.generate(request(sampler).build());
      assertThat(
              Fixtures.relativeError(
                  result.latents().values(), REFERENCE.floats(sampler + ".latents")))
          .isLessThan(TOLERANCE);
      assertSame(result.images().get(0), REFERENCE.floats(sampler + ".picture"));
      assertThat(result.provenance().models())
          .anyMatch(
              model ->
                  model.role().equals(ModelSource.VAE) && model.name().equals("tiny-autoencoder"));
      GenerationResult other = large.generate(request(sampler).build());
      assertThat(other.latents().values()).isEqualTo(result.latents().values());
      assertThat(pixels(other.images().get(0))).isNotEqualTo(pixels(result.images().get(0)));
    }
  }

  private static int[] pixels(BufferedImage picture) {
    return picture.getRGB(
        0, 0, picture.getWidth(), picture.getHeight(), null, 0, picture.getWidth());
  }

  /** What diffusers' samplers take the sample to be at the first and third step, decoded. */
  @ParameterizedTest
  @CsvSource({
    "ddim, NONE, false",
    "euler, NONE, true",
    "ddim, MODEL, true",
    "euler, SEQUENTIAL, false"
  })
  void previewsShowWhatIsExpected(String sampler, OffloadPolicy policy, boolean asVae) {
    List<BufferedImage> previews = new ArrayList<>();
    VaeModel tiny = VaeModel.of(TINY);
    ControlNetPipeline.Builder builder = builder().preview(tiny).offload(policy);
    if (asVae) {
      builder.vae(tiny);
    }
    try (ControlNetPipeline pipeline = builder.build()) {
      GenerationResult result =
          pipeline.generate(
              request(sampler).listener(step -> previews.addAll(step.preview())).build());
      assertThat(
              Fixtures.relativeError(
                  result.latents().values(), REFERENCE.floats(sampler + ".latents")))
          .isLessThan(TOLERANCE);
      assertThat(result.images()).hasSize(1);
    }
    assertThat(previews).hasSize(4);
    float[] expected = REFERENCE.floats(sampler + ".previews");
    int each = expected.length / 2;
    assertSame(previews.get(0), Arrays.copyOf(expected, each));
    assertSame(previews.get(2), Arrays.copyOfRange(expected, each, 2 * each));
    assertThat(pixels(previews.get(0))).isNotEqualTo(pixels(previews.get(2)));
  }

  @Test
  void previewsOfABatchComeInItsOrder() {
    List<BufferedImage> last = new ArrayList<>();
    try (ControlNetPipeline pipeline =
        builder().vae(VaeModel.of(TINY)).preview(VaeModel.of(TINY)).build()) {
      GenerationResult result =
          pipeline.generate(
              request("euler")
                  .imagesPerPrompt(2)
                  .listener(
                      step -> {
                        if (step.number() == step.totalSteps()) {
                          last.addAll(step.preview());
                        }
                      })
                  .build());
      // the last of Euler's steps goes down to what it expects
      for (int i = 0; i < 2; i++) {
        assertClose(pixels(last.get(i)), pixels(result.images().get(i)));
      }
      assertThat(pixels(last.get(0))).isNotEqualTo(pixels(last.get(1)));
    }
  }

  private static void assertClose(int[] a, int[] b) {
    assertThat(a).hasSameSizeAs(b);
    for (int i = 0; i < a.length; i++) {
      for (int shift = 0; shift <= 16; shift += 8) {
        assertThat(Math.abs(((a[i] >> shift) & 255) - ((b[i] >> shift) & 255))).isLessThan(2);
      }
    }
  }

  @Test
  void previewsOfAWholeAutoencoderAreScaledAsItsOwn() {
    List<BufferedImage> last = new ArrayList<>();
    try (ControlNetPipeline pipeline =
        builder().preview(VaeModel.of(Fixtures.tiny().resolve("vae"))).build()) {
      GenerationResult result =
          pipeline.generate(
              request("euler")
                  .listener(
                      step -> {
                        last.clear();
                        last.addAll(step.preview());
                      })
                  .build());
      assertClose(pixels(last.get(0)), pixels(result.images().get(0)));
    }
  }

  static Stream<String> imageToImage() {
    return cases().properties().stream().map(Map.Entry::getKey);
  }

  private static JsonNode cases() {
    try {
      return new ObjectMapper()
          .readTree(Files.readAllBytes(TINY.resolve("reference.json")))
          .get("cases");
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static BufferedImage picture(String name) {
    return Images.read(Fixtures.file("img2img/" + name + ".png"));
  }

  /** The encoder draws no noise, so that all later draws are others. */
  @ParameterizedTest
  @MethodSource("imageToImage")
  void startsFromAPicture(String name) throws IOException {
    JsonNode settings = cases().get(name);
    InitImage init =
        InitImage.of(picture(settings.get("init").textValue()))
            .withStrength(settings.get("strength").doubleValue());
    if (!settings.get("mask").isNull()) {
      init = init.withMask(InpaintMask.of(picture(settings.get("mask").textValue())));
    }
    GenerationRequest.Builder request =
        GenerationRequest.builder()
            .prompt("a bird on a branch")
            .negativePrompt("lowres")
            .initImage(init)
            .imagesPerPrompt(settings.get("images").intValue())
            .steps(settings.get("steps").intValue())
            .guidanceScale(settings.get("guidance").doubleValue())
            .scheduler(Samplers.named(settings.get("sampler").textValue()));
    long[] seeds = new long[settings.get("seeds").size()];
    Arrays.setAll(seeds, i -> settings.get("seeds").get(i).longValue());
    request.seeds(seeds);
    ControlNetPipeline.Builder builder =
        ControlNetPipeline.builder()
            .base(BaseModel.of(base(settings.get("base").textValue())))
            .vae(TINY)
            .threads(1);
    if (settings.get("control").booleanValue()) {
      builder.control(ControlModel.of(Fixtures.tinyControl()));
      request.control(ControlInput.of(picture(settings.get("hint").textValue())).withScale(0.8));
    }
    try (ControlNetPipeline pipeline = builder.build()) {
      assertThat(
              Fixtures.relativeError(
                  pipeline.generate(request.build()).latents().values(),
                  REFERENCE.floats(name + ".latents")))
          .as(name)
          .isLessThan(TOLERANCE);
    }
  }

  /** The tiny base, with another U-Net. */
  private Path base(String name) throws IOException {
    if (name.equals("tiny")) {
      return Fixtures.tiny();
    }
    Path base = folder.resolve(name);
    copy(Fixtures.tiny(), base);
    copy(Fixtures.file(name), base);
    return base;
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path target = to.resolve(from.relativize(file));
        Files.createDirectories(target.getParent());
        Files.copy(file, target, StandardCopyOption.REPLACE_EXISTING);
      }
    }
  }

  @Test
  void aDecoderAloneStartsFromNoPicture() throws IOException {
    Path decoder = folder.resolve("taesd_decoder.pth");
    Files.copy(TINY.resolve("original/taesd_decoder.pth"), decoder);
    try (ControlNetPipeline pipeline = builder().vae(decoder).build()) {
      assertThat(pipeline.generate(request("ddim").build()).images()).hasSize(1);
      assertThatThrownBy(
              () ->
                  pipeline.generate(
                      request("ddim").initImage(InitImage.of(picture("b-64x64"))).build()))
          .isInstanceOf(InvalidRequestException.class)
          .hasMessageContaining("no encoder");
    }
  }

  @Test
  void theEncoderAloneIsNoAutoencoder() {
    assertThatThrownBy(
            () -> builder().vae(TINY.resolve("original/taesd_encoder.safetensors")).build())
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("is the encoder of a tiny autoencoder")
        .hasMessageContaining("Give the decoder's file");
  }

  /** The weights do not tell for which family they are; the names of the published files do. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "taesdxl_decoder.pth",
        "TAESDXL/diffusion_pytorch_model.safetensors",
        "models--madebyollin--taesdxl/snapshots/0/diffusion_pytorch_model.safetensors"
      })
  void anotherFamilysIsRefused(String name) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    Path from =
        name.endsWith("pth")
            ? TINY.resolve("original/taesd_decoder.pth")
            : TINY.resolve("diffusion_pytorch_model.safetensors");
    Files.copy(from, file);
    for (ControlNetPipeline.Builder builder :
        List.of(builder().vae(file), builder().preview(VaeModel.of(file)))) {
      assertThatThrownBy(builder::build)
          .isInstanceOf(IncompatibleModelException.class)
          .hasMessageContaining("taesdxl, the tiny autoencoder of another family")
          .hasMessageContaining("Stable Diffusion 1.x")
          .hasMessageContaining("Use taesd.");
    }
  }

  @Test
  void aConfigurationOfAnotherKindIsRefused() throws IOException {
    Path mixed = folder.resolve("mixed");
    Files.createDirectories(mixed);
    Files.copy(Fixtures.tiny().resolve("vae/config.json"), mixed.resolve("config.json"));
    Files.copy(
        TINY.resolve("diffusion_pytorch_model.safetensors"),
        mixed.resolve("diffusion_pytorch_model.safetensors"));
    assertThatThrownBy(() -> builder().vae(mixed).build())
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("config.json")
        .hasMessageContaining("AutoencoderKL")
        .hasMessageContaining("expected AutoencoderTiny, since the VAE of");
  }

  /** A base may have a tiny autoencoder of its own. */
  @Test
  void aFolderWithATinyAutoencoder() throws IOException {
    Path base = folder.resolve("base");
    copy(Fixtures.tiny(), base);
    Files.delete(base.resolve("vae/config.json"));
    for (String file : List.of("config.json", "diffusion_pytorch_model.safetensors")) {
      Files.copy(
          TINY.resolve(file),
          base.resolve("vae").resolve(file),
          StandardCopyOption.REPLACE_EXISTING);
    }
    try (ControlNetPipeline pipeline =
        ControlNetPipeline.builder().base(BaseModel.of(base)).threads(1).build()) {
      GenerationResult result = pipeline.generate(request("ddim").build());
      assertSame(result.images().get(0), REFERENCE.floats("ddim.picture"));
    }
  }
}
