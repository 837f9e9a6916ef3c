package io.github.controlnet.core.weights;

import io.github.controlnet.core.family.Families;
import io.github.controlnet.core.family.Family;
import io.github.controlnet.core.family.Role;
import io.github.controlnet.core.internal.Closing;
import io.github.controlnet.core.models.UNet;
import io.github.controlnet.engine.UNetSpec;
import io.github.controlnet.engine.WeightSource;
import io.github.controlnet.exception.WeightsException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The U-Net of a base model, for what needs nothing else of it: from a whole base of any layout, or
 * from a file or folder that holds a U-Net alone.
 */
public final class UNetWeights implements AutoCloseable {
  private final ModelFiles files;
  private final Family family;
  private final UNetSpec architecture;
  private final OptionalInt pixelsPerLatent;

  private UNetWeights(ModelFiles files) {
    this.files = files;
    this.family = files.family();
    if (family.defaults().hasMore()) {
      throw new WeightsException(
          "%s is %s, which is not supported yet; use a base model made for %s."
              .formatted(files.path(), family.name(), Families.runnable()));
    }
    this.architecture =
        new UNetReader(files.what(Role.UNET), files.weights(Role.UNET), files.config().unet())
            .unet(family);
    this.pixelsPerLatent =
        files.has(Role.AUTOENCODER)
            ? OptionalInt.of(AutoencoderReader.read(files, family.defaults().latents()).factor())
            : OptionalInt.empty();
  }

  /**
   * Opens a U-Net.
   *
   * @param path a diffusers folder, an original single file, or a U-Net's folder or file
   * @param config what the weights do not tell: diffusers-style JSON or the original's YAML
   * @return the open weights; the caller closes them
   * @throws WeightsException when the file is missing, damaged, unsafe or incomplete, or holds no
   *     U-Net
   */
  public static UNetWeights open(Path path, Optional<Path> config) {
    ModelFiles files = ModelFiles.open(path, config, EnumSet.of(Role.UNET, Role.AUTOENCODER));
    try {
      files.requireUsable();
      if (!files.has(Role.UNET)) {
        throw new WeightsException(
            "%s holds no U-Net: it has %s. Give a base model."
                .formatted(path, Descriptions.contents(files)));
      }
      return new UNetWeights(files);
    } catch (Throwable e) {
      Closing.closeAfter(e, files);
      throw e;
    }
  }

  /**
   * Returns the family.
   *
   * @return the family by its shapes
   */
  public Family family() {
    return family;
  }

  /**
   * Returns its sizes.
   *
   * @return the sizes
   */
  public UNetSpec architecture() {
    return architecture;
  }

  /**
   * Returns its weights.
   *
   * @return exactly the tensors of {@link UNet#shapes(UNetSpec)}
   */
  public WeightSource weights() {
    return files.weights(Role.UNET);
  }

  /**
   * Returns both, for controls.
   *
   * @return sizes and weights, which end with this
   */
  public BaseUNet baseUNet() {
    return new BaseUNet(architecture, weights());
  }

  /**
   * Returns how many pixels a latent stands for along each side.
   *
   * @return 8 for Stable Diffusion; empty when there is no autoencoder beside the U-Net
   */
  public OptionalInt pixelsPerLatent() {
    return pixelsPerLatent;
  }

  /** Closes the files. Closing twice does nothing. */
  @Override
  public void close() {
    files.close();
  }
}
