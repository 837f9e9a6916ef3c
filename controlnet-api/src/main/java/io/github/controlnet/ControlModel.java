package io.github.controlnet;

import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Names a control model (a ControlNet). Nothing is opened until a pipeline is built. Two models are
 * equal when path and config are; pipelines that share a {@link BaseModel} share the weights of
 * equal controls too.
 */
public final class ControlModel {
  private final Path path;
  private final @Nullable Path config;

  private ControlModel(Path path, @Nullable Path config) {
    this.path = path;
    this.config = config;
  }

  /**
   * Names a control model on disk.
   *
   * @param path an original file ({@code .pth}, {@code .safetensors}), a merged 1.0 file, or a
   *     diffusers folder
   * @return the model
   */
  public static ControlModel of(Path path) {
    return new ControlModel(Values.nonNull(path, "the control model's path"), null);
  }

  /**
   * Adds what the shapes of the weights cannot tell, such as the number of attention heads or
   * global average pooling.
   *
   * @param file diffusers-style JSON or the original's YAML
   * @return a new value
   */
  public ControlModel withConfig(Path file) {
    return new ControlModel(path, Values.nonNull(file, "the control model's config file"));
  }

  /**
   * Returns where the model is.
   *
   * @return the path as it was given
   */
  public Path path() {
    return path;
  }

  /**
   * Returns the separate configuration.
   *
   * @return its file, when one was given
   */
  public Optional<Path> config() {
    return Optional.ofNullable(config);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof ControlModel model
        && path.equals(model.path)
        && Objects.equals(config, model.config);
  }

  @Override
  public int hashCode() {
    return Objects.hash(path, config);
  }

  @Override
  public String toString() {
    return path.toString();
  }
}
