package io.github.controlnet.sampler;

import java.util.Optional;

/**
 * The noise schedule that a model was trained with: for each timestep t the share of signal in the
 * variance, alpha-bar of Ho et al. 2020 (arXiv:2006.11239, section 2). Immutable.
 */
public final class NoiseSchedule {
  private final double[] alphaBar;
  private final PredictionType predictionType;
  private final int stepsOffset;
  private final boolean finalAlphaOne;
  private final Optional<TimestepSpacing> timestepSpacing;

  private NoiseSchedule(
      double[] alphaBar,
      PredictionType predictionType,
      int stepsOffset,
      boolean finalAlphaOne,
      Optional<TimestepSpacing> timestepSpacing) {
    this.alphaBar = alphaBar;
    this.predictionType = predictionType;
    this.stepsOffset = stepsOffset;
    this.finalAlphaOne = finalAlphaOne;
    this.timestepSpacing = timestepSpacing;
  }

  /**
   * The schedule of Stable Diffusion 1.x: 1000 timesteps, betas whose square roots run evenly from
   * sqrt(0.00085) to sqrt(0.012), noise prediction, timesteps shifted by one.
   *
   * @return the schedule
   */
  public static NoiseSchedule stableDiffusion() {
    return scaledLinear(0.00085, 0.012, 1000);
  }

  /**
   * Betas whose square roots are evenly spaced.
   *
   * @param first the first beta, in (0, 1)
   * @param last the last beta, in (0, 1)
   * @param timesteps how many, at least 2
   * @return the schedule, with noise prediction and timesteps shifted by one
   */
  public static NoiseSchedule scaledLinear(double first, double last, int timesteps) {
    double[] betas = linspace(Math.sqrt(first), Math.sqrt(last), timesteps);
    for (int i = 0; i < betas.length; i++) {
      betas[i] *= betas[i];
    }
    return ofBetas(betas);
  }

  /**
   * Evenly spaced betas.
   *
   * @param first the first beta, in (0, 1)
   * @param last the last beta, in (0, 1)
   * @param timesteps how many, at least 2
   * @return the schedule, with noise prediction and timesteps shifted by one
   */
  public static NoiseSchedule linear(double first, double last, int timesteps) {
    return ofBetas(linspace(first, last, timesteps));
  }

  /**
   * Given betas.
   *
   * @param betas one for each timestep, in (0, 1]
   * @return the schedule, with noise prediction and timesteps shifted by one
   */
  public static NoiseSchedule ofBetas(double... betas) {
    if (betas.length < 2) {
      throw new IllegalArgumentException(
          "A noise schedule of %d timesteps is not usable; expected 2 or more."
              .formatted(betas.length));
    }
    double[] alphaBar = new double[betas.length];
    double product = 1;
    for (int i = 0; i < betas.length; i++) {
      if (!(betas[i] > 0 && betas[i] <= 1)) {
        throw new IllegalArgumentException(
            "Beta %d of the noise schedule is %s; expected a number in (0, 1]."
                .formatted(i, betas[i]));
      }
      product *= 1 - betas[i];
      alphaBar[i] = product;
    }
    return new NoiseSchedule(alphaBar, PredictionType.EPSILON, 1, false, Optional.empty());
  }

  private static double[] linspace(double first, double last, int count) {
    double[] values = new double[count];
    for (int i = 0; i < count; i++) {
      values[i] = first + (last - first) * i / (count - 1);
    }
    return values;
  }

  /**
   * Sets what the network predicts.
   *
   * @param type the type
   * @return a new schedule
   */
  public NoiseSchedule withPredictionType(PredictionType type) {
    return new NoiseSchedule(alphaBar, type, stepsOffset, finalAlphaOne, timestepSpacing);
  }

  /**
   * Sets how far timesteps are shifted upwards (diffusers: {@code steps_offset}).
   *
   * @param offset 0 or more
   * @return a new schedule
   */
  public NoiseSchedule withStepsOffset(int offset) {
    return new NoiseSchedule(alphaBar, predictionType, offset, finalAlphaOne, timestepSpacing);
  }

  /**
   * Sets what stands before the first timestep (diffusers: {@code set_alpha_to_one}).
   *
   * @param one true for 1, false for alpha-bar of timestep 0
   * @return a new schedule
   */
  public NoiseSchedule withFinalAlphaOne(boolean one) {
    return new NoiseSchedule(alphaBar, predictionType, stepsOffset, one, timestepSpacing);
  }

  /**
   * Sets how timesteps are chosen (diffusers: {@code timestep_spacing}), for the samplers whose
   * method leaves a choice.
   *
   * @param spacing the spacing
   * @return a new schedule
   */
  public NoiseSchedule withTimestepSpacing(TimestepSpacing spacing) {
    return new NoiseSchedule(
        alphaBar, predictionType, stepsOffset, finalAlphaOne, Optional.of(spacing));
  }

  /**
   * Rescales the schedule so that nothing of the signal is left at the last timestep (diffusers:
   * {@code rescale_betas_zero_snr}): Lin et al. 2023, arXiv:2305.08891, algorithm 1. Made for
   * models that predict v; there is no way from predicted noise to a sample where there is no
   * signal.
   *
   * @return a new schedule
   */
  public NoiseSchedule rescaledToZeroSignal() {
    double first = Math.sqrt(alphaBar[0]);
    double last = Math.sqrt(alphaBar[alphaBar.length - 1]);
    double[] rescaled = new double[alphaBar.length];
    for (int i = 0; i < rescaled.length; i++) {
      double signal = (Math.sqrt(alphaBar[i]) - last) * (first / (first - last));
      rescaled[i] = signal * signal;
    }
    return new NoiseSchedule(rescaled, predictionType, stepsOffset, finalAlphaOne, timestepSpacing);
  }

  /**
   * Returns how many timesteps the model was trained with.
   *
   * @return 1000 for Stable Diffusion
   */
  public int timesteps() {
    return alphaBar.length;
  }

  /**
   * Returns alpha-bar: the product of 1 - beta up to a timestep.
   *
   * @param timestep any; below 0 it is {@link #finalAlphaBar()}
   * @return a number in [0, 1]
   */
  public double alphaBar(int timestep) {
    return timestep < 0 ? finalAlphaBar() : alphaBar[timestep];
  }

  /**
   * Returns what alpha-bar is taken to be before the first timestep.
   *
   * @return 1, or alpha-bar of timestep 0
   */
  public double finalAlphaBar() {
    return finalAlphaOne ? 1 : alphaBar[0];
  }

  /**
   * Returns what the network predicts.
   *
   * @return the type
   */
  public PredictionType predictionType() {
    return predictionType;
  }

  /**
   * Returns how far timesteps are shifted upwards.
   *
   * @return 1 for Stable Diffusion 1.x
   */
  public int stepsOffset() {
    return stepsOffset;
  }

  /**
   * Returns how timesteps are chosen.
   *
   * @return the spacing; empty when each sampler takes the one that is usual for it
   */
  public Optional<TimestepSpacing> timestepSpacing() {
    return timestepSpacing;
  }
}
