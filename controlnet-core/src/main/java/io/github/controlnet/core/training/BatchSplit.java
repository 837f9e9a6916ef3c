package io.github.controlnet.core.training;

import io.github.controlnet.exception.InvalidRequestException;
import io.github.controlnet.training.RunConfig;
import java.util.function.IntToLongFunction;
import java.util.stream.IntStream;

/**
 * How the pictures of an update are computed: so many at once, so many times.
 *
 * @param size pictures at once
 * @param count batches whose gradients are added up
 */
record BatchSplit(int size, int count) {
  /** The share of a limit that a guess may reach before it is measured. */
  private static final double MARGIN = 0.9;

  /** As the configuration says, without regard to memory. */
  static BatchSplit asked(RunConfig run) {
    return new BatchSplit(run.batchSize(), run.accumulation());
  }

  /** Pictures in an update. */
  int pictures() {
    return size * count;
  }

  /**
   * Finds the largest batches that fit. Batches are equally large, so that the gradients are those
   * of one batch of all pictures.
   *
   * @param limit bytes that a step may take
   * @param idle the bytes of a process that computes nothing
   * @param peak measures the bytes of a step with so many pictures
   * @throws InvalidRequestException when not even one picture fits
   */
  BatchSplit within(long limit, long idle, IntToLongFunction peak) {
    long one = peak.applyAsLong(1);
    if (one > limit) {
      throw new InvalidRequestException(
          "A step with one picture at a time takes %,d MB beside what is cached, more than the %,d MB that memory_limit_megabytes leaves for it; raise the limit, lower data.cache_megabytes or data.resolution, or use gradient_checkpointing or bfloat16."
              .formatted(one >> 20, limit >> 20));
    }
    int[] sizes = IntStream.rangeClosed(2, pictures()).filter(n -> pictures() % n == 0).toArray();
    // what one picture takes is known to be no more than this
    if (sizes.length == 0 || one + (sizes[0] - 1) * Math.max(0, one - idle) > limit) {
      return new BatchSplit(1, pictures());
    }
    long few = peak.applyAsLong(sizes[0]);
    double more = Math.max(0, few - one) / (double) (sizes[0] - 1);
    for (int i = sizes.length - 1; i > 0; i--) {
      boolean promising = one + more * (sizes[i] - 1) <= MARGIN * limit;
      if (promising && peak.applyAsLong(sizes[i]) <= limit) {
        return new BatchSplit(sizes[i], pictures() / sizes[i]);
      }
    }
    int size = few <= limit ? sizes[0] : 1;
    return new BatchSplit(size, pictures() / size);
  }
}
