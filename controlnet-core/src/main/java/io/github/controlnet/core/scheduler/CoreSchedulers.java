package io.github.controlnet.core.scheduler;

import io.github.controlnet.spi.scheduler.NoiseSchedule;
import io.github.controlnet.spi.scheduler.Scheduler;
import io.github.controlnet.spi.scheduler.SchedulerProvider;
import io.github.controlnet.spi.scheduler.SchedulerRun;
import java.util.List;

/** Brings the library's own schedulers to the class path. */
public final class CoreSchedulers implements SchedulerProvider {

  /** Creates the provider; called by {@link java.util.ServiceLoader}. */
  public CoreSchedulers() {}

  @Override
  public List<Scheduler> schedulers() {
    return List.of(
        new NamedScheduler(
            "ddim",
            (schedule, options) ->
                new DdimRun(schedule, WholeTimesteps.of(schedule, options.steps()), options.eta())),
        new NamedScheduler(
            "ddpm",
            (schedule, options) ->
                new DdpmRun(schedule, WholeTimesteps.of(schedule, options.steps()))),
        new NamedScheduler(
            "pndm",
            (schedule, options) ->
                new PndmRun(schedule, WholeTimesteps.of(schedule, options.steps()))),
        solver(
            "euler",
            NoiseLevels::linear,
            (schedule, levels) -> new EulerRun(schedule, levels, false)),
        solver(
            "euler_ancestral",
            NoiseLevels::linear,
            (schedule, levels) -> new EulerRun(schedule, levels, true)),
        solver("heun", NoiseLevels::linear, HeunRun::new),
        solver("lms", NoiseLevels::linear, LmsRun::new),
        solver(
            "dpm2",
            NoiseLevels::linear,
            (schedule, levels) -> new Dpm2Run(schedule, levels, false)),
        solver(
            "dpm2_ancestral",
            NoiseLevels::linear,
            (schedule, levels) -> new Dpm2Run(schedule, levels, true)),
        dpmSolver("dpmpp_2m", NoiseLevels::wholeToZero, 2, false),
        dpmSolver("dpmpp_2m_karras", NoiseLevels::karrasToZero, 2, false),
        dpmSolver("dpmpp_2m_sde", NoiseLevels::wholeToZero, 2, true),
        dpmSolver("dpmpp_2m_sde_karras", NoiseLevels::karrasToZero, 2, true),
        dpmSolver("dpmpp_3m_sde", NoiseLevels::wholeToZero, 3, true),
        dpmSolver("dpmpp_3m_sde_karras", NoiseLevels::karrasToZero, 3, true),
        solver("dpmpp_2s", NoiseLevels::evenToZero, SingleStepRun::new),
        solver("unipc", NoiseLevels::wholeToZero, UniPcRun::new),
        solver("deis", NoiseLevels::wholeToFirst, DeisRun::new),
        new NamedScheduler(
            "lcm",
            (schedule, options) ->
                new LcmRun(schedule, DistilledTimesteps.of(schedule, options.steps()))),
        new NamedScheduler(
            "tcd",
            (schedule, options) ->
                new TcdRun(
                    schedule, DistilledTimesteps.of(schedule, options.steps()), options.eta())));
  }

  /** Where a solver's steps start and end. */
  private interface Levels {
    List<NoiseLevel> of(NoiseSchedule schedule, int steps);
  }

  /** A method that goes from level to level. */
  private interface Solver {
    SchedulerRun over(NoiseSchedule schedule, List<NoiseLevel> levels);
  }

  private static Scheduler solver(String name, Levels levels, Solver solver) {
    return new NamedScheduler(
        name, (schedule, options) -> solver.over(schedule, levels.of(schedule, options.steps())));
  }

  private static Scheduler dpmSolver(String name, Levels levels, int order, boolean stochastic) {
    return solver(
        name, levels, (schedule, path) -> new DpmSolverRun(schedule, path, order, stochastic));
  }
}
