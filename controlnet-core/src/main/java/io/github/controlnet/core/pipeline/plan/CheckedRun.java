package io.github.controlnet.core.pipeline.plan;

import io.github.controlnet.exception.PluginException;
import io.github.controlnet.internal.Plugins;
import io.github.controlnet.sampler.NoiseSchedule;
import io.github.controlnet.sampler.NoiseSource;
import io.github.controlnet.sampler.Sampler;
import io.github.controlnet.sampler.SamplerRun;
import io.github.controlnet.sampler.SamplingOptions;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Holds a run of a sampler, which may be a plugin's, to what its interface says: what it must not
 * return, and what it throws beside the library's own exceptions, becomes a {@link PluginException}
 * that names it.
 */
final class CheckedRun implements SamplerRun {
  /** More than any schedule has timesteps for; a plugin that asks for more has miscounted. */
  private static final int MOST_EVALUATIONS = 100_000;

  private final SamplerRun run;
  private final String what;
  private final int evaluations;

  private CheckedRun(SamplerRun run, String what) {
    this.run = run;
    this.what = what;
    this.evaluations = call("evaluations", run::evaluations);
    if (evaluations < 1 || evaluations > MOST_EVALUATIONS) {
      throw wrong("evaluations", "are %d, not 1 to %d".formatted(evaluations, MOST_EVALUATIONS));
    }
    for (int i = 0; i < evaluations; i++) {
      int index = i;
      double timestep = call("timestep", () -> run.timestep(index));
      if (!Double.isFinite(timestep) || timestep < 0) {
        throw wrong("timestep", "%d is %s".formatted(i, timestep));
      }
    }
    double scale = call("initialNoiseScale", run::initialNoiseScale);
    if (!Double.isFinite(scale) || scale < 0) {
      throw wrong("initialNoiseScale", "is " + scale);
    }
  }

  static SamplerRun start(Sampler sampler, NoiseSchedule schedule, SamplingOptions options) {
    String what = "The sampler \"%s\"".formatted(sampler.name());
    SamplerRun run =
        Plugins.call(what, sampler.getClass(), "start", () -> sampler.start(schedule, options));
    return new CheckedRun(run, what);
  }

  @Override
  public int evaluations() {
    return evaluations;
  }

  @Override
  public double timestep(int index) {
    return run.timestep(index);
  }

  @Override
  public double initialNoiseScale() {
    return run.initialNoiseScale();
  }

  @Override
  public float[] scaleInput(int index, float[] latents) {
    float[] scaled = call("scaleInput", () -> run.scaleInput(index, latents));
    return checked("scaleInput", scaled, latents);
  }

  @Override
  public float[] step(int index, float[] prediction, float[] latents, NoiseSource noise) {
    float[] next = call("step", () -> run.step(index, prediction, latents, noise));
    return checked("step", next, latents, prediction);
  }

  @Override
  public int evaluationOf(int step) {
    int index = call("evaluationOf", () -> run.evaluationOf(step));
    if (index < 0 || index >= evaluations) {
      throw wrong("evaluationOf", "%d is %d, not 0 to %d".formatted(step, index, evaluations - 1));
    }
    return index;
  }

  @Override
  public float[] addNoise(int index, float[] sample, float[] noise) {
    float[] noised = call("addNoise", () -> run.addNoise(index, sample, noise));
    return checked("addNoise", noised, sample, noise);
  }

  private float[] checked(String call, float[] made, float[]... from) {
    if (made.length != from[0].length) {
      throw wrong(call, "returned %d numbers for %d".formatted(made.length, from[0].length));
    }
    int place = notANumber(made);
    if (place >= 0) {
      for (float[] each : from) {
        if (notANumber(each) >= 0) {
          return made; // whoever made those numbers is to blame
        }
      }
      throw wrong(call, "returned NaN at %d, made of numbers".formatted(place));
    }
    return made;
  }

  /** The first place that holds NaN, else -1. */
  private static int notANumber(float[] values) {
    for (int i = 0; i < values.length; i++) {
      if (Float.isNaN(values[i])) {
        return i;
      }
    }
    return -1;
  }

  private <T> T call(String call, Supplier<? extends @Nullable T> body) {
    return Plugins.call(what, run.getClass(), call, body);
  }

  private PluginException wrong(String call, String problem) {
    return Plugins.wrong(what, run.getClass(), call, problem);
  }
}
