package io.github.controlnet.training;

import java.nio.file.Path;
import java.util.List;

/**
 * What a training leaves on disk.
 *
 * @param folder gets {@code control/} at the end, {@code checkpoints/}, {@code loss.csv}, {@code
 *     loss.png} and {@code samples/}
 * @param checkpointEvery steps between checkpoints; 0 for one at the end only
 * @param keepCheckpoints how many of the newest checkpoints are kept; 0 for all
 * @param resume whether a training goes on from the newest checkpoint in the folder; if not, a
 *     folder that has one is refused
 * @param sampleEvery steps between sample images; 0 for none
 * @param samples what is painted then
 */
public record OutputConfig(
    Path folder,
    int checkpointEvery,
    int keepCheckpoints,
    boolean resume,
    int sampleEvery,
    List<TrainingSample> samples) {

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException when one is out of its range
   */
  public OutputConfig {
    Checks.nonNull(folder, "the output folder");
    Checks.between(checkpointEvery, 0, Integer.MAX_VALUE, "checkpointEvery");
    Checks.between(keepCheckpoints, 0, Integer.MAX_VALUE, "keepCheckpoints");
    Checks.between(sampleEvery, 0, Integer.MAX_VALUE, "sampleEvery");
    samples = List.copyOf(samples);
  }

  /**
   * Returns the usual values.
   *
   * @param folder see the record
   * @return the values
   */
  public static OutputConfig defaults(Path folder) {
    return new OutputConfig(folder, 500, 2, true, 0, List.of());
  }

  /**
   * Changes one value.
   *
   * @param value the new {@link #folder()}
   * @return a new record
   * @throws NullPointerException when it is null
   */
  public OutputConfig withFolder(Path value) {
    return new OutputConfig(value, checkpointEvery, keepCheckpoints, resume, sampleEvery, samples);
  }

  /**
   * Changes one value.
   *
   * @param value the new {@link #checkpointEvery()}
   * @return a new record
   * @throws IllegalArgumentException when it is outside its range
   */
  public OutputConfig withCheckpointEvery(int value) {
    return new OutputConfig(folder, value, keepCheckpoints, resume, sampleEvery, samples);
  }

  /**
   * Changes one value.
   *
   * @param value the new {@link #keepCheckpoints()}
   * @return a new record
   * @throws IllegalArgumentException when it is outside its range
   */
  public OutputConfig withKeepCheckpoints(int value) {
    return new OutputConfig(folder, checkpointEvery, value, resume, sampleEvery, samples);
  }

  /**
   * Changes one value.
   *
   * @param value the new {@link #resume()}
   * @return a new record
   */
  public OutputConfig withResume(boolean value) {
    return new OutputConfig(folder, checkpointEvery, keepCheckpoints, value, sampleEvery, samples);
  }

  /**
   * Changes one value.
   *
   * @param value the new {@link #sampleEvery()}
   * @return a new record
   * @throws IllegalArgumentException when it is outside its range
   */
  public OutputConfig withSampleEvery(int value) {
    return new OutputConfig(folder, checkpointEvery, keepCheckpoints, resume, value, samples);
  }

  /**
   * Changes one value.
   *
   * @param value the new {@link #samples()}
   * @return a new record
   */
  public OutputConfig withSamples(List<TrainingSample> value) {
    return new OutputConfig(folder, checkpointEvery, keepCheckpoints, resume, sampleEvery, value);
  }
}
