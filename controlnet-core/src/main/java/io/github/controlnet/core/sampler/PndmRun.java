package io.github.controlnet.core.sampler;

import io.github.controlnet.sampler.NoiseSchedule;
import io.github.controlnet.sampler.NoiseSource;
import java.util.ArrayList;
import java.util.List;

/**
 * Pseudo linear multistep (PLMS): Liu et al. 2022, arXiv:2202.09778, equations 9 and 12, without
 * Runge-Kutta at the start, as the original code of Stable Diffusion does it: the first step is
 * taken twice, the second time with the mean of the predictions at both of its ends.
 */
final class PndmRun implements UnscaledRun {
  /** Adams-Bashforth's weights by the number of predictions, the newest first. */
  private static final List<double[]> WEIGHTS =
      List.of(
          new double[] {1},
          new double[] {3.0 / 2, -1.0 / 2},
          new double[] {23.0 / 12, -16.0 / 12, 5.0 / 12},
          new double[] {55.0 / 24, -59.0 / 24, 37.0 / 24, -9.0 / 24});

  private final NoiseSchedule schedule;
  private final WholeTimesteps timesteps;
  private final List<float[]> predictions = new ArrayList<>();
  private int first;
  private float[] start = new float[0];

  PndmRun(NoiseSchedule schedule, WholeTimesteps timesteps) {
    this.schedule = schedule;
    this.timesteps = timesteps;
  }

  @Override
  public int evaluations() {
    return timesteps.steps() == 1 ? 1 : timesteps.steps() + 1;
  }

  /** The step that an evaluation is at; the second one is asked twice. */
  private int stepOf(int index) {
    return index < 2 ? index : index - 1;
  }

  @Override
  public double timestep(int index) {
    return timesteps.timestep(stepOf(index));
  }

  @Override
  public double alphaBar(int index) {
    return schedule.alphaBar(timesteps.timestep(stepOf(index)));
  }

  @Override
  public float[] step(int index, float[] prediction, float[] latents, NoiseSource noise) {
    if (predictions.isEmpty()) {
      first = index;
      start = latents;
    }
    if (index == first + 1) {
      float[] mean =
          new Mix(prediction.length).plus(0.5, prediction).plus(0.5, predictions.get(0)).toFloats();
      // One stride above the second step: the first step itself where strides are even. Begun
      // part-way, the same rule holds for the second evaluation, whichever step it is at: diffusers
      // does so, and goes from there to the step after the next.
      return transfer(timesteps.timestep(stepOf(index)) + timesteps.stride(), mean, start);
    }
    predictions.add(0, prediction.clone());
    if (predictions.size() > WEIGHTS.size()) {
      predictions.remove(WEIGHTS.size());
    }
    double[] weights = WEIGHTS.get(predictions.size() - 1);
    Mix mix = new Mix(prediction.length);
    for (int i = 0; i < weights.length; i++) {
      mix.plus(weights[i], predictions.get(i));
    }
    return transfer(timesteps.timestep(stepOf(index)), mix.toFloats(), latents);
  }

  /** Equation 9: DDIM's step without fresh noise. */
  private float[] transfer(int timestep, float[] prediction, float[] latents) {
    double alpha = schedule.alphaBar(timestep);
    double previous = schedule.alphaBar(timestep - timesteps.stride());
    Prediction parts = Prediction.of(schedule.predictionType(), alpha);
    return parts.remixed(Math.sqrt(previous), Math.sqrt(1 - previous), latents, prediction);
  }
}
