package io.github.controlnet.engine;

/**
 * Where and how an engine computes.
 *
 * @param device the device
 * @param precision the number type that was asked for
 * @param threads how many threads one operation may use in calls outside of any {@link
 *     EngineSession}; 0 for all cores
 * @param streaming whether large networks read their weights from where they are stored at each
 *     call, a block at a time, instead of when they are loaded: little memory, slower, equal
 *     results; an engine that cannot stream loads them as always
 */
public record EngineOptions(Device device, Precision precision, int threads, boolean streaming) {
  /**
   * Makes options without streaming.
   *
   * @param device the device
   * @param precision the number type that was asked for
   * @param threads how many threads one operation may use in calls outside of any session; 0 for
   *     all cores
   */
  public EngineOptions(Device device, Precision precision, int threads) {
    this(device, precision, threads, false);
  }
}
