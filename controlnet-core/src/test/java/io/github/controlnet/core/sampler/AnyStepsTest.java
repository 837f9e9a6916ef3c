package io.github.controlnet.core.sampler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.controlnet.exception.InvalidRequestException;
import io.github.controlnet.sampler.NoiseSchedule;
import io.github.controlnet.sampler.PredictionType;
import io.github.controlnet.sampler.Sampler;
import io.github.controlnet.sampler.SamplerRun;
import io.github.controlnet.sampler.SamplingOptions;
import io.github.controlnet.sampler.TimestepSpacing;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every sampler with every spacing, predicted quantity and end of the schedule, at odd counts. */
class AnyStepsTest {

  static List<Sampler> samplers() {
    return new CoreSamplers().samplers();
  }

  private static List<NoiseSchedule> schedules() {
    List<NoiseSchedule> schedules = new ArrayList<>();
    for (NoiseSchedule ending :
        List.of(
            NoiseSchedule.stableDiffusion(),
            NoiseSchedule.stableDiffusion().rescaledToZeroSignal(),
            NoiseSchedule.linear(0.1, 0.2, 7))) {
      for (PredictionType type : PredictionType.values()) {
        schedules.add(ending.withPredictionType(type));
        for (TimestepSpacing spacing : TimestepSpacing.values()) {
          schedules.add(ending.withPredictionType(type).withTimestepSpacing(spacing));
        }
      }
    }
    return schedules;
  }

  @ParameterizedTest
  @MethodSource("samplers")
  void latentsAreFiniteAndTimestepsExist(Sampler sampler) {
    for (NoiseSchedule schedule : schedules()) {
      for (int steps : new int[] {1, 2, 3, 6, 7, 14, 15, 49, 51, 334, 500, 501, 998, 999, 1000}) {
        if (steps > schedule.timesteps()) {
          continue;
        }
        SamplerRun run = sampler.start(schedule, new SamplingOptions(steps, 0.5));
        float[] latents = {0.3f, -1.2f};
        for (int i = 0; i < run.evaluations(); i++) {
          assertThat(run.timestep(i)).isBetween(0.0, schedule.timesteps() - 1.0);
          float[] input = run.scaleInput(i, latents);
          float[] prediction = {0.1f * input[0], 0.1f * input[1]};
          latents = run.step(i, prediction, latents, AnyStepsTest::ones);
        }
        assertThat(Float.isFinite(latents[0]) && Float.isFinite(latents[1]))
            .as(
                "finite latents for %d steps, %s, spacing %s: %s",
                steps,
                schedule.predictionType(),
                schedule.timestepSpacing(),
                Arrays.toString(latents))
            .isTrue();
      }
    }
  }

  private static float[] ones(int count) {
    float[] ones = new float[count];
    Arrays.fill(ones, 1);
    return ones;
  }

  @ParameterizedTest
  @MethodSource("samplers")
  void moreStepsThanTimestepsAreRefused(Sampler sampler) {
    assertThatThrownBy(
            () -> sampler.start(NoiseSchedule.stableDiffusion(), new SamplingOptions(1001, 0)))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("1001")
        .hasMessageContaining("at most 1000");
  }
}
