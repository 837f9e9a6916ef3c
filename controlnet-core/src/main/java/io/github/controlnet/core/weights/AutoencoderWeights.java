package io.github.controlnet.core.weights;

import io.github.controlnet.core.family.Families;
import io.github.controlnet.core.family.Role;
import io.github.controlnet.core.internal.Closing;
import io.github.controlnet.core.models.TinyVae;
import io.github.controlnet.core.models.Vae;
import io.github.controlnet.engine.AutoencoderSpec;
import io.github.controlnet.engine.LatentFormat;
import io.github.controlnet.engine.WeightSource;
import io.github.controlnet.exception.IncompatibleModelException;
import io.github.controlnet.exception.WeightsException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The weights of a separate autoencoder (a VAE), from a file with the original's or diffusers'
 * names, or a folder.
 */
public final class AutoencoderWeights implements AutoCloseable {
  private final ModelFiles files;
  private final AutoencoderSpec architecture;

  private AutoencoderWeights(ModelFiles files, LatentFormat usual) {
    this.files = files;
    this.architecture = AutoencoderReader.read(files, usual);
  }

  /**
   * Opens an autoencoder.
   *
   * @param path a file of any supported format, a diffusers autoencoder's folder, or a whole base
   *     model, of which it takes the autoencoder
   * @return the open weights; the caller closes them
   * @throws WeightsException when the file is missing, damaged, unsafe, incomplete or no
   *     autoencoder
   */
  public static AutoencoderWeights open(Path path) {
    return open(path, Optional.empty(), Families.UNKNOWN.defaults().latents());
  }

  /**
   * Opens an autoencoder to use beside a base.
   *
   * @param path a file of any supported format, a diffusers autoencoder's folder, or a whole base
   *     model, of which it takes the autoencoder
   * @param base the base
   * @param basePath where the base is, for messages
   * @return the open weights; the caller closes them
   * @throws WeightsException when the file is missing, damaged, unsafe, incomplete or no
   *     autoencoder
   * @throws IncompatibleModelException when it reads other latents than the base makes
   */
  public static AutoencoderWeights open(Path path, BaseWeights base, Path basePath) {
    AutoencoderWeights weights = open(path, Optional.empty(), base.family().defaults().latents());
    try {
      Compatibility.checkAutoencoder(
          base.family(), base.unet().outChannels(), basePath, weights.architecture, path);
      if (weights.architecture.factor() != base.autoencoder().factor()) {
        throw new IncompatibleModelException(
            "The VAE of %s makes %d pixels of a latent's side, that of %s %d. Use a VAE made for such a base."
                .formatted(
                    path, weights.architecture.factor(), basePath, base.autoencoder().factor()));
      }
      return weights;
    } catch (Throwable e) {
      Closing.closeAfter(e, weights);
      throw e;
    }
  }

  /**
   * @param config the configuration that the user named, which may tell of other parts
   * @param usual how latents are written down where nothing says
   */
  static AutoencoderWeights open(Path path, Optional<ConfigFiles> config, LatentFormat usual) {
    ModelFiles files = ModelFiles.openPart(path, config, Role.AUTOENCODER);
    try {
      files.requireUsable();
      if (!files.has(Role.AUTOENCODER)) {
        throw new WeightsException(
            "%s is not an autoencoder (VAE): it has %s. Give a VAE's file or folder."
                .formatted(path, Descriptions.contents(files)));
      }
      return new AutoencoderWeights(files, usual);
    } catch (Throwable e) {
      Closing.closeAfter(e, files);
      throw e;
    }
  }

  /**
   * Returns its sizes.
   *
   * @return the sizes
   */
  public AutoencoderSpec architecture() {
    return architecture;
  }

  /**
   * Returns its weights.
   *
   * @return exactly the tensors of {@link Vae#shapes} or {@link TinyVae#shapes}
   */
  public WeightSource weights() {
    return files.weights(Role.AUTOENCODER);
  }

  /** Closes the files. Closing twice does nothing. */
  @Override
  public void close() {
    files.close();
  }
}
