package io.github.controlnet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.awt.image.BufferedImage;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Values that can never be legal are refused where they are set, in words a person understands. */
@SuppressWarnings({"NullAway", "DataFlowIssue"}) // callers without a null checker pass null
class RequestValuesTest {

  static Stream<Arguments> illegalValues() {
    GenerationRequest.Builder request = GenerationRequest.builder();
    ControlInput input = ControlInput.of(new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB));
    return Stream.of(
        refused(() -> request.prompt(null), "prompt must not be null", "\"\""),
        refused(() -> request.negativePrompt(null), "negative prompt must not be null"),
        refused(() -> new Prompt("a", null), "negative prompt must not be null"),
        refused(() -> request.prompts(List.of()), "at least one"),
        refused(() -> request.steps(0), "number of steps is 0", "1 to 1000"),
        refused(() -> request.steps(1001), "1001", "1 to 1000"),
        refused(() -> request.guidanceScale(Double.NaN), "guidance scale is NaN", "finite"),
        refused(() -> request.eta(1.5), "Eta is 1.5", "0.0 to 1.0"),
        refused(() -> request.eta(Double.NaN), "Eta is NaN"),
        refused(() -> request.imagesPerPrompt(0), "number of images is 0"),
        refused(() -> request.seed(-2), "seed is -2", "-1 for a random one"),
        refused(() -> request.width(0), "width is 0"),
        refused(() -> request.imageResolution(10), "image resolution is 10", "64 to 8192"),
        refused(() -> request.control(null), "control input must not be null"),
        refused(() -> request.scheduler(null), "scheduler must not be null"),
        refused(() -> ControlInput.of(null), "control image must not be null"),
        refused(() -> input.withScale(Double.NaN), "control scale is NaN", "finite"),
        refused(() -> input.withScale(Double.POSITIVE_INFINITY), "Infinity"),
        refused(() -> input.withWindow(0.6, 0.4), "start 0.6", "end 0.4"),
        refused(() -> input.withWindow(-0.1, 1), "-0.1", "0.0 to 1.0"),
        refused(() -> input.withDetectResolution(3), "detect resolution is 3"),
        refused(() -> BaseModel.of(null), "base model's path must not be null"),
        refused(() -> ControlModel.of(null), "control model's path must not be null"),
        refused(() -> Device.parse("gpu 3"), "\"gpu 3\" is not a device", "cuda"),
        refused(() -> ControlNetPipeline.builder().threads(0), "number of threads is 0"),
        refused(() -> ControlNetPipeline.builder().build(), "no base model"));
  }

  private static Arguments refused(ThrowingCallable call, String... words) {
    return Arguments.of(String.join(", ", words), call, words);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("illegalValues")
  void isRefused(String name, ThrowingCallable call, String... words) {
    assertThatExceptionOfType(ControlNetException.class)
        .as(name)
        .isThrownBy(call)
        .satisfies(e -> assertThat(e.getMessage()).contains(words));
  }

  @Test
  void missingImplementationIsOneMessage() {
    assertThatExceptionOfType(ProviderNotFoundException.class)
        .isThrownBy(() -> Annotators.named("canny"))
        .withMessageContaining("no annotator named \"canny\"")
        .withMessageContaining("available: none")
        .withMessageContaining("controlnet-annotators");
    assertThatExceptionOfType(ProviderNotFoundException.class)
        .isThrownBy(Schedulers::ddim)
        .withMessageContaining("controlnet-core");
  }

  @Test
  void inputsAreImmutable() {
    ControlInput input = ControlInput.of(new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB));
    ControlInput changed =
        input.withScale(0.5).withWindow(0.1, 0.9).withAnnotatorOption("low", "50");
    assertThat(input.scale()).isEqualTo(1);
    assertThat(input.annotatorOptions()).isEmpty();
    assertThat(changed.withScale(2).start()).isEqualTo(0.1);
    assertThat(changed.annotatorOptions()).containsEntry("low", "50");
  }

  @Test
  void devicesReadAsTheyPrint() {
    for (String text : new String[] {"cpu", "cuda:0", "cuda:3"}) {
      assertThat(Device.parse(text).toString()).isEqualTo(text);
    }
    assertThat(Device.parse("CUDA")).isEqualTo(Device.cuda(0));
  }
}
