package io.github.controlnet.core.training;

import io.github.controlnet.engine.TrainingBatch;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;

/** The batches of a training, one after another. */
final class Batches {
  private final BatchMaker maker;
  private final BatchSplit split;
  private final DataOrder order;
  private final SampleQueue queue;

  /** From the threads that read. */
  private final Queue<String> warnings = new ConcurrentLinkedQueue<>();

  /**
   * Starts to read.
   *
   * @param steps how many updates were made before
   */
  Batches(TrainingSetup setup, BatchMaker maker, BatchSplit split, int steps) {
    this.maker = maker;
    this.split = split;
    this.order = setup.order();
    this.queue = setup.queue((long) steps * split.pictures(), split.size(), warnings::add);
  }

  /** How the pictures of an update are computed. */
  BatchSplit split() {
    return split;
  }

  /** The next batch, which counts as a share of its update. */
  TrainingBatch next() {
    List<Sample> samples = new ArrayList<>();
    for (int i = 0; i < split.size(); i++) {
      samples.add(queue.take());
    }
    return maker.batch(samples, 1.0 / split.count());
  }

  /** Hands on what was noticed while reading, on the caller's thread. */
  void warnings(Consumer<String> listener) {
    for (String warning = warnings.poll(); warning != null; warning = warnings.poll()) {
      listener.accept(warning);
    }
  }

  /** The epoch after so many updates. */
  long epoch(int steps) {
    return order.epoch((long) steps * split.pictures());
  }
}
