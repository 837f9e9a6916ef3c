package io.github.controlnet.core.sampler;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.controlnet.Samplers;
import io.github.controlnet.core.fixtures.Fixtures;
import io.github.controlnet.core.fixtures.ReferenceTensors;
import io.github.controlnet.sampler.NoiseSchedule;
import io.github.controlnet.sampler.PredictionType;
import io.github.controlnet.sampler.SamplerRun;
import io.github.controlnet.sampler.SamplingOptions;
import io.github.controlnet.sampler.TimestepSpacing;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** What diffusers' samplers end in on Gaussian data, and ours beside them. */
final class SamplerReference {
  private final ReferenceTensors tensors =
      new ReferenceTensors(Fixtures.file("samplers.safetensors"));
  private final JsonNode description = read();

  /**
   * One run of the reference.
   *
   * @param draws how often it drew noise for all latents
   */
  record Case(
      String key,
      String sampler,
      String variant,
      PredictionType prediction,
      double eta,
      int steps,
      int draws,
      double initialNoiseScale,
      List<Double> timesteps) {
    @Override
    public String toString() {
      return key;
    }
  }

  /**
   * What ours comes to.
   *
   * @param error the relative root mean square of the difference
   */
  record Outcome(double error, int draws, double initialNoiseScale, List<Double> timesteps) {}

  private static JsonNode read() {
    try {
      return new ObjectMapper().readTree(Files.readAllBytes(Fixtures.file("samplers.json")));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  List<Case> cases() {
    return description.get("cases").properties().stream().map(this::describe).toList();
  }

  private Case describe(Map.Entry<String, JsonNode> entry) {
    JsonNode settings = entry.getValue();
    List<Double> timesteps = new ArrayList<>();
    description
        .get("timesteps")
        .get(settings.get("timesteps").textValue())
        .forEach(timestep -> timesteps.add(timestep.doubleValue()));
    return new Case(
        entry.getKey(),
        settings.get("sampler").textValue(),
        settings.get("variant").textValue(),
        settings.get("prediction").textValue().equals("epsilon")
            ? PredictionType.EPSILON
            : PredictionType.V_PREDICTION,
        settings.get("eta").doubleValue(),
        settings.get("steps").intValue(),
        settings.get("draws").intValue(),
        settings.get("initialNoiseScale").doubleValue(),
        timesteps);
  }

  private static NoiseSchedule schedule(Case wanted) {
    NoiseSchedule schedule =
        NoiseSchedule.stableDiffusion().withPredictionType(wanted.prediction());
    return switch (wanted.variant()) {
      case "usual" -> schedule;
      case "leading" -> schedule.withTimestepSpacing(TimestepSpacing.LEADING);
      case "linspace" -> schedule.withTimestepSpacing(TimestepSpacing.LINSPACE);
      case "trailing" -> schedule.withTimestepSpacing(TimestepSpacing.TRAILING);
      case "zero_snr" ->
          schedule.rescaledToZeroSignal().withTimestepSpacing(TimestepSpacing.TRAILING);
      default -> throw new AssertionError(wanted.variant());
    };
  }

  Outcome run(Case wanted) {
    NoiseSchedule schedule = schedule(wanted);
    SamplerRun run =
        Samplers.named(wanted.sampler())
            .start(schedule, new SamplingOptions(wanted.steps(), wanted.eta()));
    float[] noise = tensors.floats("noise");
    float[] sample = tensors.floats("start");
    for (int i = 0; i < sample.length; i++) {
      sample[i] *= (float) run.initialNoiseScale();
    }
    int[] drawn = {0};
    List<Double> timesteps = new ArrayList<>();
    for (int i = 0; i < run.evaluations(); i++) {
      timesteps.add(run.timestep(i));
      float[] output =
          predict(
              schedule,
              run.timestep(i),
              run.scaleInput(i, sample),
              description.get("dataMean").doubleValue(),
              description.get("dataVariance").doubleValue());
      sample =
          run.step(
              i,
              output,
              sample,
              count -> {
                int from = drawn[0];
                drawn[0] += count;
                return Arrays.copyOfRange(noise, from, from + count);
              });
    }
    return new Outcome(
        Fixtures.relativeError(sample, tensors.floats(wanted.key())),
        drawn[0] / sample.length,
        run.initialNoiseScale(),
        timesteps);
  }

  /** The best prediction for Gaussian data. */
  static float[] predict(
      NoiseSchedule schedule, double timestep, float[] input, double mean, double variance) {
    int below = (int) Math.min(Math.floor(timestep), schedule.timesteps() - 2);
    double share = timestep - below;
    double alpha =
        Math.pow(schedule.alphaBar(below), 1 - share)
            * Math.pow(schedule.alphaBar(below + 1), share);
    double signal = Math.sqrt(alpha);
    double spread = Math.sqrt(1 - alpha);
    float[] output = new float[input.length];
    for (int i = 0; i < output.length; i++) {
      double surprise = (input[i] - signal * mean) / (alpha * variance + 1 - alpha);
      double noise = spread * surprise;
      double clean = mean + signal * variance * surprise;
      output[i] =
          (float)
              (schedule.predictionType() == PredictionType.EPSILON
                  ? noise
                  : signal * noise - spread * clean);
    }
    return output;
  }
}
