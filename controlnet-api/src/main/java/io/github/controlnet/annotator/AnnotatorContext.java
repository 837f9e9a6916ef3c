package io.github.controlnet.annotator;

import io.github.controlnet.engine.Device;
import io.github.controlnet.model.HubReference;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Where an annotator computes and where its published weights come from, as the application that
 * creates it has it: a pipeline hands its own device and threads over. Immutable; an annotator
 * without networks needs nothing of it.
 *
 * <p>{@link io.github.controlnet.Annotators#context()} makes the usual one.
 */
public final class AnnotatorContext {
  private final PublishedFiles files;
  private final Device device;
  private final int threads;

  private AnnotatorContext(PublishedFiles files, Device device, int threads) {
    this.files = files;
    this.device = device;
    this.threads = threads;
  }

  /**
   * Makes a context of the processor with all its cores.
   *
   * @param files where published files are; called by any thread
   * @return the context
   */
  public static AnnotatorContext of(PublishedFiles files) {
    return new AnnotatorContext(Objects.requireNonNull(files, "files"), Device.CPU, 0);
  }

  /**
   * Chooses the device.
   *
   * @param value what networks are to run on
   * @return a new value
   */
  public AnnotatorContext withDevice(Device value) {
    return new AnnotatorContext(files, Objects.requireNonNull(value, "device"), threads);
  }

  /**
   * Chooses the number of threads.
   *
   * @param value how many threads an operation of a network may use, 1 or more; 0 for all cores
   * @return a new value
   * @throws IllegalArgumentException when it is less than 0
   */
  public AnnotatorContext withThreads(int value) {
    if (value < 0) {
      throw new IllegalArgumentException(
          "The number of threads is %d; expected 0 for all cores, or more.".formatted(value));
    }
    return new AnnotatorContext(files, device, value);
  }

  /**
   * Chooses where published files are.
   *
   * @param value finds them; called by any thread
   * @return a new value
   */
  public AnnotatorContext withFiles(PublishedFiles value) {
    return new AnnotatorContext(Objects.requireNonNull(value, "files"), device, threads);
  }

  /**
   * Returns the device that networks are to run on.
   *
   * @return the device; an annotator that cannot run there says so, or says that it runs elsewhere
   */
  public Device device() {
    return device;
  }

  /**
   * Returns how many threads an operation of a network may use.
   *
   * @return 0 for all cores
   */
  public int threads() {
    return threads;
  }

  /**
   * Finds weights on this machine, or fetches them where the application lets annotators do so.
   *
   * @param published the files that serve, the recommended one first; not empty
   * @return a file; empty when none is there and none may be fetched: throw a {@link
   *     io.github.controlnet.model.MissingWeightsException} then
   * @throws io.github.controlnet.exception.WeightsException when a file cannot be fetched
   */
  public Optional<Path> find(List<HubReference> published) {
    return files.find(published);
  }

  @Override
  public String toString() {
    return "%s, %s threads".formatted(device, threads == 0 ? "all" : threads);
  }
}
