package io.github.controlnet.core.training;

import io.github.controlnet.core.internal.Closing;
import io.github.controlnet.engine.AdamW;
import io.github.controlnet.engine.TrainableControl;
import io.github.controlnet.exception.ControlNetException;
import io.github.controlnet.exception.GenerationCancelledException;
import io.github.controlnet.training.OptimizerConfig;
import io.github.controlnet.training.TrainingConfig;
import io.github.controlnet.training.TrainingPlan;
import io.github.controlnet.training.TrainingResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** One training, from its plan to its result. */
final class Training {
  private final TrainingPlan plan;
  private final TrainingConfig config;
  private final Closing resources;
  private final Path folder;
  private final Checkpoints checkpoints;
  private final Optional<Checkpoint> resumed;
  private final TrainingSetup setup;

  /** The split that was asked for, or that of the checkpoint. */
  private final BatchSplit given;

  /**
   * Opens models and data, and finds where to go on. Nothing is written yet.
   *
   * @param resources closes what is opened
   */
  Training(TrainingPlan plan, Closing resources) {
    this.plan = plan;
    this.config = plan.config();
    this.resources = resources;
    this.folder = config.output().folder();
    this.checkpoints = new Checkpoints(folder.resolve("checkpoints"));
    this.resumed = checkpoints.resumed(config.output());
    this.setup = new TrainingSetup(plan, resources);
    BatchSplit asked = BatchSplit.asked(config.run());
    this.given = isMemoryLimited() ? resumed.map(Checkpoint::split).orElse(asked) : asked;
    resumed.ifPresent(checkpoint -> checkpoint.require(TrainingFacts.of(config, setup, given)));
  }

  private boolean isMemoryLimited() {
    return config.run().memoryLimitMegabytes() > 0;
  }

  TrainingResult run() {
    int first = resumed.map(Checkpoint::step).orElse(0);
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new ControlNetException("%s cannot be made: %s.".formatted(folder, e), e);
    }
    checkpoints.prune(0);
    BatchMaker maker = setup.batchMaker();
    TrainableControl network = setup.network(resumed);
    BatchSplit split = split(network, maker);
    plan.listener().onStart(start(split, first));
    LossLog log = resources.add(LossLog.open(folder.resolve("loss.csv"), first));
    Exports exports = new Exports(setup);
    Checkpoint last =
        new TrainingLoop(
                plan,
                network,
                new Batches(setup, maker, split, first),
                log,
                new CheckpointWriter(
                    checkpoints,
                    config.output().keepCheckpoints(),
                    TrainingFacts.of(config, setup, split),
                    exports),
                new Samples(plan, setup.side(), exports),
                resumed)
            .run();
    Exports.Models models = exports.write(folder, network.state());
    return new TrainingResult(models.control(), models.base(), last.step(), log.mean());
  }

  private String start(BatchSplit split, int first) {
    return "%,d records, %d x %d pixels, batches of %d%s%s"
        .formatted(
            setup.data().size(),
            setup.side(),
            setup.side(),
            split.pictures(),
            split.count() > 1 ? ", %d at once".formatted(split.size()) : "",
            first > 0 ? ", going on after step " + first : "");
  }

  private BatchSplit split(TrainableControl network, BatchMaker maker) {
    if (!isMemoryLimited() || resumed.isPresent()) {
      return given;
    }
    // the limit without what the caches may grow to
    long limit =
        ((long) config.run().memoryLimitMegabytes() - config.data().cacheMegabytes()) << 20;
    return given.within(limit, ResidentMemory.now(), n -> trial(network, maker, n));
  }

  /** Computes a step that changes nothing, and returns the bytes resident in it. */
  private long trial(TrainableControl network, BatchMaker maker, int pictures) {
    if (plan.cancellation().isCancelled()) {
      throw new GenerationCancelledException("The training was cancelled before its first step.");
    }
    OptimizerConfig sizes = config.optimizer();
    return ResidentMemory.peak(
        () -> {
          network.accumulate(
              maker.blank(pictures, setup.control().spec().hintChannels(), setup.side()));
          network.gradientNorm();
          network.update(
              new AdamW(0, sizes.beta1(), sizes.beta2(), sizes.weightDecay(), sizes.epsilon()),
              1,
              0,
              0);
        });
  }
}
