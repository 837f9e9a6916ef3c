package io.github.controlnet.core.sampler;

import io.github.controlnet.sampler.NoiseSchedule;
import io.github.controlnet.sampler.Sampler;
import io.github.controlnet.sampler.SamplerRun;
import io.github.controlnet.spi.SamplerProvider;
import java.util.ArrayList;
import java.util.List;

/** Brings the library's own samplers to the class path. */
public final class CoreSamplers implements SamplerProvider {

  /** Creates the provider; called by {@link java.util.ServiceLoader}. */
  public CoreSamplers() {}

  @Override
  public List<Sampler> samplers() {
    List<Sampler> all = new ArrayList<>();
    all.add(
        new NamedSampler(
            "ddim",
            (schedule, options) ->
                new DdimRun(
                    schedule, WholeTimesteps.of(schedule, options.steps()), options.eta())));
    all.add(
        new NamedSampler(
            "ddpm",
            (schedule, options) ->
                new DdpmRun(schedule, WholeTimesteps.of(schedule, options.steps()))));
    all.add(
        new NamedSampler(
            "pndm",
            (schedule, options) ->
                new PndmRun(schedule, WholeTimesteps.of(schedule, options.steps()))));
    family(
        all,
        "euler",
        NoiseLevels::linear,
        (schedule, levels) -> new EulerRun(schedule, levels, false));
    all.add(
        solver(
            "euler_ancestral",
            SigmaSpacing.TIMESTEPS,
            NoiseLevels::linear,
            (schedule, levels) -> new EulerRun(schedule, levels, true)));
    family(all, "heun", NoiseLevels::linear, HeunRun::new);
    family(all, "lms", NoiseLevels::linear, LmsRun::new);
    family(
        all,
        "dpm2",
        NoiseLevels::linearRounded,
        (schedule, levels) -> new Dpm2Run(schedule, levels, false));
    family(
        all,
        "dpm2_ancestral",
        NoiseLevels::linearRounded,
        (schedule, levels) -> new Dpm2Run(schedule, levels, true));
    family(all, "dpmpp_2m", NoiseLevels::wholeToZero, dpmSolver(2, false));
    family(all, "dpmpp_2m_sde", NoiseLevels::wholeToZero, dpmSolver(2, true));
    family(all, "dpmpp_3m_sde", NoiseLevels::wholeToZero, dpmSolver(3, true));
    family(all, "dpmpp_2s", NoiseLevels::evenToZero, SingleStepRun::new);
    family(
        all,
        "unipc",
        NoiseLevels::wholeToZero,
        (schedule, levels) -> new UniPcRun(schedule, levels, Math::expm1));
    all.add(
        solver(
            "unipc_bh1",
            SigmaSpacing.TIMESTEPS,
            NoiseLevels::wholeToZero,
            (schedule, levels) -> new UniPcRun(schedule, levels, h -> h)));
    family(all, "deis", NoiseLevels::wholeToFirst, DeisRun::new);
    all.add(
        new NamedSampler(
            "lcm",
            (schedule, options) ->
                new LcmRun(schedule, DistilledTimesteps.of(schedule, options.steps()))));
    all.add(
        new NamedSampler(
            "tcd",
            (schedule, options) ->
                new TcdRun(
                    schedule, DistilledTimesteps.of(schedule, options.steps()), options.eta())));
    return all;
  }

  /** Where a solver's steps start and end. */
  private interface Levels {
    List<NoiseLevel> of(NoiseSchedule schedule, int steps, SigmaSpacing sigmas);
  }

  /** A method that goes from level to level. */
  private interface Solver {
    SamplerRun over(NoiseSchedule schedule, List<NoiseLevel> levels);
  }

  /** Adds a solver with every spacing of sigmas: {@code euler}, {@code euler_karras} and so on. */
  private static void family(List<Sampler> all, String name, Levels levels, Solver solver) {
    for (SigmaSpacing sigmas : SigmaSpacing.values()) {
      all.add(solver(name + sigmas.suffix(), sigmas, levels, solver));
    }
  }

  private static Sampler solver(String name, SigmaSpacing sigmas, Levels levels, Solver solver) {
    return new NamedSampler(
        name,
        (schedule, options) -> solver.over(schedule, levels.of(schedule, options.steps(), sigmas)));
  }

  private static Solver dpmSolver(int order, boolean stochastic) {
    return (schedule, levels) -> new DpmSolverRun(schedule, levels, order, stochastic);
  }
}
