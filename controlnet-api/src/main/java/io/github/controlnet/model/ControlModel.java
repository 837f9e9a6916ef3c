package io.github.controlnet.model;

import io.github.controlnet.internal.Values;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Names a control model (a ControlNet). Nothing is opened until a pipeline is built. Two models are
 * equal when path, id and config are; pipelines that share a {@link BaseModel} share the weights of
 * controls from the same files too.
 */
public final class ControlModel {
  private final @Nullable Path path;
  private final @Nullable HubReference reference;
  private final @Nullable Path config;

  private ControlModel(
      @Nullable Path path, @Nullable HubReference reference, @Nullable Path config) {
    this.path = path;
    this.reference = reference;
    this.config = config;
  }

  /**
   * Names a control model on disk.
   *
   * @param path an original file ({@code .pth}, {@code .safetensors}), a merged 1.0 file, or a
   *     diffusers folder
   * @return the model
   * @throws NullPointerException when it is null
   */
  public static ControlModel of(Path path) {
    return new ControlModel(Values.nonNull(path, "the control model's path"), null, null);
  }

  /**
   * Names a control model on the Hugging Face hub. It is fetched when a pipeline is built, into the
   * cache that Python's libraries use too; what is there already is used as it is.
   *
   * @param id {@code org/name}, such as {@code lllyasviel/sd-controlnet-canny}, or {@code
   *     org/name/path/file} for one file
   * @return the model, at the revision {@code main} unless {@code @revision} stands behind the id
   * @throws IllegalArgumentException when it is no id
   * @throws NullPointerException when it is null
   */
  public static ControlModel hub(String id) {
    return hub(HubReference.of(id));
  }

  /**
   * Names a control model on the Hugging Face hub, for example at a certain revision.
   *
   * @param reference what to fetch when a pipeline is built
   * @return the model
   * @throws NullPointerException when it is null
   */
  public static ControlModel hub(HubReference reference) {
    return new ControlModel(null, Values.nonNull(reference, "the reference to the hub"), null);
  }

  /**
   * Adds what the shapes of the weights cannot tell, such as the number of attention heads or
   * global average pooling.
   *
   * @param file diffusers-style JSON or the original's YAML
   * @return a new value
   * @throws NullPointerException when it is null
   */
  public ControlModel withConfig(Path file) {
    return new ControlModel(
        path, reference, Values.nonNull(file, "the control model's config file"));
  }

  /**
   * Returns where the model is, when it was named by a path.
   *
   * @return the path as it was given
   * @throws IllegalStateException when the model was named by an id of a hub
   */
  public Path path() {
    if (path == null) {
      throw new IllegalStateException(
          "The model %s was named by an id of a hub, so it has no path of its own; see hubReference()."
              .formatted(reference));
    }
    return path;
  }

  /**
   * Returns what the model is on the hub, when it was named so.
   *
   * @return the reference; empty for a model on disk, which has a {@link #path()}
   */
  public Optional<HubReference> hubReference() {
    return Optional.ofNullable(reference);
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
        && Objects.equals(path, model.path)
        && Objects.equals(reference, model.reference)
        && Objects.equals(config, model.config);
  }

  @Override
  public int hashCode() {
    return Objects.hash(path, reference, config);
  }

  @Override
  public String toString() {
    return String.valueOf(path == null ? reference : path);
  }
}
