package io.github.controlnet.model;

import io.github.controlnet.internal.Values;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Names an autoencoder (a VAE), large or tiny, to use in place of a base's own or to draw previews.
 * Nothing is opened until a pipeline is built. Two models are equal when path and id are.
 *
 * <p>Tiny ones (TAESD, for Stable Diffusion 1.x; TAESDXL, for XL) decode an image in a few percent
 * of the time, with less detail: {@code VaeModel.hub("taesd")}.
 */
public final class VaeModel {
  private final @Nullable Path path;
  private final @Nullable HubReference reference;

  private VaeModel(@Nullable Path path, @Nullable HubReference reference) {
    this.path = path;
    this.reference = reference;
  }

  /**
   * Names an autoencoder on disk.
   *
   * @param path a file, with the original's or diffusers' names; a diffusers folder; or a whole
   *     base model, of which it takes the autoencoder. Of the original's tiny autoencoder, which
   *     comes in two files, the decoder's file or the folder of both: the encoder is looked for
   *     beside it, and only needed to start from images
   * @return the model
   */
  public static VaeModel of(Path path) {
    return new VaeModel(Values.nonNull(path, "the autoencoder's path"), null);
  }

  /**
   * Names an autoencoder on the Hugging Face hub. It is fetched when a pipeline is built, into the
   * cache that Python's libraries use too; what is there already is used as it is.
   *
   * @param id {@code taesd}, {@code taesdxl}, {@code org/name}, or {@code org/name/path/file} for
   *     one file
   * @return the model, at the revision {@code main} unless {@code @revision} stands behind the id
   * @throws IllegalArgumentException when it is no id
   */
  public static VaeModel hub(String id) {
    return hub(HubReference.of(id));
  }

  /**
   * Names an autoencoder on the Hugging Face hub, for example at a certain revision.
   *
   * @param reference what to fetch when a pipeline is built
   * @return the model
   */
  public static VaeModel hub(HubReference reference) {
    return new VaeModel(null, Values.nonNull(reference, "the reference to the hub"));
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

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof VaeModel model
        && Objects.equals(path, model.path)
        && Objects.equals(reference, model.reference);
  }

  @Override
  public int hashCode() {
    return Objects.hash(path, reference);
  }

  @Override
  public String toString() {
    return String.valueOf(path == null ? reference : path);
  }
}
