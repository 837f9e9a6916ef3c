package io.github.controlnet.core.sampler;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.controlnet.Samplers;
import io.github.controlnet.core.fixtures.Fixtures;
import io.github.controlnet.core.fixtures.ReferenceTensors;
import io.github.controlnet.sampler.NoiseSchedule;
import io.github.controlnet.sampler.PredictionType;
import io.github.controlnet.sampler.SamplerRun;
import io.github.controlnet.sampler.SamplingOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** DDIM against diffusers' DDIMSampler. */
class DdimParityTest {
  private static final int VALUES = 16;
  private static final ReferenceTensors REFERENCE =
      new ReferenceTensors(Fixtures.file("sampling.safetensors"));

  private static JsonNode description() {
    try {
      return new ObjectMapper().readTree(Files.readAllBytes(Fixtures.file("sampling.json")));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  static Stream<Map.Entry<String, JsonNode>> cases() {
    return description().get("cases").properties().stream();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void pathIsTheReferences(Map.Entry<String, JsonNode> entry) {
    String name = entry.getKey();
    JsonNode settings = entry.getValue();
    NoiseSchedule schedule =
        NoiseSchedule.stableDiffusion()
            .withPredictionType(
                settings.get("prediction").textValue().equals("epsilon")
                    ? PredictionType.EPSILON
                    : PredictionType.V_PREDICTION);
    double eta = settings.get("eta").doubleValue();
    int steps = settings.get("steps").intValue();
    SamplerRun run = Samplers.ddim().start(schedule, new SamplingOptions(steps, eta));
    float[] path = REFERENCE.floats(name + ".path");
    float[] noise = eta > 0 ? REFERENCE.floats(name + ".noise") : new float[0];
    assertThat(run.evaluations()).isEqualTo(path.length / VALUES).isEqualTo(steps);
    float[] sample = REFERENCE.floats("start");
    for (int i = 0; i < steps; i++) {
      int from = i * VALUES;
      float[] output = dataPrediction(schedule, run.timestep(i), sample);
      sample = run.step(i, output, sample, count -> Arrays.copyOfRange(noise, from, from + count));
      assertThat(Fixtures.relativeError(sample, Arrays.copyOfRange(path, from, from + VALUES)))
          .as("step %d", i)
          .isLessThan(1e-4);
    }
  }

  /** The best prediction for the fixture's Gaussian data. */
  private static float[] dataPrediction(NoiseSchedule schedule, double timestep, float[] sample) {
    JsonNode description = description();
    double mean = description.get("dataMean").doubleValue();
    double variance = description.get("dataVariance").doubleValue();
    double a = schedule.alphaBar((int) timestep);
    float[] output = new float[sample.length];
    for (int i = 0; i < output.length; i++) {
      double noise = Math.sqrt(1 - a) * (sample[i] - Math.sqrt(a) * mean) / (a * variance + 1 - a);
      double clean = (sample[i] - Math.sqrt(1 - a) * noise) / Math.sqrt(a);
      output[i] =
          (float)
              (schedule.predictionType() == PredictionType.EPSILON
                  ? noise
                  : Math.sqrt(a) * noise - Math.sqrt(1 - a) * clean);
    }
    return output;
  }

  @Test
  void timestepsAreTheReferences() {
    int compared = 0;
    for (Map.Entry<String, JsonNode> entry : description().get("timesteps").properties()) {
      int steps = Integer.parseInt(entry.getKey());
      if (steps == 1000) {
        continue; // the reference asks for timestep 1000, which does not exist
      }
      SamplerRun run =
          Samplers.ddim().start(NoiseSchedule.stableDiffusion(), new SamplingOptions(steps, 0));
      List<Integer> timesteps = new ArrayList<>();
      for (int i = 0; i < run.evaluations(); i++) {
        timesteps.add((int) run.timestep(i));
      }
      List<Integer> expected = new ArrayList<>();
      entry.getValue().forEach(timestep -> expected.add(timestep.intValue()));
      assertThat(timesteps).as("%d steps", steps).isEqualTo(expected);
      compared++;
    }
    assertThat(compared).isGreaterThan(50);
  }

  @Test
  void alphasAreTheReferences() {
    NoiseSchedule schedule = NoiseSchedule.stableDiffusion();
    float[] alphas = new float[schedule.timesteps()];
    for (int i = 0; i < alphas.length; i++) {
      alphas[i] = (float) schedule.alphaBar(i);
    }
    float[] expected = REFERENCE.floats("alphas_cumprod");
    // The reference multiplies in float32: a relative error of 1e-5 gathers over 1000 factors.
    for (int i = 0; i < alphas.length; i++) {
      assertThat(alphas[i] / expected[i] - 1).as("alpha %d", i).isBetween(-5e-5f, 5e-5f);
    }
  }
}
