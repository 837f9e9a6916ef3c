package io.github.controlnet;

import io.github.controlnet.internal.Values;
import io.github.controlnet.sampler.Sampler;
import java.util.List;
import java.util.Optional;

/**
 * How noise becomes a picture. Immutable; new options of the library become new components, so that
 * code outside it makes one of {@link #usual()} and the {@code withX} methods.
 *
 * @param sampler the sampler with its settings; empty for the pipeline's
 * @param steps denoising steps, 1 to 1000
 * @param eta the share of fresh noise in DDIM, 0 (deterministic) to 1 (as DDPM)
 * @param seeds empty for a random one; one that draws the whole batch; or one for each image. Each
 *     0 or more, or -1 for a random one
 */
public record Sampling(Optional<Sampler> sampler, int steps, double eta, List<Long> seeds) {
  private static final Sampling USUAL = new Sampling(Optional.empty(), 20, 0, List.of());

  /**
   * Checks each value.
   *
   * @throws IllegalArgumentException when one is out of its range
   */
  public Sampling {
    Values.nonNull(sampler, "the sampler");
    Values.between(steps, 1, 1000, "the number of steps");
    Values.between(eta, 0, 1, "eta");
    seeds = List.copyOf(Values.nonNull(seeds, "the list of seeds"));
    for (long seed : seeds) {
      if (seed < -1) {
        throw new IllegalArgumentException(
            "The seed is %d; expected 0 or more, or -1 for a random one.".formatted(seed));
      }
    }
  }

  /**
   * Returns what holds when nothing is said.
   *
   * @return the pipeline's sampler, 20 steps, eta 0, a random seed
   */
  public static Sampling usual() {
    return USUAL;
  }

  /**
   * Tells whether each image is drawn from a seed of its own.
   *
   * @return false when one seed draws the whole batch
   */
  public boolean seedPerImage() {
    return seeds.size() > 1;
  }

  /**
   * Sets the sampler.
   *
   * @param chosen the sampler with its settings
   * @return a new value
   */
  public Sampling withSampler(Sampler chosen) {
    return new Sampling(Optional.of(Values.nonNull(chosen, "the sampler")), steps, eta, seeds);
  }

  /**
   * Sets the number of denoising steps.
   *
   * @param count 1 to 1000
   * @return a new value
   */
  public Sampling withSteps(int count) {
    return new Sampling(sampler, count, eta, seeds);
  }

  /**
   * Sets eta of DDIM.
   *
   * @param value 0 to 1
   * @return a new value
   */
  public Sampling withEta(double value) {
    return new Sampling(sampler, steps, value, seeds);
  }

  /**
   * Sets the seeds.
   *
   * @param several one for each image, a single one, or none for a random one
   * @return a new value
   */
  public Sampling withSeeds(List<Long> several) {
    return new Sampling(sampler, steps, eta, several);
  }
}
