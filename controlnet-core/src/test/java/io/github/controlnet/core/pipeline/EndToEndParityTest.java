package io.github.controlnet.core.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.controlnet.ControlInput;
import io.github.controlnet.ControlNetPipeline;
import io.github.controlnet.GenerationRequest;
import io.github.controlnet.GenerationResult;
import io.github.controlnet.GuessMode;
import io.github.controlnet.Prompt;
import io.github.controlnet.core.fixtures.Fixtures;
import io.github.controlnet.core.fixtures.ReferenceTensors;
import io.github.controlnet.engine.OffloadPolicy;
import io.github.controlnet.image.Images;
import io.github.controlnet.model.BaseModel;
import io.github.controlnet.model.ControlModel;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Whole generations against diffusers: same seed, same latents, same pictures. */
class EndToEndParityTest {
  private static final double TOLERANCE = 1e-4;
  private static final JsonNode CASES = cases(Fixtures.file("e2e.json"));
  private static final ReferenceTensors LATENTS =
      new ReferenceTensors(Fixtures.file("e2e.safetensors"));

  private static final BaseModel TINY = BaseModel.of(Fixtures.tiny());
  private static ControlNetPipeline keeper;

  /** Pipelines of one base share its weights as long as one of them is open. */
  @BeforeAll
  static void keepTheBase() {
    keeper = builder(TINY, List.of()).build();
  }

  @AfterAll
  static void letTheBaseGo() {
    keeper.close();
  }

  private static JsonNode cases(Path file) {
    try {
      return new ObjectMapper().readTree(Files.readAllBytes(file));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  static Stream<String> folderCases() {
    return CASES.properties().stream()
        .filter(entry -> entry.getValue().get("base").textValue().equals("tiny"))
        .map(Map.Entry::getKey);
  }

  private static List<ControlModel> controls(JsonNode settings) {
    List<ControlModel> models = new ArrayList<>();
    settings
        .get("controls")
        .forEach(
            control ->
                models.add(ControlModel.of(Fixtures.file(control.get("model").textValue()))));
    return models;
  }

  /** Tiny networks are too small to share among threads. */
  private static ControlNetPipeline.Builder builder(BaseModel base, List<ControlModel> controls) {
    ControlNetPipeline.Builder builder = ControlNetPipeline.builder().base(base).threads(1);
    controls.forEach(builder::control);
    return builder;
  }

  private static GenerationRequest request(JsonNode settings) {
    List<Prompt> prompts = new ArrayList<>();
    for (int i = 0; i < settings.get("prompts").size(); i++) {
      prompts.add(
          new Prompt(
              settings.get("prompts").get(i).textValue(),
              settings.get("negativePrompts").get(i).textValue()));
    }
    List<Long> seeds = new ArrayList<>();
    settings.get("seeds").forEach(seed -> seeds.add(seed.longValue()));
    GenerationRequest.Builder request =
        GenerationRequest.builder()
            .prompts(prompts)
            .imagesPerPrompt(settings.get("imagesPerPrompt").intValue())
            .size(settings.get("width").intValue(), settings.get("height").intValue())
            .steps(settings.get("steps").intValue())
            .guidanceScale(settings.get("guidanceScale").doubleValue())
            .eta(settings.get("eta").doubleValue())
            .onlyMidControl(settings.get("onlyMidControl").booleanValue())
            .guessMode(
                settings.get("guessMode").isNull()
                    ? GuessMode.OFF
                    : GuessMode.valueOf(
                        settings.get("guessMode").textValue().toUpperCase(Locale.ROOT)))
            .seeds(seeds.stream().mapToLong(Long::longValue).toArray());
    settings
        .get("controls")
        .forEach(
            control ->
                request.control(
                    ControlInput.of(
                            Images.read(
                                Fixtures.file(
                                    "hints/" + control.get("image").textValue() + ".png")))
                        .withScale(control.get("scale").doubleValue())
                        .withWindow(
                            control.get("start").doubleValue(), control.get("end").doubleValue())));
    return request.build();
  }

  private static void assertEqualsReference(String name, GenerationResult result) {
    assertThat(Fixtures.relativeError(result.latents().values(), latents(name)))
        .as("latents of %s", name)
        .isLessThan(TOLERANCE);
    JsonNode images = CASES.get(name).get("images");
    assertThat(result.images()).hasSize(images.size());
    for (int i = 0; i < images.size(); i++) {
      assertSamePicture(
          result.images().get(i), Images.read(Fixtures.file(images.get(i).textValue())));
    }
  }

  private static float[] latents(String name) {
    return LATENTS.floats(name + ".latents");
  }

  /** At most one level of difference in 99.9 % of the values. */
  private static void assertSamePicture(BufferedImage picture, BufferedImage expected) {
    assertThat(picture.getWidth()).isEqualTo(expected.getWidth());
    assertThat(picture.getHeight()).isEqualTo(expected.getHeight());
    int far = 0;
    int values = 0;
    for (int y = 0; y < picture.getHeight(); y++) {
      for (int x = 0; x < picture.getWidth(); x++) {
        for (int shift = 0; shift <= 16; shift += 8) {
          int difference =
              (picture.getRGB(x, y) >> shift & 255) - (expected.getRGB(x, y) >> shift & 255);
          far += Math.abs(difference) > 1 ? 1 : 0;
          values++;
        }
      }
    }
    assertThat((double) far / values).as("share of values off by more than 1").isLessThan(1e-3);
  }

  @ParameterizedTest
  @MethodSource("folderCases")
  void diffusersFolder(String name) {
    JsonNode settings = CASES.get(name);
    try (ControlNetPipeline pipeline = builder(TINY, controls(settings)).build()) {
      assertEqualsReference(name, pipeline.generate(request(settings)));
    }
    if (settings.hasNonNull("off")) {
      // With the feature off the reference itself is far away: the case can tell.
      float[] off = latents(settings.get("off").textValue());
      if (off.length == latents(name).length) {
        assertThat(Fixtures.relativeError(off, latents(name))).isGreaterThan(100 * TOLERANCE);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "base-fp16.ckpt,        ,                             layouts.plain",
    "base-fp16.safetensors, ,                             layouts.plain",
    "merged-legacy-fp16.pt, ,                             layouts.plain",
    "base-fp16.ckpt,        control-fp16.safetensors,     layouts.control",
    "base-fp16.safetensors, control-bare-legacy-fp16.pth, layouts.control",
    "base-fp16.safetensors, control.pth,                  layouts.control_float32",
    "merged-legacy-fp16.pt, merged-legacy-fp16.pt,        layouts.control",
    "base-fp16.ckpt,        merged-legacy-fp16.pt,        layouts.control",
  })
  void singleFiles(String base, String control, String name) {
    List<ControlModel> controls =
        control == null ? List.of() : List.of(ControlModel.of(layout(control)));
    try (ControlNetPipeline pipeline =
        builder(BaseModel.of(layout(base)), controls).tokenizer(layout("tokenizer")).build()) {
      assertEqualsReference(name, pipeline.generate(request(CASES.get(name))));
    }
  }

  @Test
  void aMergedFileBringsItsControl() {
    try (ControlNetPipeline pipeline =
        builder(BaseModel.of(layout("merged-legacy-fp16.pt")), List.of())
            .tokenizer(layout("tokenizer"))
            .build()) {
      assertEqualsReference(
          "layouts.control", pipeline.generate(request(CASES.get("layouts.control"))));
    }
  }

  private static Path layout(String file) {
    return Fixtures.file("layouts/" + file);
  }

  @Test
  void offloadAndThreadsDoNotChangeABit() {
    JsonNode settings = CASES.get("two_controls");
    GenerationRequest request = request(settings);
    try (ControlNetPipeline keeping =
            builder(TINY, controls(settings)).offload(OffloadPolicy.NONE).build();
        ControlNetPipeline releasing =
            builder(TINY, controls(settings)).offload(OffloadPolicy.MODEL).build();
        ControlNetPipeline streaming =
            builder(TINY, controls(settings)).offload(OffloadPolicy.SEQUENTIAL).build()) {
      float[] alone = keeping.generate(request).latents().values();
      assertThat(releasing.generate(request).latents().values()).isEqualTo(alone);
      assertThat(streaming.generate(request).latents().values()).isEqualTo(alone);
      List<CompletableFuture<float[]>> together = new ArrayList<>();
      for (ControlNetPipeline pipeline : List.of(keeping, releasing, streaming, keeping)) {
        together.add(
            CompletableFuture.supplyAsync(() -> pipeline.generate(request).latents().values()));
      }
      together.forEach(each -> assertThat(each.join()).isEqualTo(alone));
    }
  }
}
