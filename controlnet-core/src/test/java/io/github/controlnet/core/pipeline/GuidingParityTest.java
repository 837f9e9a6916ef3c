package io.github.controlnet.core.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.controlnet.ControlInput;
import io.github.controlnet.ControlMode;
import io.github.controlnet.ControlNetPipeline;
import io.github.controlnet.GenerationRequest;
import io.github.controlnet.Guidance;
import io.github.controlnet.ScaleSchedule;
import io.github.controlnet.core.fixtures.Fixtures;
import io.github.controlnet.core.fixtures.ReferenceTensors;
import io.github.controlnet.engine.ControlMask;
import io.github.controlnet.image.Images;
import io.github.controlnet.model.BaseModel;
import io.github.controlnet.model.ControlModel;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Every way of controlling and guiding against diffusers and the loop of the script. */
class GuidingParityTest {
  private static final double TOLERANCE = 1e-4;
  private static final JsonNode DESCRIPTION = read();
  private static final ReferenceTensors REFERENCE =
      new ReferenceTensors(Fixtures.file("guiding.safetensors"));

  private static final BaseModel TINY = BaseModel.of(Fixtures.tiny());
  private static ControlNetPipeline keeper;

  /** Pipelines of one base share its weights as long as one of them is open. */
  @BeforeAll
  static void keepTheBase() {
    keeper = ControlNetPipeline.builder().base(TINY).threads(1).build();
  }

  @AfterAll
  static void letTheBaseGo() {
    keeper.close();
  }

  private static JsonNode read() {
    try {
      return new ObjectMapper().readTree(Files.readAllBytes(Fixtures.file("guiding.json")));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  static Stream<String> cases() {
    return DESCRIPTION.get("cases").properties().stream().map(Map.Entry::getKey);
  }

  private static ControlModel model(JsonNode control) {
    String name = control.get("model").textValue();
    String folder = name.replace(" pooled", "");
    ControlModel model = ControlModel.of(Fixtures.file(folder));
    return name.equals(folder) ? model : model.withConfig(Fixtures.file(folder + "-pooled.json"));
  }

  private static BufferedImage picture(JsonNode name) {
    return Images.read(Fixtures.file("hints/" + name.textValue() + ".png"));
  }

  private static double[] numbers(JsonNode list) {
    return StreamSupport.stream(list.spliterator(), false)
        .mapToDouble(JsonNode::doubleValue)
        .toArray();
  }

  private static ScaleSchedule scale(JsonNode value) {
    if (!value.isArray()) {
      return ScaleSchedule.constant(value.doubleValue());
    }
    double[] numbers = numbers(value);
    return numbers.length == 2
        ? ScaleSchedule.linear(numbers[0], numbers[1])
        : ScaleSchedule.perStep(numbers);
  }

  private static ControlInput input(JsonNode control) {
    BufferedImage image = picture(control.get("image"));
    ControlInput input =
        control.get("holes").isNull()
            ? ControlInput.of(image)
            : ControlInput.inpaint(image, picture(control.get("holes")));
    if (!control.get("mask").isNull()) {
      input = input.withMask(picture(control.get("mask")));
    }
    return input
        .withScale(scale(control.get("scale")))
        .withWindow(control.get("start").doubleValue(), control.get("end").doubleValue())
        .withMode(ControlMode.valueOf(control.get("mode").textValue().toUpperCase(Locale.ROOT)))
        .withLayerWeights(numbers(control.get("weights")));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void latentsEqualTheReference(String name) {
    JsonNode settings = DESCRIPTION.get("cases").get(name);
    List<JsonNode> controls = new ArrayList<>();
    settings.get("controls").forEach(controls::add);
    GenerationRequest.Builder request =
        GenerationRequest.builder()
            .prompt(DESCRIPTION.get("prompt").textValue())
            .negativePrompt(DESCRIPTION.get("negativePrompt").textValue())
            .imagesPerPrompt(settings.get("images").intValue())
            .size(settings.get("width").intValue(), settings.get("height").intValue())
            .steps(settings.get("steps").intValue())
            .seed(42)
            .guidance(
                Guidance.of(scale(settings.get("guidanceScale")))
                    .withRescale(settings.get("rescale").doubleValue())
                    .withInterval(
                        settings.get("start").doubleValue(), settings.get("end").doubleValue())
                    .withPerturbedAttention(settings.get("pagScale").doubleValue()));
    controls.forEach(control -> request.control(input(control)));
    ControlNetPipeline.Builder builder = ControlNetPipeline.builder().base(TINY).threads(1);
    controls.forEach(control -> builder.control(model(control)));
    try (ControlNetPipeline pipeline = builder.build()) {
      float[] latents = pipeline.generate(request.build()).latents().values();
      assertThat(Fixtures.relativeError(latents, REFERENCE.floats(name))).isLessThan(TOLERANCE);
    }
    if (settings.hasNonNull("off")) {
      // With the feature off the reference itself is far away: the case can tell.
      assertThat(settings.get("offDifference").doubleValue()).isGreaterThan(100 * TOLERANCE);
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "3, 5", "48, 48", "30, 40"})
  void masksAreResizedAsTorchDoes(int rows, int columns) {
    String key = "region.%dx%d".formatted(rows, columns);
    ControlMask mask = new ControlMask(rows, columns, REFERENCE.floats(key));
    for (int[] to : new int[][] {{8, 8}, {5, 7}, {1, 2}, {64, 40}}) {
      assertThat(
              Fixtures.relativeError(
                  mask.resized(to[0], to[1]),
                  REFERENCE.floats("%s.%dx%d".formatted(key, to[0], to[1]))))
          .isLessThan(1e-6);
    }
  }
}
