package io.github.controlnet.core.pipeline.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.controlnet.ControlNetPipeline;
import io.github.controlnet.GenerationRequest;
import io.github.controlnet.InitImage;
import io.github.controlnet.Samplers;
import io.github.controlnet.core.fixtures.Fixtures;
import io.github.controlnet.core.pipeline.ProbeEngineProvider;
import io.github.controlnet.exception.PluginException;
import io.github.controlnet.model.BaseModel;
import io.github.controlnet.sampler.NoiseSchedule;
import io.github.controlnet.sampler.NoiseSource;
import io.github.controlnet.sampler.Sampler;
import io.github.controlnet.sampler.SamplerRun;
import io.github.controlnet.sampler.SamplingOptions;
import java.awt.image.BufferedImage;
import java.util.Arrays;
import java.util.function.UnaryOperator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a plugin's sampler must not do is an error that names the sampler. */
@SuppressWarnings("NullAway") // plugins may return null
class CheckedRunTest {

  /** What is wrong with a sampler, and how that is told. */
  enum Fault {
    NULL_RUN("start returned null"),
    THROWN_AT_START("failed in start: IllegalStateException, not today"),
    NO_EVALUATIONS("evaluations are 0, not 1 to 100000"),
    NEGATIVE_EVALUATIONS("evaluations are -1"),
    ENDLESS_EVALUATIONS("evaluations are 2147483647"),
    TIMESTEP_NAN("timestep 1 is NaN"),
    TIMESTEP_NEGATIVE("timestep 1 is -3.0"),
    NOISE_SCALE("initialNoiseScale is NaN"),
    NULL_SCALED("scaleInput returned null"),
    SHORT_SCALED("scaleInput returned 3 numbers for 256"),
    NAN_SCALED("scaleInput returned NaN at 5"),
    NULL_STEP("step returned null"),
    LONG_STEP("step returned 257 numbers for 256"),
    NAN_STEP("step returned NaN at 5"),
    ASSERTION("failed in step: AssertionError, never"),
    STACK_OVERFLOW("failed in step: StackOverflowError"),
    MISSING_CLASS("failed in step: NoClassDefFoundError, org/example/Maths"),
    LATE_START("evaluationOf 2 is 9, not 0 to 3"),
    NULL_NOISED("addNoise returned null");

    private final String told;

    Fault(String told) {
      this.told = told;
    }
  }

  private static float[] changed(float[] values, UnaryOperator<float[]> change) {
    return change.apply(values.clone());
  }

  private static float[] withNan(float[] values) {
    values[5] = Float.NaN;
    return values;
  }

  /** A sampler with one fault. */
  private record Faulty(Fault fault) implements Sampler {
    @Override
    public String name() {
      return "faulty";
    }

    @Override
    public SamplerRun start(NoiseSchedule schedule, SamplingOptions options) {
      if (fault == Fault.THROWN_AT_START) {
        throw new IllegalStateException("not today");
      }
      return fault == Fault.NULL_RUN
          ? null
          : new FaultyRun(fault, Samplers.ddim().start(schedule, options));
    }
  }

  private record FaultyRun(Fault fault, SamplerRun run) implements SamplerRun {
    @Override
    public int evaluations() {
      return switch (fault) {
        case NO_EVALUATIONS -> 0;
        case NEGATIVE_EVALUATIONS -> -1;
        case ENDLESS_EVALUATIONS -> Integer.MAX_VALUE;
        default -> run.evaluations();
      };
    }

    @Override
    public double timestep(int index) {
      return index == 1 && fault == Fault.TIMESTEP_NAN
          ? Double.NaN
          : index == 1 && fault == Fault.TIMESTEP_NEGATIVE ? -3 : run.timestep(index);
    }

    @Override
    public double initialNoiseScale() {
      return fault == Fault.NOISE_SCALE ? Double.NaN : run.initialNoiseScale();
    }

    @Override
    public float[] scaleInput(int index, float[] latents) {
      return switch (fault) {
        case NULL_SCALED -> null;
        case SHORT_SCALED -> new float[3];
        case NAN_SCALED -> changed(latents, CheckedRunTest::withNan);
        default -> run.scaleInput(index, latents);
      };
    }

    @Override
    public float[] step(int index, float[] prediction, float[] latents, NoiseSource noise) {
      return switch (fault) {
        case NULL_STEP -> null;
        case LONG_STEP -> Arrays.copyOf(latents, latents.length + 1);
        case NAN_STEP -> changed(latents, CheckedRunTest::withNan);
        case ASSERTION -> throw new AssertionError("never");
        case STACK_OVERFLOW -> throw new StackOverflowError();
        case MISSING_CLASS -> throw new NoClassDefFoundError("org/example/Maths");
        default -> run.step(index, prediction, latents, noise);
      };
    }

    @Override
    public int evaluationOf(int step) {
      return fault == Fault.LATE_START ? 9 : run.evaluationOf(step);
    }

    @Override
    public float[] addNoise(int index, float[] sample, float[] noise) {
      return fault == Fault.NULL_NOISED ? null : run.addNoise(index, sample, noise);
    }
  }

  @ParameterizedTest
  @EnumSource(Fault.class)
  void faultsNameTheSampler(Fault fault) {
    ProbeEngineProvider.Probe probe = ProbeEngineProvider.fresh();
    GenerationRequest.Builder request =
        GenerationRequest.builder()
            .prompt("x")
            .size(64, 64)
            .steps(4)
            .seed(1)
            .scheduler(new Faulty(fault));
    if (fault == Fault.LATE_START || fault == Fault.NULL_NOISED) {
      request.initImage(
          InitImage.of(new BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB)).withStrength(0.5));
    }
    try (ControlNetPipeline pipeline =
        ControlNetPipeline.builder().base(BaseModel.of(Fixtures.tiny())).engine("probe").build()) {
      assertThatThrownBy(() -> pipeline.generate(request.build()))
          .isInstanceOf(PluginException.class)
          .hasMessageContaining("The sampler \"faulty\" (" + CheckedRunTest.class.getName())
          .hasMessageContaining(fault.told);
      // and the pipeline goes on
      assertThat(pipeline.generate(request.scheduler(Samplers.ddim()).build()).images()).hasSize(1);
    }
    assertThat(probe.openHandles).isEmpty();
  }
}
