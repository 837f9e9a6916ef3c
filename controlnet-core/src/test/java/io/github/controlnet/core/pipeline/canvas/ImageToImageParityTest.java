package io.github.controlnet.core.pipeline.canvas;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.controlnet.ControlInput;
import io.github.controlnet.ControlNetPipeline;
import io.github.controlnet.GenerationRequest;
import io.github.controlnet.GenerationResult;
import io.github.controlnet.InitImage;
import io.github.controlnet.InpaintMask;
import io.github.controlnet.MaskedContent;
import io.github.controlnet.Samplers;
import io.github.controlnet.core.fixtures.Fixtures;
import io.github.controlnet.core.fixtures.ReferenceTensors;
import io.github.controlnet.engine.OffloadPolicy;
import io.github.controlnet.image.Images;
import io.github.controlnet.model.BaseModel;
import io.github.controlnet.model.ControlModel;
import java.awt.Rectangle;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Image to image and inpainting against diffusers' pipelines. */
class ImageToImageParityTest {
  private static final JsonNode CASES = json("img2img/cases.json");
  private static final ReferenceTensors LATENTS =
      new ReferenceTensors(Fixtures.file("img2img/latents.safetensors"));
  private static final Map<String, BaseModel> BASES = new HashMap<>();
  private static final Map<String, ControlNetPipeline> KEEPERS = new HashMap<>();

  @TempDir private static Path folder;

  @BeforeAll
  static void open() throws IOException {
    BASES.put("tiny", BaseModel.of(Fixtures.tiny()));
    BASES.put("tiny-inpaint", BaseModel.of(inpaintingBase()));
    // pipelines of one base share its weights as long as one of them is open
    BASES.forEach((name, base) -> KEEPERS.put(name, builder(base).build()));
  }

  @AfterAll
  static void close() {
    KEEPERS.values().forEach(ControlNetPipeline::close);
  }

  /** The tiny base with the U-Net of nine channels. */
  private static Path inpaintingBase() throws IOException {
    Path base = folder.resolve("tiny-inpaint");
    for (Path from : List.of(Fixtures.tiny(), Fixtures.file("tiny-inpaint"))) {
      try (Stream<Path> files = Files.walk(from)) {
        for (Path file : files.filter(Files::isRegularFile).toList()) {
          if (from.equals(Fixtures.tiny()) && file.startsWith(from.resolve("unet"))) {
            continue;
          }
          Path target = base.resolve(from.relativize(file));
          Files.createDirectories(target.getParent());
          Files.copy(file, target);
        }
      }
    }
    return base;
  }

  private static ControlNetPipeline.Builder builder(BaseModel base) {
    return ControlNetPipeline.builder().base(base).threads(1);
  }

  private static JsonNode json(String file) {
    try {
      return new ObjectMapper().readTree(Files.readAllBytes(Fixtures.file(file)));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  static Stream<String> cases() {
    return CASES.properties().stream().map(Map.Entry::getKey);
  }

  private static BufferedImage picture(String name) {
    return Images.read(Fixtures.file("img2img/" + name + ".png"));
  }

  private static InitImage initImage(JsonNode settings) {
    InitImage init =
        InitImage.of(picture(settings.get("init").textValue()))
            .withStrength(settings.get("strength").doubleValue());
    if (settings.get("mask").isNull()) {
      return init;
    }
    InpaintMask mask =
        InpaintMask.of(picture(settings.get("mask").textValue()))
            .withBlur(settings.get("blur").doubleValue())
            .withContent(
                MaskedContent.valueOf(
                    settings.get("content").textValue().toUpperCase(Locale.ROOT)));
    if (!settings.get("padding").isNull()) {
      mask = mask.withOnlyMasked(settings.get("padding").intValue());
    }
    return init.withMask(mask);
  }

  private static GenerationRequest.Builder request(JsonNode settings) {
    GenerationRequest.Builder request =
        GenerationRequest.builder()
            .prompt("a bird on a branch")
            .negativePrompt("lowres")
            .initImage(initImage(settings))
            .imagesPerPrompt(settings.get("images").intValue())
            .steps(settings.get("steps").intValue())
            .guidanceScale(settings.get("guidance").doubleValue())
            .scheduler(Samplers.named(settings.get("sampler").textValue()));
    long[] seeds = new long[settings.get("seeds").size()];
    for (int i = 0; i < seeds.length; i++) {
      seeds[i] = settings.get("seeds").get(i).longValue();
    }
    request.seeds(seeds);
    if (settings.get("control").booleanValue()) {
      request.control(
          ControlInput.of(picture(settings.get("hint").textValue()))
              .withScale(0.8)
              .withWindow(settings.get("start").doubleValue(), settings.get("end").doubleValue()));
    }
    return request;
  }

  private static ControlNetPipeline pipeline(JsonNode settings, OffloadPolicy policy) {
    ControlNetPipeline.Builder builder =
        builder(BASES.get(settings.get("base").textValue())).offload(policy);
    if (settings.get("control").booleanValue()) {
      builder.control(ControlModel.of(Fixtures.tinyControl()));
    }
    return builder.build();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void latentsAreTheReferences(String name) {
    JsonNode settings = CASES.get(name);
    // only the crop needs to be told: elsewhere the picture itself has the size
    GenerationRequest.Builder request = request(settings);
    if (!settings.get("padding").isNull()) {
      request.size(64, 64);
    }
    try (ControlNetPipeline pipeline = pipeline(settings, OffloadPolicy.NONE)) {
      GenerationResult result = pipeline.generate(request.build());
      assertThat(Fixtures.relativeError(result.latents().values(), LATENTS.floats(name)))
          .as("latents of %s", name)
          .isLessThan(1e-4);
      assertThat(result.timings().stepSeconds()).hasSize(settings.get("evaluations").intValue());
    }
    if (!settings.get("off").isNull()) {
      float[] off = LATENTS.floats(settings.get("off").textValue());
      assertThat(Fixtures.relativeError(off, LATENTS.floats(name))).isGreaterThan(1e-2);
    }
  }

  @Test
  void offloadChangesNoBit() {
    JsonNode settings = CASES.get("blended_stochastic");
    try (ControlNetPipeline keeping = pipeline(settings, OffloadPolicy.NONE);
        ControlNetPipeline releasing = pipeline(settings, OffloadPolicy.MODEL)) {
      assertThat(releasing.generate(request(settings).build()).latents().values())
          .isEqualTo(keeping.generate(request(settings).build()).latents().values());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"blended_weaker", "blurred", "inpaint_weaker", "only_masked"})
  void outsideTheMaskIsTheSource(String name) {
    JsonNode settings = CASES.get(name);
    BufferedImage source = picture(settings.get("init").textValue());
    GreyMask mask =
        GreyMask.of(picture(settings.get("mask").textValue()))
            .blurred(settings.get("blur").doubleValue());
    try (ControlNetPipeline pipeline = pipeline(settings, OffloadPolicy.NONE)) {
      BufferedImage result = pipeline.generate(request(settings).build()).images().get(0);
      assertThat(result.getWidth()).isEqualTo(source.getWidth());
      assertThat(result.getHeight()).isEqualTo(source.getHeight());
      int changed = 0;
      for (int y = 0; y < source.getHeight(); y++) {
        for (int x = 0; x < source.getWidth(); x++) {
          if (mask.level(x, y) == 0) {
            assertThat(result.getRGB(x, y)).isEqualTo(source.getRGB(x, y));
          } else if (result.getRGB(x, y) != source.getRGB(x, y)) {
            changed++;
          }
        }
      }
      assertThat(changed).isGreaterThan(500);
    }
  }

  @Test
  void onlyTheMaskedPartIsPutBackAsTheReferenceDoes() {
    JsonNode settings = CASES.get("only_masked");
    BufferedImage expected = picture("only_masked-result");
    try (ControlNetPipeline pipeline = pipeline(settings, OffloadPolicy.NONE)) {
      BufferedImage result =
          pipeline.generate(request(settings).size(64, 64).build()).images().get(0);
      for (int y = 0; y < expected.getHeight(); y++) {
        for (int x = 0; x < expected.getWidth(); x++) {
          for (int shift = 0; shift <= 16; shift += 8) {
            int difference =
                (result.getRGB(x, y) >> shift & 255) - (expected.getRGB(x, y) >> shift & 255);
            assertThat(Math.abs(difference)).as("at %d, %d", x, y).isLessThanOrEqualTo(2);
          }
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"0.5", "1", "2.6", "4", "12", "40"})
  void blursAreThoseOfPillow(String radius) {
    GreyMask expected = GreyMask.of(picture("noise-blur-" + radius));
    assertThat(GreyMask.of(picture("noise")).blurred(Double.parseDouble(radius)).levels())
        .isEqualTo(expected.levels());
  }

  @ParameterizedTest
  @ValueSource(strings = {"fill-hard", "fill-soft"})
  void fillsAreThoseOfTheWebUi(String name) {
    BufferedImage expected = picture(name);
    BufferedImage filled =
        MaskedFill.of(Images.toRgb(picture("b-128x96")), GreyMask.of(picture(name + "-mask")));
    assertThat(filled.getRGB(0, 0, 128, 96, null, 0, 128))
        .isEqualTo(Images.toRgb(expected).getRGB(0, 0, 128, 96, null, 0, 128));
  }

  @Test
  void regionsAreThoseOfTheReference() {
    for (JsonNode region : json("img2img/regions.json")) {
      int[] n = new int[13];
      for (int i = 0; i < n.length; i++) {
        n[i] = region.get(i).intValue();
      }
      int[] levels = new int[n[0] * n[1]];
      for (int i = 0; i < levels.length; i++) {
        int x = i % n[0];
        int y = i / n[0];
        levels[i] = x >= n[2] && x <= n[4] && y >= n[3] && y <= n[5] ? 255 : 0;
      }
      Rectangle found = CropRegion.of(new GreyMask(n[0], n[1], levels), n[8], (double) n[6] / n[7]);
      assertThat(found).as(region.toString()).isEqualTo(new Rectangle(n[9], n[10], n[11], n[12]));
    }
  }
}
