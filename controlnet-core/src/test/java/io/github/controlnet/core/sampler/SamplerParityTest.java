package io.github.controlnet.core.sampler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every sampler against diffusers' on Gaussian data. */
class SamplerParityTest {
  /** The reference looks timesteps up in logarithms of float32, which tells by its processor. */
  private static final double LOOKUP_ERROR = 0.01;

  private static final SamplerReference REFERENCE = new SamplerReference();

  static List<SamplerReference.Case> cases() {
    return REFERENCE.cases();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void endsWhereTheReferenceDoes(SamplerReference.Case wanted) {
    SamplerReference.Outcome outcome = REFERENCE.run(wanted);
    assertThat(outcome.initialNoiseScale() / wanted.initialNoiseScale())
        .as("initial noise scale over the reference's")
        .isCloseTo(1, within(1e-4));
    assertThat(outcome.timesteps()).as("timesteps").hasSameSizeAs(wanted.timesteps());
    for (int i = 0; i < wanted.timesteps().size(); i++) {
      assertThat(outcome.timesteps().get(i))
          .as("timestep %d", i)
          .isCloseTo(wanted.timesteps().get(i), within(LOOKUP_ERROR));
    }
    assertThat(outcome.draws()).as("draws of noise").isEqualTo(wanted.draws());
    assertThat(outcome.error()).as("relative error").isLessThan(1e-4);
  }

  @Test
  void everySamplerIsCompared() {
    assertThat(REFERENCE.cases())
        .extracting(SamplerReference.Case::sampler)
        .containsAll(new CoreSamplers().samplers().stream().map(s -> s.name()).toList());
  }
}
