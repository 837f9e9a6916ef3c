package io.github.controlnet.training;

/**
 * Everything that a training can be told. Start with {@link #defaults} and change what is to be
 * different.
 *
 * @param data images and prompts
 * @param loss what is minimised
 * @param optimizer sizes of the updates
 * @param schedule how the learning rate changes
 * @param run length and way of computing
 * @param output what is left on disk
 */
public record TrainingConfig(
    DataConfig data,
    LossConfig loss,
    OptimizerConfig optimizer,
    ScheduleConfig schedule,
    RunConfig run,
    OutputConfig output) {

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException when one is out of its range
   */
  public TrainingConfig {
    Checks.nonNull(data, "the data");
    Checks.nonNull(loss, "the loss");
    Checks.nonNull(optimizer, "the optimizer");
    Checks.nonNull(schedule, "the schedule");
    Checks.nonNull(run, "the run");
    Checks.nonNull(output, "the output");
  }

  /**
   * Returns the usual values.
   *
   * @param data see the record
   * @param output see the record
   * @return the values
   */
  public static TrainingConfig defaults(DataConfig data, OutputConfig output) {
    return new TrainingConfig(
        data,
        LossConfig.defaults(),
        OptimizerConfig.defaults(),
        ScheduleConfig.defaults(),
        RunConfig.defaults(),
        output);
  }

  /**
   * Changes one value.
   *
   * @param value the new {@link #data()}
   * @return a new record
   * @throws NullPointerException when it is null
   */
  public TrainingConfig withData(DataConfig value) {
    return new TrainingConfig(value, loss, optimizer, schedule, run, output);
  }

  /**
   * Changes one value.
   *
   * @param value the new {@link #loss()}
   * @return a new record
   * @throws NullPointerException when it is null
   */
  public TrainingConfig withLoss(LossConfig value) {
    return new TrainingConfig(data, value, optimizer, schedule, run, output);
  }

  /**
   * Changes one value.
   *
   * @param value the new {@link #optimizer()}
   * @return a new record
   * @throws NullPointerException when it is null
   */
  public TrainingConfig withOptimizer(OptimizerConfig value) {
    return new TrainingConfig(data, loss, value, schedule, run, output);
  }

  /**
   * Changes one value.
   *
   * @param value the new {@link #schedule()}
   * @return a new record
   * @throws NullPointerException when it is null
   */
  public TrainingConfig withSchedule(ScheduleConfig value) {
    return new TrainingConfig(data, loss, optimizer, value, run, output);
  }

  /**
   * Changes one value.
   *
   * @param value the new {@link #run()}
   * @return a new record
   * @throws NullPointerException when it is null
   */
  public TrainingConfig withRun(RunConfig value) {
    return new TrainingConfig(data, loss, optimizer, schedule, value, output);
  }

  /**
   * Changes one value.
   *
   * @param value the new {@link #output()}
   * @return a new record
   * @throws NullPointerException when it is null
   */
  public TrainingConfig withOutput(OutputConfig value) {
    return new TrainingConfig(data, loss, optimizer, schedule, run, value);
  }
}
