package io.github.controlnet.training;

/**
 * How the learning rate changes.
 *
 * @param type the shape after the warm-up
 * @param warmupSteps over how many steps the rate first rises evenly from 0
 * @param cycles how often {@link ScheduleType#COSINE_WITH_RESTARTS} runs, 1 or more
 * @param power the power of {@link ScheduleType#POLYNOMIAL}
 */
public record ScheduleConfig(ScheduleType type, int warmupSteps, int cycles, double power) {

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException when one is out of its range
   */
  public ScheduleConfig {
    Checks.nonNull(type, "the type of the schedule");
    Checks.between(warmupSteps, 0, Integer.MAX_VALUE, "warmupSteps");
    Checks.between(cycles, 1, 1_000_000, "cycles");
    Checks.between(power, 0, 100, "power");
  }

  /**
   * Returns the usual values.
   *
   * @return the values
   */
  public static ScheduleConfig defaults() {
    return new ScheduleConfig(ScheduleType.CONSTANT, 0, 1, 1);
  }

  /**
   * Changes one value.
   *
   * @param value the new {@link #type()}
   * @return a new record
   * @throws NullPointerException when it is null
   */
  public ScheduleConfig withType(ScheduleType value) {
    return new ScheduleConfig(value, warmupSteps, cycles, power);
  }

  /**
   * Changes one value.
   *
   * @param value the new {@link #warmupSteps()}
   * @return a new record
   * @throws IllegalArgumentException when it is outside its range
   */
  public ScheduleConfig withWarmupSteps(int value) {
    return new ScheduleConfig(type, value, cycles, power);
  }

  /**
   * Changes one value.
   *
   * @param value the new {@link #cycles()}
   * @return a new record
   * @throws IllegalArgumentException when it is outside its range
   */
  public ScheduleConfig withCycles(int value) {
    return new ScheduleConfig(type, warmupSteps, value, power);
  }

  /**
   * Changes one value.
   *
   * @param value the new {@link #power()}
   * @return a new record
   * @throws IllegalArgumentException when it is outside its range
   */
  public ScheduleConfig withPower(double value) {
    return new ScheduleConfig(type, warmupSteps, cycles, value);
  }
}
