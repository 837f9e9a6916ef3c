package io.github.controlnet.sampler;

/**
 * How a sampler's timesteps are chosen from those of the noise schedule: Lin et al. 2023,
 * arXiv:2305.08891, table 2.
 */
public enum TimestepSpacing {
  /** Whole strides upwards from the first timestep, which may leave out the noisiest ones. */
  LEADING,
  /** Evenly from the first timestep to the last. */
  LINSPACE,
  /** Whole strides downwards from the last timestep. */
  TRAILING
}
