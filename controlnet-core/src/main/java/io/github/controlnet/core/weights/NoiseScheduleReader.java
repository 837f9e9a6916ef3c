package io.github.controlnet.core.weights;

import io.github.controlnet.exception.WeightsException;
import io.github.controlnet.sampler.NoiseSchedule;
import io.github.controlnet.sampler.PredictionType;
import io.github.controlnet.sampler.TimestepSpacing;
import java.util.Optional;

/** Reads the noise schedule that a model was trained with from a configuration. */
final class NoiseScheduleReader {
  private static final int TIMESTEPS = 1000;
  private static final double FIRST = 0.00085;
  private static final double LAST = 0.012;

  private NoiseScheduleReader() {}

  /**
   * From diffusers' {@code scheduler_config.json}; what it does not say is Stable Diffusion 1.5's.
   */
  static NoiseSchedule ofDiffusers(ConfigNode config, NoiseSchedule usual) {
    if (!config.isPresent()) {
      return usual;
    }
    NoiseSchedule schedule = betas(config);
    if (config.flag("rescale_betas_zero_snr").orElse(false)) {
      schedule = schedule.rescaledToZeroSignal();
    }
    if (config.has("timestep_spacing")) {
      schedule = schedule.withTimestepSpacing(spacing(config));
    }
    PredictionType type =
        switch (config.text("prediction_type").orElse("epsilon")) {
          case "epsilon" -> PredictionType.EPSILON;
          case "v_prediction" -> PredictionType.V_PREDICTION;
          case "sample" -> PredictionType.SAMPLE;
          default -> throw config.bad("prediction_type", "epsilon, v_prediction or sample");
        };
    int offset = config.integer("steps_offset").orElse(1);
    if (offset < 0 || offset >= schedule.timesteps()) {
      throw config.bad("steps_offset", "0 to %d".formatted(schedule.timesteps() - 1));
    }
    return schedule
        .withPredictionType(type)
        .withStepsOffset(offset)
        .withFinalAlphaOne(config.flag("set_alpha_to_one").orElse(false));
  }

  private static TimestepSpacing spacing(ConfigNode config) {
    return switch (config.text("timestep_spacing").orElseThrow()) {
      case "leading" -> TimestepSpacing.LEADING;
      case "linspace" -> TimestepSpacing.LINSPACE;
      case "trailing" -> TimestepSpacing.TRAILING;
      default -> throw config.bad("timestep_spacing", "leading, linspace or trailing");
    };
  }

  private static NoiseSchedule betas(ConfigNode config) {
    try {
      Optional<double[]> trained = config.numbers("trained_betas");
      if (trained.isPresent()) {
        return NoiseSchedule.ofBetas(trained.get());
      }
      int timesteps = config.count("num_train_timesteps").orElse(TIMESTEPS);
      if (timesteps > 1_000_000) {
        throw config.bad("num_train_timesteps", "1000000 at most");
      }
      double first = beta(config, "beta_start", FIRST);
      double last = beta(config, "beta_end", LAST);
      String kind = config.text("beta_schedule").orElse("scaled_linear");
      return switch (kind) {
        case "scaled_linear" -> NoiseSchedule.scaledLinear(first, last, timesteps);
        case "linear" -> NoiseSchedule.linear(first, last, timesteps);
        case "squaredcos_cap_v2" -> NoiseSchedule.ofBetas(cosine(timesteps));
        default ->
            throw config.unsupported(
                "beta_schedule", kind, "scaled_linear, linear or squaredcos_cap_v2");
      };
    } catch (IllegalArgumentException e) {
      throw new WeightsException("%s: %s".formatted(config.source(), e.getMessage()), e);
    }
  }

  private static double beta(ConfigNode config, String key, double usual) {
    double beta = config.positive(key).orElse(usual);
    if (beta > 1) {
      throw config.bad(key, "a number between 0 and 1");
    }
    return beta;
  }

  /** The cosine schedule of Nichol and Dhariwal 2021 (arXiv:2102.09672, section 3.2). */
  private static double[] cosine(int timesteps) {
    double[] betas = new double[timesteps];
    for (int i = 0; i < timesteps; i++) {
      double here = cosineAlphaBar((double) i / timesteps);
      double next = cosineAlphaBar((double) (i + 1) / timesteps);
      betas[i] = Math.min(1 - next / here, 0.999);
    }
    return betas;
  }

  private static double cosineAlphaBar(double t) {
    double cosine = Math.cos((t + 0.008) / 1.008 * Math.PI / 2);
    return cosine * cosine;
  }

  /** From the original's YAML. */
  static NoiseSchedule ofOriginal(ConfigNode params) {
    String kind = params.text("beta_schedule").orElse("linear");
    int timesteps = params.count("timesteps").orElse(TIMESTEPS);
    double first = beta(params, "linear_start", FIRST);
    double last = beta(params, "linear_end", LAST);
    if (timesteps > 1_000_000) {
      throw params.bad("timesteps", "1000000 at most");
    }
    try {
      NoiseSchedule schedule =
          switch (kind) {
            // the original's "linear" is even in the square roots
            case "linear" -> NoiseSchedule.scaledLinear(first, last, timesteps);
            case "cosine" -> NoiseSchedule.ofBetas(cosine(timesteps));
            default -> throw params.unsupported("beta_schedule", kind, "linear or cosine");
          };
      return switch (params.text("parameterization").orElse("eps")) {
        case "eps" -> schedule;
        case "v" -> schedule.withPredictionType(PredictionType.V_PREDICTION);
        case "x0" -> schedule.withPredictionType(PredictionType.SAMPLE);
        default -> throw params.bad("parameterization", "eps, v or x0");
      };
    } catch (IllegalArgumentException e) {
      throw new WeightsException("%s: %s".formatted(params.source(), e.getMessage()), e);
    }
  }
}
