package io.github.controlnet.core.sampler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.controlnet.Samplers;
import io.github.controlnet.core.fixtures.Fixtures;
import io.github.controlnet.core.fixtures.ReferenceTensors;
import io.github.controlnet.sampler.NoiseSchedule;
import io.github.controlnet.sampler.SamplerRun;
import io.github.controlnet.sampler.SamplingOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every sampler begun part-way, plain and with the source blended in, against diffusers. */
class PartwayParityTest {
  private static final ReferenceTensors TENSORS =
      new ReferenceTensors(Fixtures.file("partway.safetensors"));

  static List<Map.Entry<String, JsonNode>> cases() throws IOException {
    JsonNode cases = new ObjectMapper().readTree(Files.readAllBytes(Fixtures.file("partway.json")));
    return List.copyOf(cases.properties());
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void endsWhereTheReferenceDoes(Map.Entry<String, JsonNode> entry) {
    JsonNode wanted = entry.getValue();
    int steps = wanted.get("steps").intValue();
    SamplerRun run =
        Samplers.named(wanted.get("sampler").textValue())
            .start(
                NoiseSchedule.stableDiffusion(),
                new SamplingOptions(steps, wanted.get("eta").doubleValue()));
    int kept = (int) (steps * wanted.get("strength").doubleValue());
    int first = run.evaluationOf(steps - kept);
    assertThat(run.evaluations() - first).isEqualTo(wanted.get("timesteps").size());

    float[] data = TENSORS.floats("data");
    float[] noise = TENSORS.floats("noise");
    float[] mask = TENSORS.floats("mask");
    float[] table = TENSORS.floats("draws");
    int[] drawn = {0};
    float[] x = run.addNoise(first, data, noise);
    for (int i = first; i < run.evaluations(); i++) {
      assertThat(run.timestep(i))
          .isCloseTo(wanted.get("timesteps").get(i - first).doubleValue(), within(2e-3));
      float[] prediction =
          SamplerReference.predict(
              NoiseSchedule.stableDiffusion(), run.timestep(i), run.scaleInput(i, x), 0.7, 0.25);
      x =
          run.step(
              i,
              prediction,
              x,
              count -> {
                int from = drawn[0];
                drawn[0] += count;
                return Arrays.copyOfRange(table, from, from + count);
              });
      if (wanted.get("blended").booleanValue()) {
        float[] source = i + 1 < run.evaluations() ? run.addNoise(i + 1, data, noise) : data;
        for (int j = 0; j < x.length; j++) {
          x[j] = (1 - mask[j]) * source[j] + mask[j] * x[j];
        }
      }
    }
    assertThat(drawn[0] / data.length).isEqualTo(wanted.get("draws").intValue());
    assertThat(Fixtures.relativeError(x, TENSORS.floats(entry.getKey()))).isLessThan(1e-4);
  }
}
