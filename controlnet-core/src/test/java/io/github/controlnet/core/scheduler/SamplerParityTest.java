package io.github.controlnet.core.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.controlnet.Schedulers;
import io.github.controlnet.spi.scheduler.NoiseSchedule;
import io.github.controlnet.spi.scheduler.SamplingOptions;
import io.github.controlnet.spi.scheduler.SchedulerRun;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every sampler but DDIM, which has a test of its own, against diffusers' on Gaussian data. */
class SamplerParityTest {
  private static final SamplerReference REFERENCE = new SamplerReference();

  static List<SamplerReference.Case> cases() {
    return REFERENCE.cases();
  }

  static List<Map.Entry<String, JsonNode>> timesteps() {
    return REFERENCE.timesteps();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void endsWhereTheReferenceDoes(SamplerReference.Case wanted) {
    SamplerReference.Outcome outcome = REFERENCE.run(wanted);
    assertThat(outcome.initialNoiseScale() / wanted.initialNoiseScale())
        .as("initial noise scale over the reference's")
        .isCloseTo(1, within(1e-4));
    assertThat(outcome.draws()).as("draws of noise").isEqualTo(wanted.draws());
    assertThat(outcome.error()).as("relative error").isLessThan(1e-4);
  }

  @ParameterizedTest
  @MethodSource("timesteps")
  void timestepsAreTheReferences(Map.Entry<String, JsonNode> entry) {
    int dot = entry.getKey().indexOf('.');
    int steps = Integer.parseInt(entry.getKey().substring(dot + 1));
    SchedulerRun run =
        Schedulers.named(entry.getKey().substring(0, dot))
            .start(NoiseSchedule.stableDiffusion(), new SamplingOptions(steps, 0));
    assertThat(run.evaluations()).isEqualTo(entry.getValue().size());
    for (int i = 0; i < run.evaluations(); i++) {
      assertThat(run.timestep(i)).isCloseTo(entry.getValue().get(i).doubleValue(), within(2e-3));
    }
  }
}
