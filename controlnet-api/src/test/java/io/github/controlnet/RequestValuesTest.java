package io.github.controlnet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.controlnet.engine.Device;
import io.github.controlnet.exception.InvalidRequestException;
import io.github.controlnet.exception.ProviderNotFoundException;
import io.github.controlnet.model.BaseModel;
import io.github.controlnet.model.ControlModel;
import java.awt.image.BufferedImage;
import java.util.Collections;
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
        missing(() -> request.prompt(null), "prompt must not be null", "\"\""),
        missing(() -> request.negativePrompt(null), "negative prompt must not be null"),
        missing(() -> new Prompt("a", null), "negative prompt must not be null"),
        refused(() -> request.prompts(List.of()), "at least one"),
        unfit(() -> prompted("a".repeat(10_001)), "prompt has 10001", "at most 10000"),
        unfit(() -> prompted("a <lora:x:0.8>"), "<lora:x:0.8>", "no folder of LoRAs"),
        unfit(() -> prompted("a <LyCO:some thing>"), "<LyCO:some thing>", "prompt"),
        unfit(() -> prompted("<hypernet:h>"), "<hypernet:h>", "Take it out"),
        unfit(() -> GenerationRequest.builder().negativePrompt("<lora:x>").build(), "negative"),
        unfit(() -> GenerationRequest.builder().addedPrompt("<lora:x>").build(), "added"),
        unfit(
            () -> GenerationRequest.builder().prompts(List.of(new Prompt("", "<lora:x>"))).build(),
            "negative prompt asks"),
        unfit(() -> weighted("a cat AND a dog"), "prompt has AND", "small letters"),
        unfit(() -> weighted("a cat AND:0.5 a dog"), "prompt has AND"),
        unfit(
            () ->
                GenerationRequest.builder()
                    .imagesPerPrompt(1024)
                    .prompts(Collections.nCopies(3_000_000, Prompt.of("a")))
                    .build(),
            "3000000 prompts of 1024 images",
            "at most 10000"),
        refused(() -> request.steps(0), "number of steps is 0", "1 to 1000"),
        refused(() -> request.steps(1001), "1001", "1 to 1000"),
        refused(() -> request.guidanceScale(Double.NaN), "guidance scale is NaN", "finite"),
        refused(() -> request.guidanceScale(1e308), "guidance scale is 1.0E308", "float32"),
        refused(() -> request.eta(1.5), "Eta is 1.5", "0.0 to 1.0"),
        refused(() -> request.eta(Double.NaN), "Eta is NaN"),
        refused(() -> request.imagesPerPrompt(0), "number of images is 0"),
        refused(() -> request.seed(-2), "seed is -2", "-1 for a random one"),
        refused(() -> request.width(0), "width is 0"),
        refused(() -> request.imageResolution(10), "image resolution is 10", "64 to 8192"),
        missing(() -> request.control(null), "control input must not be null"),
        missing(() -> request.scheduler(null), "sampler must not be null"),
        missing(() -> ControlInput.of(null), "control image must not be null"),
        refused(() -> input.withScale(Double.NaN), "control scale is NaN", "finite"),
        refused(() -> input.withScale(Double.POSITIVE_INFINITY), "Infinity"),
        missing(() -> input.withScale(null), "control scale must not be null"),
        missing(() -> input.withMode(null), "control mode must not be null"),
        missing(() -> input.withMask(null), "control mask must not be null"),
        refused(() -> input.withLayerWeights(1, Double.NaN), "layer weight is NaN"),
        refused(
            () -> ControlInput.inpaint(picture(8, 8), picture(8, 4)),
            "mask is 8 x 4",
            "photograph 8 x 8"),
        refused(() -> ScaleSchedule.perStep(), "list of scales is empty"),
        refused(() -> ScaleSchedule.linear(1, Double.NaN), "scale of a schedule is NaN"),
        unfit(() -> ScaleSchedule.perStep(1, 2).at(0, 3), "2 scales for 3 steps"),
        missing(() -> request.guidance(null), "guidance must not be null"),
        refused(() -> Guidance.of(Double.NaN), "guidance scale is NaN"),
        refused(() -> Guidance.of(9).withRescale(1.1), "guidance rescale is 1.1", "0.0 to 1.0"),
        refused(() -> Guidance.of(9).withInterval(0.6, 0.4), "start 0.6", "end 0.4"),
        refused(() -> Guidance.of(9).withInterval(0, 2), "guidance end is 2.0"),
        refused(
            () -> Guidance.of(9).withPerturbedAttention(Double.NaN), "perturbed-attention", "NaN"),
        refused(() -> input.withWindow(0.6, 0.4), "start 0.6", "end 0.4"),
        refused(() -> input.withWindow(-0.1, 1), "-0.1", "0.0 to 1.0"),
        refused(() -> input.withDetectResolution(3), "detect resolution is 3"),
        missing(() -> BaseModel.of(null), "base model's path must not be null"),
        missing(() -> ControlModel.of(null), "control model's path must not be null"),
        refused(() -> Device.parse("gpu 3"), "\"gpu 3\" is not a device", "cuda"),
        refused(() -> ControlNetPipeline.builder().threads(0), "number of threads is 0"),
        refused(() -> ControlNetPipeline.builder().build(), "no base model"));
  }

  private static GenerationRequest prompted(String prompt) {
    return GenerationRequest.builder().prompt(prompt).build();
  }

  private static GenerationRequest weighted(String prompt) {
    return GenerationRequest.builder().prompt(prompt).promptSyntax(PromptSyntax.WEIGHTED).build();
  }

  @Test
  void whatIsNoExtraNetworkIsText() {
    for (String text : List.of("<lora>", "<lora:", "a < lora:x>", "a AND b", "<b>", "<cat-toy>")) {
      assertThat(prompted(text).prompts().list().get(0).text()).isEqualTo(text);
    }
    for (String text : List.of("sAND", "and", "ANDROID AND_", "BREAK")) {
      assertThat(weighted(text).prompts().list().get(0).text()).isEqualTo(text);
    }
    GenerationRequest.builder()
        .negativePrompt("a AND b")
        .promptSyntax(PromptSyntax.WEIGHTED)
        .build();
  }

  private static BufferedImage picture(int width, int height) {
    return new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
  }

  /** An argument that is legal in no request. */
  private static Arguments refused(ThrowingCallable call, String... words) {
    return Arguments.of(String.join(", ", words), IllegalArgumentException.class, call, words);
  }

  /** Nothing, where something must be. */
  private static Arguments missing(ThrowingCallable call, String... words) {
    return Arguments.of(String.join(", ", words), NullPointerException.class, call, words);
  }

  /** Values that do not go together, or are refused where all of them are known. */
  private static Arguments unfit(ThrowingCallable call, String... words) {
    return Arguments.of(String.join(", ", words), InvalidRequestException.class, call, words);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("illegalValues")
  void isRefused(
      String name, Class<? extends Exception> kind, ThrowingCallable call, String... words) {
    assertThatExceptionOfType(kind)
        .as(name)
        .isThrownBy(call)
        .satisfies(e -> assertThat(e).isExactlyInstanceOf(kind))
        .satisfies(e -> assertThat(e.getMessage()).contains(words));
  }

  @Test
  void aDoorTellsItsUserWhatASetterRefuses() {
    GenerationRequest.Builder request = GenerationRequest.builder();
    assertThatExceptionOfType(InvalidRequestException.class)
        .isThrownBy(() -> InvalidRequestException.checking(() -> request.steps(0)))
        .withMessageContaining("number of steps is 0")
        .withCauseExactlyInstanceOf(IllegalArgumentException.class);
    assertThat(InvalidRequestException.checking(() -> request.steps(3))).isSameAs(request);
    // a mistake of the program's stays one
    assertThatExceptionOfType(IllegalStateException.class)
        .isThrownBy(
            () ->
                InvalidRequestException.checking(
                    () -> {
                      throw new IllegalStateException("a bug");
                    }));
  }

  @Test
  void missingImplementationIsOneMessage() {
    assertThatExceptionOfType(ProviderNotFoundException.class)
        .isThrownBy(() -> Annotators.named("canny"))
        .withMessageContaining("no annotator named \"canny\"")
        .withMessageContaining("available: none")
        .withMessageContaining("controlnet-annotators");
    assertThatExceptionOfType(ProviderNotFoundException.class)
        .isThrownBy(Samplers::ddim)
        .withMessageContaining("controlnet-core");
  }

  @Test
  void inputsAreImmutable() {
    ControlInput input = ControlInput.of(new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB));
    ControlInput changed =
        input.withScale(0.5).withWindow(0.1, 0.9).withAnnotatorOption("low", "50");
    assertThat(input.scale()).isEqualTo(ScaleSchedule.constant(1));
    assertThat(input.annotatorOptions()).isEmpty();
    assertThat(changed.withScale(2).start()).isEqualTo(0.1);
    assertThat(changed.annotatorOptions()).containsEntry("low", "50");
  }

  @Test
  void schedulesGoFromTheFirstStepToTheLast() {
    ScaleSchedule linear = ScaleSchedule.linear(9, 3);
    assertThat(linear.at(0, 4)).isEqualTo(9);
    assertThat(linear.at(1, 4)).isEqualTo(7);
    assertThat(linear.at(3, 4)).isEqualTo(3);
    assertThat(linear.at(0, 1)).isEqualTo(9);
    assertThat(ScaleSchedule.perStep(9, 7, 1).at(1, 3)).isEqualTo(7);
    assertThat(ScaleSchedule.constant(0.5)).hasToString("0.5");
    assertThat(linear).hasToString("9.0..3.0");
    assertThat(ScaleSchedule.perStep(9, 7)).hasToString("9.0,7.0");
  }

  @Test
  void devicesReadAsTheyPrint() {
    for (String text : new String[] {"cpu", "cuda:0", "cuda:3"}) {
      assertThat(Device.parse(text).toString()).isEqualTo(text);
    }
    assertThat(Device.parse("CUDA")).isEqualTo(Device.cuda(0));
  }
}
