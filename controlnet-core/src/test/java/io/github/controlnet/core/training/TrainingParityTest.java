package io.github.controlnet.core.training;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.controlnet.core.fixtures.ReferenceTensors;
import io.github.controlnet.core.tensors.ScopedWeights;
import io.github.controlnet.core.weights.BaseWeights;
import io.github.controlnet.core.weights.ControlWeights;
import io.github.controlnet.engine.Device;
import io.github.controlnet.engine.EngineOptions;
import io.github.controlnet.engine.LatentShape;
import io.github.controlnet.engine.Precision;
import io.github.controlnet.engine.TrainableControl;
import io.github.controlnet.engine.TrainingBatch;
import io.github.controlnet.engine.TrainingEngine;
import io.github.controlnet.engine.TrainingSpec;
import io.github.controlnet.engine.WeightSource;
import io.github.controlnet.internal.lookup.Providers;
import io.github.controlnet.sampler.NoiseSchedule;
import io.github.controlnet.sampler.PredictionType;
import io.github.controlnet.training.OptimizerConfig;
import io.github.controlnet.training.ScheduleConfig;
import io.github.controlnet.training.ScheduleType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Ten steps of training against diffusers' loop on PyTorch, in every mode. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TrainingParityTest {
  private static final double TOLERANCE = 1e-4;

  /** How much farther than PyTorch in another memory layout it may be from it, in bfloat16. */
  private static final double MARGIN = 1.5;

  private static final int IMAGES = 2;
  private static final int IMAGE = 4 * 8 * 8;

  private static final Path FIXTURES = Path.of("src/test/resources/fixtures");
  private final ReferenceTensors reference =
      new ReferenceTensors(FIXTURES.resolve("training.safetensors"));
  private final ReferenceTensors components =
      new ReferenceTensors(FIXTURES.resolve("components.safetensors"));
  private final JsonNode about;
  private final BaseWeights base = BaseWeights.open(FIXTURES.resolve("tiny"), Optional.empty());
  private final ControlWeights control =
      ControlWeights.open(FIXTURES.resolve("tiny-control"), Optional.empty());
  private final WeightSource weights =
      ScopedWeights.of(Map.of("unet.", base.unetWeights(), "control.", control.weights()));
  private final TrainingEngine engine =
      (TrainingEngine)
          Providers.engine("pytorch").open(new EngineOptions(Device.CPU, Precision.FLOAT32, 1));

  TrainingParityTest() throws IOException {
    about = new ObjectMapper().readTree(FIXTURES.resolve("training.json").toFile());
  }

  @AfterAll
  void close() {
    engine.close();
    control.close();
    base.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "plain",
        "absolute",
        "velocity",
        "min_snr",
        "min_snr_velocity",
        "only_mid",
        "unlocked",
        "clipped",
        "accumulated",
        "averaged",
        "cosine",
        "linear",
        "warmup"
      })
  void tenSteps(String mode) {
    tenSteps(mode, what -> TOLERANCE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"bfloat16", "bfloat16_accumulated"})
  void tenStepsInBfloat16(String mode) {
    JsonNode apart = about.get("apart").get(mode);
    tenSteps(
        mode, what -> what.equals("rate") ? TOLERANCE : MARGIN * apart.get(what).doubleValue());
  }

  /** Tolerances are relative root mean squares, by what is compared. */
  private void tenSteps(String mode, ToDoubleFunction<String> tolerances) {
    JsonNode options = about.get("modes").get(mode);
    int steps = about.get("steps").intValue();
    Updates updates = updates(options, steps);
    Diffusion diffusion =
        new Diffusion(
            NoiseSchedule.stableDiffusion()
                .withPredictionType(
                    PredictionType.valueOf(
                        options.path("prediction").asText("epsilon").toUpperCase(Locale.ROOT))),
            options.path("snr_gamma").asDouble(0));
    boolean averages = options.has("ema");
    TrainingSpec spec =
        new TrainingSpec(
            base.unet(),
            control.architecture(),
            options.path("loss").asText().equals("l1"),
            options.path("unlocked").asBoolean(),
            options.path("only_mid").asBoolean(),
            false,
            options.path("bfloat16").asBoolean() ? Precision.BFLOAT16 : Precision.FLOAT32,
            averages);
    int accumulation = options.path("accumulation").asInt(1);
    try (TrainableControl network = engine.trainableControl(spec, weights)) {
      float[] before = sampled(network.state(), "");
      double[] losses = new double[steps];
      double[] norms = new double[steps];
      double[] rates = new double[steps];
      for (int step = 0; step < steps; step++) {
        for (int i = 0; i < accumulation; i++) {
          TrainingBatch batch =
              batch(diffusion, (step * accumulation + i) % steps, 1.0 / accumulation);
          losses[step] += network.accumulate(batch);
        }
        norms[step] = network.gradientNorm();
        rates[step] = updates.update(network, step + 1, norms[step]);
        if (step == 0 || step == steps - 1) {
          String at = ".%d".formatted(step + 1);
          double tolerance = tolerances.applyAsDouble("update" + at);
          compare(network, "", before, mode + ".update" + at, tolerance);
          if (averages) {
            compare(network, "average.", before, mode + ".average" + at, tolerance);
          }
        }
      }
      Map.of("loss", losses, "norm", norms, "rate", rates)
          .forEach(
              (what, values) ->
                  assertNear(values, mode + "." + what, tolerances.applyAsDouble(what)));
    }
  }

  private Updates updates(JsonNode options, int steps) {
    JsonNode adam = about.get("adam");
    OptimizerConfig optimizer =
        new OptimizerConfig(
            adam.get("lr").doubleValue(),
            adam.get("betas").get(0).doubleValue(),
            adam.get("betas").get(1).doubleValue(),
            adam.get("weight_decay").doubleValue(),
            adam.get("eps").doubleValue(),
            options.path("clip").asDouble(0),
            options.path("ema").asDouble(0));
    String schedule = options.path("schedule").asText("constant").replace("_with_warmup", "");
    return new Updates(
        optimizer,
        new LearningRate(
            optimizer.learningRate(),
            ScheduleConfig.defaults()
                .withType(ScheduleType.valueOf(schedule.toUpperCase(Locale.ROOT)))
                .withWarmupSteps(options.path("warmup").asInt(0)),
            steps));
  }

  private TrainingBatch batch(Diffusion diffusion, int index, double share) {
    float[] noisy = new float[IMAGES * IMAGE];
    float[] targets = new float[IMAGES * IMAGE];
    float[] timesteps = part("timesteps", index, IMAGES);
    float[] counts = new float[IMAGES];
    for (int i = 0; i < IMAGES; i++) {
      float[] latents = part("latents", IMAGES * index + i, IMAGE);
      float[] noise = part("noise", IMAGES * index + i, IMAGE);
      int timestep = (int) timesteps[i];
      diffusion.noisy(latents, noise, timestep, noisy, i * IMAGE);
      diffusion.target(latents, noise, timestep, targets, i * IMAGE);
      counts[i] = (float) (diffusion.weight(timestep) * share);
    }
    return new TrainingBatch(
        new LatentShape(IMAGES, 4, 8, 8),
        noisy,
        timesteps,
        components.floats("context"),
        components.floats("unet.8x8.hint"),
        targets,
        counts);
  }

  private float[] part(String name, int index, int length) {
    float[] all = reference.floats(name);
    return java.util.Arrays.copyOfRange(all, index * length, (index + 1) * length);
  }

  /** Some values of every tensor that learns, by the rule of the script that made the fixtures. */
  private float[] sampled(WeightSource state, String scope) {
    int samples = about.get("samples").intValue();
    List<Float> values = new ArrayList<>();
    state.tensors().keySet().stream()
        .filter(name -> name.startsWith(scope + "control.") || name.startsWith(scope + "unet."))
        .sorted()
        .forEach(
            name -> {
              int count = (int) state.tensors().get(name).count();
              ByteBuffer bytes = ByteBuffer.allocate(4 * count).order(ByteOrder.LITTLE_ENDIAN);
              state.read(name, 0, bytes);
              int take = Math.min(count, samples);
              for (int i = 0; i < take; i++) {
                values.add(bytes.getFloat(4 * (i * (count - 1) / Math.max(1, take - 1))));
              }
            });
    float[] result = new float[values.size()];
    for (int i = 0; i < result.length; i++) {
      result[i] = values.get(i);
    }
    return result;
  }

  private void compare(
      TrainableControl network, String scope, float[] before, String key, double tolerance) {
    float[] after = sampled(network.state(), scope);
    float[] update = reference.floats(key);
    assertThat(update).hasSameSizeAs(after);
    float[] changed = new float[after.length];
    float[] expected = new float[after.length];
    for (int i = 0; i < after.length; i++) {
      changed[i] = after[i] - before[i];
      expected[i] = before[i] + update[i];
    }
    assertThat(difference(after, expected)).as("weights, " + key).isLessThan(tolerance);
    double size = 0;
    for (float value : update) {
      size += Math.abs(value);
    }
    if (size == 0) {
      // a warm-up begins with a rate of 0
      assertThat(changed).as(key).containsOnly(0);
    } else {
      assertThat(difference(changed, update)).as(key).isLessThan(tolerance);
    }
  }

  private void assertNear(double[] actual, String key, double tolerance) {
    float[] values = new float[actual.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) actual[i];
    }
    assertThat(difference(values, reference.floats(key))).as(key).isLessThan(tolerance);
  }

  private static double difference(float[] actual, float[] expected) {
    double error = 0;
    double size = 0;
    for (int i = 0; i < actual.length; i++) {
      error += Math.pow((double) actual[i] - expected[i], 2);
      size += Math.pow(expected[i], 2);
    }
    return Math.sqrt(error / size);
  }
}
