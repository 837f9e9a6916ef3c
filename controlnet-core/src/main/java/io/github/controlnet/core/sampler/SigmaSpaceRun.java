package io.github.controlnet.core.sampler;

import io.github.controlnet.sampler.NoiseSchedule;
import io.github.controlnet.sampler.PredictionType;
import io.github.controlnet.sampler.SamplerRun;
import io.github.controlnet.sampler.TimestepSpacing;
import java.util.List;
import java.util.Optional;

/**
 * A run over latents {@code x = sample + sigma noise}, in which the probability flow is {@code dx /
 * d sigma = noise}: Karras et al. 2022, arXiv:2206.00364, equations 1 and 4.
 */
abstract class SigmaSpaceRun implements SamplerRun {
  private final PredictionType type;
  private final double initialNoiseScale;
  private final List<NoiseLevel> levels;

  SigmaSpaceRun(NoiseSchedule schedule, List<NoiseLevel> levels) {
    this.type = schedule.predictionType();
    this.levels = List.copyOf(levels);
    double sigma = levels.get(0).sigma();
    // Leading timesteps start where there is still signal, whose variance is 1.
    boolean leading = schedule.timestepSpacing().equals(Optional.of(TimestepSpacing.LEADING));
    initialNoiseScale = leading ? Math.hypot(sigma, 1) : sigma;
  }

  /** How many steps there are, whatever the evaluations. */
  final int steps() {
    return levels.size() - 1;
  }

  /** The sigma before a step, or after the last. */
  final double sigma(int step) {
    return levels.get(step).sigma();
  }

  final NoiseLevel level(int step) {
    return levels.get(step);
  }

  /** The level at which the network is asked. */
  abstract NoiseLevel asked(int index);

  @Override
  public final double timestep(int index) {
    return asked(index).timestep();
  }

  @Override
  public final double initialNoiseScale() {
    return initialNoiseScale;
  }

  @Override
  public final float[] scaleInput(int index, float[] latents) {
    return new Mix(latents.length).plus(asked(index).signal(), latents).toFloats();
  }

  /** The level whose noise latents hold before an evaluation. */
  NoiseLevel held(int index) {
    return asked(index);
  }

  @Override
  public final float[] addNoise(int index, float[] sample, float[] noise) {
    return new Mix(sample.length).plus(1, sample).plus(held(index).sigma(), noise).toFloats();
  }

  /** The derivative of the latents by sigma: the noise in them. */
  final float[] slope(int index, float[] prediction, float[] latents) {
    NoiseLevel level = asked(index);
    Prediction parts = Prediction.of(type, level.alphaBar());
    return new Mix(latents.length)
        .plus(parts.noiseFromLatents() * level.signal(), latents)
        .plus(parts.noiseFromPrediction(), prediction)
        .toFloats();
  }
}
