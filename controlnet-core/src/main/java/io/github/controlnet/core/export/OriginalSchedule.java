package io.github.controlnet.core.export;

import io.github.controlnet.core.tensors.MemoryWeights;
import io.github.controlnet.engine.WeightSource;
import io.github.controlnet.sampler.NoiseSchedule;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import java.util.stream.LongStream;

/**
 * The tables that the original code keeps in its files beside the weights, and misses when they are
 * not there: those of the noise schedule (Ho et al. 2020, arXiv:2006.11239, equations 4, 7 and 8),
 * and the numbers of the text's positions.
 */
final class OriginalSchedule {
  private final MemoryWeights.Builder tables = MemoryWeights.builder();
  private final int timesteps;

  private OriginalSchedule(int timesteps) {
    this.timesteps = timesteps;
  }

  static WeightSource tables(NoiseSchedule schedule) {
    OriginalSchedule all = new OriginalSchedule(schedule.timesteps());
    IntToDoubleFunction bar = schedule::alphaBar;
    IntToDoubleFunction before = t -> t == 0 ? 1 : schedule.alphaBar(t - 1);
    IntToDoubleFunction alpha = t -> bar.applyAsDouble(t) / before.applyAsDouble(t);
    IntToDoubleFunction beta = t -> 1 - alpha.applyAsDouble(t);
    IntToDoubleFunction noise = t -> 1 - bar.applyAsDouble(t);
    IntToDoubleFunction noiseBefore = t -> 1 - before.applyAsDouble(t);
    IntToDoubleFunction variance =
        t -> beta.applyAsDouble(t) * noiseBefore.applyAsDouble(t) / noise.applyAsDouble(t);
    all.table("betas", beta);
    all.table("alphas_cumprod", bar);
    all.table("alphas_cumprod_prev", before);
    all.table("sqrt_alphas_cumprod", t -> Math.sqrt(bar.applyAsDouble(t)));
    all.table("sqrt_one_minus_alphas_cumprod", t -> Math.sqrt(noise.applyAsDouble(t)));
    all.table("log_one_minus_alphas_cumprod", t -> Math.log(noise.applyAsDouble(t)));
    all.table("sqrt_recip_alphas_cumprod", t -> Math.sqrt(1 / bar.applyAsDouble(t)));
    all.table("sqrt_recipm1_alphas_cumprod", t -> Math.sqrt(1 / bar.applyAsDouble(t) - 1));
    all.table("posterior_variance", variance);
    // at the first timestep it is 0
    all.table(
        "posterior_log_variance_clipped",
        t -> Math.log(Math.max(variance.applyAsDouble(t), 1e-20)));
    all.table(
        "posterior_mean_coef1",
        t -> beta.applyAsDouble(t) * Math.sqrt(before.applyAsDouble(t)) / noise.applyAsDouble(t));
    all.table(
        "posterior_mean_coef2",
        t ->
            noiseBefore.applyAsDouble(t)
                * Math.sqrt(alpha.applyAsDouble(t))
                / noise.applyAsDouble(t));
    all.table("logvar", t -> 0);
    return all.tables.build();
  }

  private void table(String name, IntToDoubleFunction value) {
    float[] values = new float[timesteps];
    for (int t = 0; t < timesteps; t++) {
      values[t] = (float) value.applyAsDouble(t);
    }
    tables.add(name, List.of((long) timesteps), values);
  }

  /** {@code position_ids} of the text encoder's embeddings. */
  static WeightSource positions(int count) {
    return MemoryWeights.builder()
        .add(
            "embeddings.position_ids",
            List.of(1L, (long) count),
            LongStream.range(0, count).toArray())
        .build();
  }
}
