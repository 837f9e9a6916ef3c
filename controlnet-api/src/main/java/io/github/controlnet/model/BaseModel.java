package io.github.controlnet.model;

import io.github.controlnet.ControlInput;
import io.github.controlnet.internal.Values;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Names a base model: Stable Diffusion's text encoder, U-Net and autoencoder. Nothing is opened
 * until a pipeline is built. Two models are equal when path, id and config are.
 *
 * <p>Pipelines of one process whose bases are the same files share what they load, whether they
 * were built from one value of this class or from several: the text encoder, the U-Net, the
 * autoencoder and the controls, each as long as its files are the same (where they are, their size
 * and when they were written last) and engine, device, precision and streaming of the weights are,
 * too. A separate autoencoder or text encoder, a tokenizer, the number of threads and the grace at
 * exit set no pipeline apart in the rest. What is shared is freed when the last pipeline that uses
 * it is closed.
 */
public final class BaseModel {
  private final @Nullable Path path;
  private final @Nullable HubReference reference;
  private final @Nullable Path config;

  private BaseModel(@Nullable Path path, @Nullable HubReference reference, @Nullable Path config) {
    this.path = path;
    this.reference = reference;
    this.config = config;
  }

  /**
   * Names a base model on disk.
   *
   * @param path a diffusers folder, or an original single file ({@code .safetensors}, {@code
   *     .ckpt})
   * @return the model
   * @throws NullPointerException when it is null
   */
  public static BaseModel of(Path path) {
    return new BaseModel(Values.nonNull(path, "the base model's path"), null, null);
  }

  /**
   * Names a base model on the Hugging Face hub. It is fetched when a pipeline is built, into the
   * cache that Python's libraries use too; what is there already is used as it is.
   *
   * @param id {@code org/name}, such as {@code stable-diffusion-v1-5/stable-diffusion-v1-5}, or
   *     {@code org/name/path/file} for one file
   * @return the model, at the revision {@code main} unless {@code @revision} stands behind the id
   * @throws IllegalArgumentException when it is no id
   * @throws NullPointerException when it is null
   */
  public static BaseModel hub(String id) {
    return hub(HubReference.of(id));
  }

  /**
   * Names a base model on the Hugging Face hub, for example at a certain revision.
   *
   * @param reference what to fetch when a pipeline is built
   * @return the model
   * @throws NullPointerException when it is null
   */
  public static BaseModel hub(HubReference reference) {
    return new BaseModel(null, Values.nonNull(reference, "the reference to the hub"), null);
  }

  /**
   * Adds what the shapes of the weights cannot tell, such as the number of attention heads or the
   * prediction type.
   *
   * @param file diffusers-style JSON or the original's YAML
   * @return a new value
   * @throws NullPointerException when it is null
   */
  public BaseModel withConfig(Path file) {
    return new BaseModel(path, reference, Values.nonNull(file, "the base model's config file"));
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

  /**
   * Names the control inside this base, for a merged 1.0 file that holds both: what {@link
   * ControlInput#withModel} takes when the pipeline was given no control of its own.
   *
   * @return the same file or id, as a control
   */
  public ControlModel ownControl() {
    return reference == null ? ControlModel.of(path()) : ControlModel.hub(reference);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof BaseModel model
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
