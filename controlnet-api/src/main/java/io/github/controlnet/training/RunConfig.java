package io.github.controlnet.training;

import io.github.controlnet.engine.Precision;

/**
 * How long a training is, and how it is computed.
 *
 * @param steps updates of the weights in all
 * @param batchSize images that are computed at once
 * @param accumulation batches whose gradients are added up before an update
 * @param memoryLimitMegabytes how much memory the process may take; 0 for no limit. With one, an
 *     update is still made of {@code batchSize x accumulation} images, but as many of them are
 *     computed at once as fit, found by trial steps before the first update (on Linux alone). A
 *     checkpoint keeps what was found
 * @param seed what all random choices follow from
 * @param precision {@link Precision#BFLOAT16} computes products and convolutions in bfloat16
 *     (weights that learn stay in float32), {@link Precision#AUTO} where the processor has it
 * @param gradientCheckpointing whether activations are computed a second time instead of kept: half
 *     as fast again, far less memory
 * @param sdLocked false trains the U-Net's decoder too; the base is then exported as well
 * @param onlyMidControl whether the control acts on the U-Net's middle alone
 * @param threads threads to compute with; 0 for all cores
 */
public record RunConfig(
    int steps,
    int batchSize,
    int accumulation,
    int memoryLimitMegabytes,
    long seed,
    Precision precision,
    boolean gradientCheckpointing,
    boolean sdLocked,
    boolean onlyMidControl,
    int threads) {

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException when one is out of its range
   */
  public RunConfig {
    Checks.between(steps, 1, Integer.MAX_VALUE, "steps");
    Checks.between(batchSize, 1, 65_536, "batchSize");
    Checks.between(accumulation, 1, 65_536, "accumulation");
    Checks.between((double) batchSize * accumulation, 1, 1 << 20, "batchSize x accumulation");
    Checks.between(memoryLimitMegabytes, 0, Integer.MAX_VALUE, "memoryLimitMegabytes");
    Checks.nonNull(precision, "the precision");
    Checks.between(threads, 0, 1024, "threads");
  }

  /**
   * Returns the usual values.
   *
   * @return the values
   */
  public static RunConfig defaults() {
    return new RunConfig(1000, 4, 1, 0, 0, Precision.FLOAT32, false, true, false, 0);
  }

  /**
   * Changes one value.
   *
   * @param value the new {@link #steps()}
   * @return a new record
   * @throws IllegalArgumentException when it is outside its range
   */
  public RunConfig withSteps(int value) {
    return new RunConfig(
        value,
        batchSize,
        accumulation,
        memoryLimitMegabytes,
        seed,
        precision,
        gradientCheckpointing,
        sdLocked,
        onlyMidControl,
        threads);
  }

  /**
   * Changes one value.
   *
   * @param value the new {@link #batchSize()}
   * @return a new record
   * @throws IllegalArgumentException when it is outside its range
   */
  public RunConfig withBatchSize(int value) {
    return new RunConfig(
        steps,
        value,
        accumulation,
        memoryLimitMegabytes,
        seed,
        precision,
        gradientCheckpointing,
        sdLocked,
        onlyMidControl,
        threads);
  }

  /**
   * Changes one value.
   *
   * @param value the new {@link #accumulation()}
   * @return a new record
   * @throws IllegalArgumentException when it is outside its range
   */
  public RunConfig withAccumulation(int value) {
    return new RunConfig(
        steps,
        batchSize,
        value,
        memoryLimitMegabytes,
        seed,
        precision,
        gradientCheckpointing,
        sdLocked,
        onlyMidControl,
        threads);
  }

  /**
   * Changes one value.
   *
   * @param value the new {@link #memoryLimitMegabytes()}
   * @return a new record
   * @throws IllegalArgumentException when it is outside its range
   */
  public RunConfig withMemoryLimitMegabytes(int value) {
    return new RunConfig(
        steps,
        batchSize,
        accumulation,
        value,
        seed,
        precision,
        gradientCheckpointing,
        sdLocked,
        onlyMidControl,
        threads);
  }

  /**
   * Changes one value.
   *
   * @param value the new {@link #seed()}
   * @return a new record
   */
  public RunConfig withSeed(long value) {
    return new RunConfig(
        steps,
        batchSize,
        accumulation,
        memoryLimitMegabytes,
        value,
        precision,
        gradientCheckpointing,
        sdLocked,
        onlyMidControl,
        threads);
  }

  /**
   * Changes one value.
   *
   * @param value the new {@link #precision()}
   * @return a new record
   * @throws NullPointerException when it is null
   */
  public RunConfig withPrecision(Precision value) {
    return new RunConfig(
        steps,
        batchSize,
        accumulation,
        memoryLimitMegabytes,
        seed,
        value,
        gradientCheckpointing,
        sdLocked,
        onlyMidControl,
        threads);
  }

  /**
   * Changes one value.
   *
   * @param value the new {@link #gradientCheckpointing()}
   * @return a new record
   */
  public RunConfig withGradientCheckpointing(boolean value) {
    return new RunConfig(
        steps,
        batchSize,
        accumulation,
        memoryLimitMegabytes,
        seed,
        precision,
        value,
        sdLocked,
        onlyMidControl,
        threads);
  }

  /**
   * Changes one value.
   *
   * @param value the new {@link #sdLocked()}
   * @return a new record
   */
  public RunConfig withSdLocked(boolean value) {
    return new RunConfig(
        steps,
        batchSize,
        accumulation,
        memoryLimitMegabytes,
        seed,
        precision,
        gradientCheckpointing,
        value,
        onlyMidControl,
        threads);
  }

  /**
   * Changes one value.
   *
   * @param value the new {@link #onlyMidControl()}
   * @return a new record
   */
  public RunConfig withOnlyMidControl(boolean value) {
    return new RunConfig(
        steps,
        batchSize,
        accumulation,
        memoryLimitMegabytes,
        seed,
        precision,
        gradientCheckpointing,
        sdLocked,
        value,
        threads);
  }

  /**
   * Changes one value.
   *
   * @param value the new {@link #threads()}
   * @return a new record
   * @throws IllegalArgumentException when it is outside its range
   */
  public RunConfig withThreads(int value) {
    return new RunConfig(
        steps,
        batchSize,
        accumulation,
        memoryLimitMegabytes,
        seed,
        precision,
        gradientCheckpointing,
        sdLocked,
        onlyMidControl,
        value);
  }
}
