package io.github.controlnet.core.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.controlnet.ControlInput;
import io.github.controlnet.ControlNetPipeline;
import io.github.controlnet.GenerationRequest;
import io.github.controlnet.GenerationResult;
import io.github.controlnet.Provenance.ModelSource;
import io.github.controlnet.core.fixtures.Fixtures;
import io.github.controlnet.engine.OffloadPolicy;
import io.github.controlnet.model.BaseModel;
import io.github.controlnet.model.ControlModel;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** One control may act on several inputs of a request, and may be given to a pipeline twice. */
class SameControlTwiceTest {
  private static final ControlModel CONTROL = ControlModel.of(Fixtures.tinyControl());
  private static final ControlModel OTHER = ControlModel.of(Fixtures.tinyControlB());

  private ProbeEngineProvider.Probe probe = new ProbeEngineProvider.Probe();

  @BeforeEach
  void watch() {
    probe = ProbeEngineProvider.fresh();
  }

  private static ControlNetPipeline.Builder builder() {
    return ControlNetPipeline.builder().base(BaseModel.of(Fixtures.tiny())).threads(1);
  }

  private static GenerationRequest.Builder request() {
    return GenerationRequest.builder().prompt("a red circle").size(64, 64).steps(3).seed(7);
  }

  private static ControlInput input(int level, double scale) {
    BufferedImage map = new BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB);
    Graphics2D pen = map.createGraphics();
    pen.setColor(new Color(level, level, level));
    pen.fillRect(8, 8, 40, 48);
    pen.dispose();
    return ControlInput.of(map).withScale(scale);
  }

  private static float[] latents(
      ControlNetPipeline pipeline, GenerationRequest.Builder request, ControlInput... inputs) {
    Arrays.stream(inputs).forEach(request::control);
    return pipeline.generate(request.build()).latents().values();
  }

  private static void assertClose(float[] actual, float[] expected) {
    for (int i = 0; i < expected.length; i++) {
      assertThat(actual[i]).isCloseTo(expected[i], within(1e-4f));
    }
  }

  @ParameterizedTest
  @EnumSource(OffloadPolicy.class)
  void inputsOfOneControlAreAddedUp(OffloadPolicy offload) {
    try (ControlNetPipeline pipeline = builder().offload(offload).control(CONTROL).build()) {
      float[] once = latents(pipeline, request(), input(200, 1));
      float[] none = latents(pipeline, request());
      float[] twice =
          latents(
              pipeline,
              request(),
              input(200, 0.25).withModel(CONTROL),
              input(200, 0.75).withModel(CONTROL));
      assertClose(twice, once);
      assertThat(once).isNotEqualTo(none);
    }
  }

  @Test
  void weightsOfAControlGivenTwiceAreLoadedOnce() {
    try (ControlNetPipeline pipeline =
        builder()
            .engine("probe")
            .control(CONTROL)
            .control(ControlModel.of(Fixtures.tinyControl()))
            .build()) {
      assertThat(pipeline.info().controls()).hasSize(2);
      float[] inOrder = latents(pipeline, request(), input(90, 0.5), input(200, 1));
      assertThat(probe.loads.stream().filter(name -> name.startsWith("control"))).hasSize(1);
      assertThat(probe.count("control")).isEqualTo(2 * 3);
      assertClose(
          latents(
              pipeline,
              request(),
              input(90, 0.5).withModel(CONTROL),
              input(200, 1).withModel(CONTROL)),
          inOrder);
    }
    assertThat(probe.openHandles).isEmpty();
    assertThat(probe.resident).isEmpty();
  }

  @Test
  void moreInputsThanTimesGivenAreLegal() {
    try (ControlNetPipeline twice =
            builder().engine("probe").control(CONTROL).control(CONTROL).build();
        ControlNetPipeline once = builder().engine("probe").control(CONTROL).build()) {
      ControlInput[] three = {
        input(50, 0.2).withModel(CONTROL),
        input(100, 0.3).withModel(CONTROL),
        input(250, -0.1).withModel(CONTROL)
      };
      assertThat(latents(twice, request(), three)).isEqualTo(latents(once, request(), three));
    }
  }

  @Test
  void eachInputKeepsItsOwnWindowAndPlaceInTheRecord() {
    try (ControlNetPipeline pipeline =
        builder().engine("probe").control(CONTROL).control(OTHER).build()) {
      GenerationResult result =
          pipeline.generate(
              request()
                  .steps(10)
                  .control(input(90, 1).withModel(CONTROL).withWindow(0, 0.2))
                  .control(input(90, 1).withModel(OTHER).withWindow(0.2, 0.5))
                  .control(input(200, 0.5).withModel(CONTROL).withWindow(0.5, 0.9))
                  .build());
      assertThat(probe.count("control")).isEqualTo(2 + 3 + 4);
      assertThat(result.controlMaps()).hasSize(3);
      assertThat(result.provenance().request().controls().list())
          .extracting(control -> control.end())
          .containsExactly(0.2, 0.5, 0.9);
      assertThat(result.provenance().model(ModelSource.control(3)).orElseThrow().path())
          .isEqualTo(result.provenance().model(ModelSource.control(1)).orElseThrow().path())
          .isNotEqualTo(result.provenance().model(ModelSource.control(2)).orElseThrow().path());
    }
  }

  @Test
  void theControlOfAMergedBaseHasAName() {
    BaseModel base = BaseModel.of(Fixtures.tiny());
    assertThat(base.ownControl()).isEqualTo(ControlModel.of(Fixtures.tiny()));
    assertThat(BaseModel.hub("a/b@c").ownControl()).isEqualTo(ControlModel.hub("a/b@c"));
  }
}
