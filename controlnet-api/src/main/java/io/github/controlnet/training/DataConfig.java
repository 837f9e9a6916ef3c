package io.github.controlnet.training;

import java.nio.file.Path;
import java.util.Map;

/**
 * Where a training's images and prompts come from.
 *
 * @param path a file of JSON lines ({@code prompt.json} of fill50k), a folder that holds {@code
 *     prompt.json} or {@code metadata.jsonl}, or a folder of images with {@code .txt} captions
 *     beside them
 * @param resolution the side in pixels to which images are brought, a multiple of 64; 0 for the
 *     base's native size
 * @param annotator makes the control maps from the images; {@code none} where the data bring their
 *     own
 * @param annotatorOptions the annotator's options
 * @param onBrokenRecord what becomes of records that cannot be read
 * @param workers threads that read and annotate images, 1 to 64
 * @param cacheMegabytes how much memory may hold latents and hidden states that were computed once
 */
public record DataConfig(
    Path path,
    int resolution,
    String annotator,
    Map<String, String> annotatorOptions,
    BrokenRecords onBrokenRecord,
    int workers,
    int cacheMegabytes) {

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException when one is out of its range
   */
  public DataConfig {
    Checks.nonNull(path, "the path of the data");
    Checks.multiple(resolution, 64, "the resolution");
    Checks.nonNull(annotator, "the annotator");
    annotatorOptions = Map.copyOf(annotatorOptions);
    Checks.nonNull(onBrokenRecord, "onBrokenRecord");
    Checks.between(workers, 1, 64, "the number of workers");
    Checks.between(cacheMegabytes, 0, 1 << 20, "cacheMegabytes");
  }

  /**
   * Returns the usual values.
   *
   * @param path see the record
   * @return the values
   */
  public static DataConfig defaults(Path path) {
    return new DataConfig(path, 0, "none", Map.of(), BrokenRecords.STOP, 2, 512);
  }

  /**
   * Changes one value.
   *
   * @param value the new {@link #path()}
   * @return a new record
   * @throws NullPointerException when it is null
   */
  public DataConfig withPath(Path value) {
    return new DataConfig(
        value, resolution, annotator, annotatorOptions, onBrokenRecord, workers, cacheMegabytes);
  }

  /**
   * Changes one value.
   *
   * @param value the new {@link #resolution()}
   * @return a new record
   * @throws IllegalArgumentException when it is outside its range
   */
  public DataConfig withResolution(int value) {
    return new DataConfig(
        path, value, annotator, annotatorOptions, onBrokenRecord, workers, cacheMegabytes);
  }

  /**
   * Changes one value.
   *
   * @param value the new {@link #annotator()}
   * @return a new record
   * @throws NullPointerException when it is null
   */
  public DataConfig withAnnotator(String value) {
    return new DataConfig(
        path, resolution, value, annotatorOptions, onBrokenRecord, workers, cacheMegabytes);
  }

  /**
   * Changes one value.
   *
   * @param value the new {@link #annotatorOptions()}
   * @return a new record
   */
  public DataConfig withAnnotatorOptions(Map<String, String> value) {
    return new DataConfig(
        path, resolution, annotator, value, onBrokenRecord, workers, cacheMegabytes);
  }

  /**
   * Changes one value.
   *
   * @param value the new {@link #onBrokenRecord()}
   * @return a new record
   * @throws NullPointerException when it is null
   */
  public DataConfig withOnBrokenRecord(BrokenRecords value) {
    return new DataConfig(
        path, resolution, annotator, annotatorOptions, value, workers, cacheMegabytes);
  }

  /**
   * Changes one value.
   *
   * @param value the new {@link #workers()}
   * @return a new record
   * @throws IllegalArgumentException when it is outside its range
   */
  public DataConfig withWorkers(int value) {
    return new DataConfig(
        path, resolution, annotator, annotatorOptions, onBrokenRecord, value, cacheMegabytes);
  }

  /**
   * Changes one value.
   *
   * @param value the new {@link #cacheMegabytes()}
   * @return a new record
   * @throws IllegalArgumentException when it is outside its range
   */
  public DataConfig withCacheMegabytes(int value) {
    return new DataConfig(
        path, resolution, annotator, annotatorOptions, onBrokenRecord, workers, value);
  }
}
