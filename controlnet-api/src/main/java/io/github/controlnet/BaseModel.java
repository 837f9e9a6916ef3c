package io.github.controlnet;

import io.github.controlnet.spi.SharedResources;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Names a base model: Stable Diffusion's text encoder, U-Net and autoencoder. Nothing is opened
 * until a pipeline is built.
 *
 * <p>Pipelines built from the <em>same instance</em> share its loaded weights, which are freed when
 * the last of them is closed.
 */
public final class BaseModel {
  private final Path path;
  private final @Nullable Path config;
  private final SharedResources resources = new SharedResources();

  private BaseModel(Path path, @Nullable Path config) {
    this.path = path;
    this.config = config;
  }

  /**
   * Names a base model on disk.
   *
   * @param path a diffusers folder, or an original single file ({@code .safetensors}, {@code
   *     .ckpt})
   * @return the model
   */
  public static BaseModel of(Path path) {
    return new BaseModel(Values.nonNull(path, "the base model's path"), null);
  }

  /**
   * Adds what the shapes of the weights cannot tell, such as the number of attention heads or the
   * prediction type.
   *
   * @param file diffusers-style JSON or the original's YAML
   * @return a new value; its weights are not shared with this one's
   */
  public BaseModel withConfig(Path file) {
    return new BaseModel(path, Values.nonNull(file, "the base model's config file"));
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

  /**
   * Returns what the pipelines built from this instance share. Meant for implementations of the
   * pipeline.
   *
   * @return the shared resources
   */
  public SharedResources sharedResources() {
    return resources;
  }

  @Override
  public String toString() {
    return path.toString();
  }
}
