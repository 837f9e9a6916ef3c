package io.github.controlnet;

import io.github.controlnet.internal.Values;

/**
 * How the prompt guides the denoising. Immutable: each {@code with} method returns a new value.
 *
 * <p>With predictions u without the prompt (or with the negative one), c with it, and p with it but
 * perturbed self-attention, a step takes {@code u + scale (c - u) + perturbed (c - p)}. What has no
 * effect is not computed: u where the scale is 1, p where its scale is 0, and both outside the
 * interval.
 *
 * @param scale the guidance scale of each step: classifier-free guidance, Ho and Salimans 2022,
 *     arXiv:2207.12598
 * @param rescale 0 to 1: how far the deviation of the guided prediction is brought back to that of
 *     c, against overexposed images (phi of Lin et al. 2023, arXiv:2305.08891, section 3.4)
 * @param start 0 to 1: where in the schedule guidance begins; before it, c is taken as it is
 * @param end {@code start} to 1: where it ceases (Kynkaanniemi et al. 2024, arXiv:2404.07724)
 * @param perturbedScale scale of perturbed-attention guidance, Ahn et al. 2024, arXiv:2403.17377; 0
 *     for none
 */
public record Guidance(
    ScaleSchedule scale, double rescale, double start, double end, double perturbedScale) {

  /**
   * Checks the values.
   *
   * @throws NullPointerException when the scale is null
   * @throws IllegalArgumentException when a number is outside its range
   */
  public Guidance {
    Values.nonNull(scale, "the guidance scale");
    Values.between(rescale, 0, 1, "the guidance rescale");
    Values.between(start, 0, 1, "the guidance start");
    Values.between(end, 0, 1, "the guidance end");
    if (start > end) {
      throw new IllegalArgumentException(
          "The guidance start %s is after the guidance end %s; expected start <= end."
              .formatted(start, end));
    }
    Values.finite(perturbedScale, "the scale of perturbed-attention guidance");
  }

  /**
   * Returns guidance by one scale in every step.
   *
   * @param scale a finite number; 1 switches guidance off
   * @return the guidance
   * @throws IllegalArgumentException when it is not finite in float32
   */
  public static Guidance of(double scale) {
    return of(ScaleSchedule.constant(Values.finite(scale, "the guidance scale")));
  }

  /**
   * Returns guidance by a scale for each step.
   *
   * @param scale the schedule
   * @return the guidance
   * @throws NullPointerException when it is null
   */
  public static Guidance of(ScaleSchedule scale) {
    return new Guidance(scale, 0, 0, 1, 0);
  }

  /**
   * Sets the scale and keeps the rest.
   *
   * @param newScale the schedule
   * @return a new value
   * @throws NullPointerException when it is null
   */
  public Guidance withScale(ScaleSchedule newScale) {
    return new Guidance(newScale, rescale, start, end, perturbedScale);
  }

  /**
   * Sets how far the deviation of the guided prediction is brought back to that of the conditional
   * one.
   *
   * @param share 0 to 1; 0 for not at all, 0.7 in the paper
   * @return a new value
   * @throws IllegalArgumentException when it is outside its range
   */
  public Guidance withRescale(double share) {
    return new Guidance(scale, share, start, end, perturbedScale);
  }

  /**
   * Sets the part of the steps that are guided, as fractions of the schedule. The others cost half.
   *
   * @param newStart 0 to 1; 0 is the first step
   * @param newEnd {@code newStart} to 1; 1 is after the last step
   * @return a new value
   * @throws IllegalArgumentException when one is outside its range
   */
  public Guidance withInterval(double newStart, double newEnd) {
    return new Guidance(scale, rescale, newStart, newEnd, perturbedScale);
  }

  /**
   * Sets the scale of perturbed-attention guidance: away from what the network predicts when the
   * self-attention of its middle block looks at nothing but the place itself.
   *
   * @param newScale a finite number; 0 for none, 3 in the paper
   * @return a new value
   * @throws IllegalArgumentException when it is not finite in float32
   */
  public Guidance withPerturbedAttention(double newScale) {
    return new Guidance(scale, rescale, start, end, newScale);
  }
}
