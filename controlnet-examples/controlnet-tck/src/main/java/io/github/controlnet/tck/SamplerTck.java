package io.github.controlnet.tck;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.controlnet.Samplers;
import io.github.controlnet.sampler.NoiseSchedule;
import io.github.controlnet.sampler.NoiseSource;
import io.github.controlnet.sampler.PredictionType;
import io.github.controlnet.sampler.Sampler;
import io.github.controlnet.sampler.SamplerRun;
import io.github.controlnet.sampler.SamplingOptions;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * What every sampler must do. Extend it in the tests of your plugin and name your sampler:
 *
 * <pre>{@code
 * class MySamplerTest extends SamplerTck {
 *   @Override
 *   protected String samplerName() {
 *     return "my_sampler";
 *   }
 * }
 * }</pre>
 */
public abstract class SamplerTck {
  private static final int VALUES = 4096;
  private static final double MEAN = 0.7;
  private static final double DEVIATION = 0.4;

  /** Creates the test class; called by JUnit. */
  protected SamplerTck() {}

  /**
   * Names the sampler under test.
   *
   * @return its name, as it is registered for {@link java.util.ServiceLoader}
   */
  protected abstract String samplerName();

  /**
   * Returns how far mean and standard deviation of 50-step samples may be from those of the data.
   *
   * @return an absolute error; the data have mean 0.7 and standard deviation 0.4
   */
  protected double tolerance() {
    return 0.03;
  }

  private Sampler sampler() {
    return Samplers.named(samplerName());
  }

  @Test
  void isFoundByItsName() {
    assertThat(Samplers.names()).contains(samplerName());
    assertThat(sampler().name())
        .isEqualTo(samplerName())
        .isLowerCase()
        .doesNotContainAnyWhitespaces();
  }

  /** Where a step's timesteps are made whole and those between the steps are not. */
  private static final double ROUNDING = 0.5;

  @Test
  void timestepsAreInRangeAndDescend() {
    NoiseSchedule schedule = NoiseSchedule.stableDiffusion();
    for (int steps : new int[] {1, 2, 3, 7, 20, 50, 333, 501, 999, 1000}) {
      SamplerRun run = sampler().start(schedule, new SamplingOptions(steps, 0));
      assertThat(run.evaluations()).as("evaluations for %d steps", steps).isPositive();
      double last = Double.MAX_VALUE;
      for (int i = 0; i < run.evaluations(); i++) {
        double timestep = run.timestep(i);
        assertThat(timestep)
            .as("timestep %d of %d steps", i, steps)
            .isBetween(0.0, schedule.timesteps() - 1.0)
            .isLessThanOrEqualTo(last + ROUNDING);
        last = timestep;
      }
    }
  }

  @Test
  void anyNumberOfStepsGivesFiniteLatents() {
    for (int steps : new int[] {1, 2, 3, 4, 5, 9, 37, 101, 251, 500, 501, 999, 1000}) {
      float[] samples = sample(NoiseSchedule.stableDiffusion(), steps, 0, 3, 64);
      for (float value : samples) {
        assertThat(Float.isFinite(value)).as("finite after %d steps", steps).isTrue();
      }
    }
  }

  @Test
  void samplesOfAGaussianHaveItsMeanAndDeviation() {
    for (PredictionType type : PredictionType.values()) {
      float[] samples =
          sample(NoiseSchedule.stableDiffusion().withPredictionType(type), 50, 0, 11, VALUES);
      assertThat(mean(samples))
          .as("mean with %s", type)
          .isBetween(MEAN - tolerance(), MEAN + tolerance());
      assertThat(deviation(samples))
          .as("standard deviation with %s", type)
          .isBetween(DEVIATION - tolerance(), DEVIATION + tolerance());
    }
  }

  @Test
  void startedPartWaySamplesKeepTheDataTheyStartFrom() {
    NoiseSchedule schedule = NoiseSchedule.stableDiffusion();
    Random random = new Random(13);
    SamplerRun run = sampler().start(schedule, new SamplingOptions(50, 0));
    float[] data = gaussian(random, VALUES);
    for (int i = 0; i < VALUES; i++) {
      data[i] = (float) (MEAN + DEVIATION * data[i]);
    }
    float[] before = data.clone();
    int first = run.evaluationOf(46);
    float[] latents = run.addNoise(first, data, gaussian(random, VALUES));
    assertThat(data).isEqualTo(before);
    for (int i = first; i < run.evaluations(); i++) {
      float[] input = run.scaleInput(i, latents);
      float[] prediction = predict(schedule, run.timestep(i), input);
      latents = run.step(i, prediction, latents, count -> gaussian(random, count));
    }
    assertThat(mean(latents)).isBetween(MEAN - tolerance(), MEAN + tolerance());
    assertThat(deviation(latents)).isBetween(DEVIATION - tolerance(), DEVIATION + tolerance());
    double together = 0;
    for (int i = 0; i < VALUES; i++) {
      together += (data[i] - MEAN) * (latents[i] - MEAN) / VALUES;
    }
    assertThat(together / (DEVIATION * DEVIATION))
        .as("correlation with the data")
        .isGreaterThan(0.1);
  }

  @Test
  void sameNoiseGivesTheSameLatents() {
    NoiseSchedule schedule = NoiseSchedule.stableDiffusion();
    assertThat(sample(schedule, 10, 0.5, 5, 256)).isEqualTo(sample(schedule, 10, 0.5, 5, 256));
  }

  @Test
  void runsDoNotDisturbEachOther() {
    Sampler sampler = sampler();
    NoiseSchedule schedule = NoiseSchedule.stableDiffusion();
    float[] alone = sample(schedule, 10, 0, 5, 256);
    SamplerRun other = sampler.start(schedule, new SamplingOptions(10, 0));
    other.step(0, new float[256], new float[256], float[]::new);
    assertThat(sample(schedule, 10, 0, 5, 256)).isEqualTo(alone);
  }

  @Test
  void leavesItsInputsAlone() {
    SamplerRun run = sampler().start(NoiseSchedule.stableDiffusion(), new SamplingOptions(5, 0));
    float[] latents = gaussian(new Random(1), 32);
    float[] prediction = gaussian(new Random(2), 32);
    float[] latentsBefore = latents.clone();
    float[] predictionBefore = prediction.clone();
    run.scaleInput(0, latents);
    run.step(0, prediction, latents, count -> gaussian(new Random(3), count));
    assertThat(latents).isEqualTo(latentsBefore);
    assertThat(prediction).isEqualTo(predictionBefore);
  }

  /** Samples data of a known Gaussian, whose best prediction has a closed form. */
  private float[] sample(NoiseSchedule schedule, int steps, double eta, long seed, int count) {
    Random random = new Random(seed);
    NoiseSource noise = wanted -> gaussian(random, wanted);
    SamplerRun run = sampler().start(schedule, new SamplingOptions(steps, eta));
    float[] latents = noise.next(count);
    for (int i = 0; i < count; i++) {
      latents[i] *= (float) run.initialNoiseScale();
    }
    for (int i = 0; i < run.evaluations(); i++) {
      float[] input = run.scaleInput(i, latents);
      latents = run.step(i, predict(schedule, run.timestep(i), input), latents, noise);
    }
    return latents;
  }

  private static float[] predict(NoiseSchedule schedule, double timestep, float[] input) {
    int below = (int) Math.floor(timestep);
    int above = Math.min(below + 1, schedule.timesteps() - 1);
    double share = timestep - below;
    double alpha =
        Math.exp(
            (1 - share) * Math.log(schedule.alphaBar(below))
                + share * Math.log(schedule.alphaBar(above)));
    double signal = Math.sqrt(alpha);
    double spread = Math.sqrt(1 - alpha);
    double variance = alpha * DEVIATION * DEVIATION + 1 - alpha;
    float[] prediction = new float[input.length];
    for (int i = 0; i < input.length; i++) {
      double noise = spread * (input[i] - signal * MEAN) / variance;
      double clean = (input[i] - spread * noise) / signal;
      prediction[i] =
          (float)
              switch (schedule.predictionType()) {
                case EPSILON -> noise;
                case V_PREDICTION -> signal * noise - spread * clean;
                case SAMPLE -> clean;
              };
    }
    return prediction;
  }

  private static float[] gaussian(Random random, int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  private static double mean(float[] values) {
    return IntStream.range(0, values.length).mapToDouble(i -> values[i]).average().orElseThrow();
  }

  private static double deviation(float[] values) {
    double mean = mean(values);
    double[] squares = new double[values.length];
    Arrays.setAll(squares, i -> (values[i] - mean) * (values[i] - mean));
    return Math.sqrt(Arrays.stream(squares).average().orElseThrow());
  }
}
