package io.github.controlnet.core.training;

import io.github.controlnet.engine.TrainableControl;
import io.github.controlnet.exception.EngineException;
import io.github.controlnet.exception.GenerationCancelledException;
import io.github.controlnet.training.OutputConfig;
import io.github.controlnet.training.TrainingConfig;
import io.github.controlnet.training.TrainingPlan;
import io.github.controlnet.training.TrainingProgress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The steps of a training. */
final class TrainingLoop {
  private static final int SPEED_WINDOW = 20;

  private final TrainingPlan plan;
  private final TrainingConfig config;
  private final TrainableControl network;
  private final Batches batches;
  private final LossLog log;
  private final CheckpointWriter checkpoints;
  private final Samples samples;
  private final Updates updates;
  private final Speed speed = new Speed();
  private Optional<Checkpoint> last;

  /**
   * Makes the loop.
   *
   * @param resumed where it goes on
   */
  TrainingLoop(
      TrainingPlan plan,
      TrainableControl network,
      Batches batches,
      LossLog log,
      CheckpointWriter checkpoints,
      Samples samples,
      Optional<Checkpoint> resumed) {
    this.plan = plan;
    this.config = plan.config();
    this.network = network;
    this.batches = batches;
    this.log = log;
    this.checkpoints = checkpoints;
    this.samples = samples;
    this.last = resumed;
    this.updates =
        new Updates(
            config.optimizer(),
            new LearningRate(
                config.optimizer().learningRate(), config.schedule(), config.run().steps()));
  }

  /** Makes all steps that are left, and returns the last checkpoint. */
  Checkpoint run() {
    int steps = config.run().steps();
    for (int step = last.map(Checkpoint::step).orElse(0) + 1; step <= steps; step++) {
      if (plan.cancellation().isCancelled() || Thread.currentThread().isInterrupted()) {
        cancel(step - 1);
      }
      step(step);
      OutputConfig output = config.output();
      if (isDue(step, output.checkpointEvery()) || step == steps) {
        save(step);
      }
      if (isDue(step, output.sampleEvery()) && !output.samples().isEmpty()) {
        plan.listener().onSamples(samples.paint(step, network.state()));
      }
    }
    return last.orElseGet(() -> save(steps));
  }

  private static boolean isDue(int step, int every) {
    return every > 0 && step % every == 0;
  }

  private void step(int step) {
    long begin = System.nanoTime();
    double loss = 0;
    for (int i = 0; i < batches.split().count(); i++) {
      loss += network.accumulate(batches.next());
    }
    batches.warnings(plan.listener()::onWarning);
    double norm = network.gradientNorm();
    requireFinite(step, loss, norm);
    double rate = updates.update(network, step, norm);
    double seconds = (System.nanoTime() - begin) / 1e9;
    speed.add(seconds);
    long epoch = batches.epoch(step);
    log.add(step, epoch, loss, rate, norm, seconds);
    int steps = config.run().steps();
    plan.listener()
        .onStep(
            new TrainingProgress(
                step,
                steps,
                (int) epoch,
                loss,
                log.mean(),
                rate,
                norm,
                speed.perSecond(),
                (steps - step) / speed.perSecond()));
  }

  private void requireFinite(int step, double loss, double norm) {
    if (!Double.isFinite(loss) || !Double.isFinite(norm)) {
      throw new EngineException(
          "At step %d the loss is %s and the norm of the gradients %s; use a lower learning rate or clip gradients. %s"
              .formatted(
                  step,
                  loss,
                  norm,
                  last.map(l -> "The newest checkpoint is %s.".formatted(l.folder()))
                      .orElse("There is no checkpoint yet.")));
    }
  }

  private void cancel(int step) {
    boolean saved = last.map(checkpoint -> checkpoint.step() == step).orElse(step == 0);
    if (!saved) {
      save(step);
    }
    throw new GenerationCancelledException(
        "The training was cancelled after step %d; start it again to go on from there."
            .formatted(step));
  }

  private Checkpoint save(int step) {
    Checkpoint saved = checkpoints.save(step, network.state());
    last = Optional.of(saved);
    LossCurve.write(log.losses(), config.output().folder().resolve("loss.png"));
    plan.listener().onCheckpoint(saved.folder());
    return saved;
  }

  /** How fast the last steps were. */
  private static final class Speed {
    private final List<Double> seconds = new ArrayList<>();

    void add(double step) {
      seconds.add(step);
      if (seconds.size() > SPEED_WINDOW) {
        seconds.remove(0);
      }
    }

    double perSecond() {
      return seconds.size() / seconds.stream().mapToDouble(Double::doubleValue).sum();
    }
  }
}
