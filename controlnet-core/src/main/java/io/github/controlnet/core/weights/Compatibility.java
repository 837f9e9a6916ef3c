package io.github.controlnet.core.weights;

import io.github.controlnet.core.family.Families;
import io.github.controlnet.core.family.Family;
import io.github.controlnet.core.files.PositionalFile;
import io.github.controlnet.engine.AutoencoderSpec;
import io.github.controlnet.engine.TinyAutoencoderSpec;
import io.github.controlnet.engine.UNetSpec;
import io.github.controlnet.exception.IncompatibleModelException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Tells whether a control belongs to a base, before anything runs. */
public final class Compatibility {
  private Compatibility() {}

  /**
   * Checks that a control can be used with a base.
   *
   * @param base the base
   * @param basePath where it is, for the message
   * @param control the control
   * @param controlPath where it is, for the message
   * @throws IncompatibleModelException when they do not belong together; the message says which
   *     family each is of
   */
  public static void check(
      BaseWeights base, Path basePath, ControlWeights control, Path controlPath) {
    UNetSpec unet = base.unet();
    UNetSpec trunk = control.architecture().trunk();
    Names names = new Names(controlPath, basePath);
    if (!control.family().fits(base.family())) {
      throw new IncompatibleModelException(
          ("The control %s is for %s (hidden states of %d), the base %s is %s (%d)."
                  + " Use a control made for %s.")
              .formatted(
                  names.control(),
                  control.family().name(),
                  trunk.contextWidth(),
                  names.base(),
                  base.family().name(),
                  unet.contextWidth(),
                  base.family().name()));
    }
    names.require("hidden states of", trunk.contextWidth(), unet.contextWidth());
    names.require("levels of channels", channels(trunk), channels(unet));
    names.require("residual blocks a level", trunk.residualBlocks(), unet.residualBlocks());
    names.require("time embeddings of", trunk.timeWidth(), unet.timeWidth());
    int latents = base.autoencoder().latentChannels();
    if (trunk.inChannels() != latents) {
      names.require("input channels", trunk.inChannels(), unet.inChannels());
    }
  }

  /**
   * Checks that an autoencoder reads a base's latents, as far as it can be known: the weights of a
   * tiny autoencoder do not tell for which family they were distilled, the names of the published
   * ones do.
   *
   * @param family the base's family
   * @param latents channels of the latents that the base's U-Net makes
   * @param basePath where the base is
   * @param autoencoder the autoencoder's sizes
   * @param path where the autoencoder is
   */
  static void checkAutoencoder(
      Family family, int latents, Path basePath, AutoencoderSpec autoencoder, Path path) {
    if (autoencoder.latentChannels() != latents) {
      throw new IncompatibleModelException(
          "The VAE of %s has latents of %d channels, the U-Net of %s makes %d. Use a VAE made for such a base."
              .formatted(path, autoencoder.latentChannels(), basePath, latents));
    }
    String own = family.tinyAutoencoder().orElse("");
    Optional<String> named = Families.tinyAutoencoder(namesIn(path));
    if (autoencoder instanceof TinyAutoencoderSpec
        && !own.isEmpty()
        && named.filter(name -> !name.equals(own)).isPresent()) {
      throw new IncompatibleModelException(
          "%s is %s, the tiny autoencoder of another family than that of the base %s, %s. Use %s."
              .formatted(
                  path,
                  named.get(),
                  PositionalFile.nameOf(basePath.toAbsolutePath().normalize()),
                  family.name(),
                  own));
    }
  }

  /** What a file, its folder and its repository in the hub's cache are called. */
  private static List<String> namesIn(Path path) {
    Path absolute = path.toAbsolutePath().normalize();
    List<String> names = new ArrayList<>(List.of(TinyHalves.model(absolute)));
    if (absolute.getParent() != null) {
      names.add(PositionalFile.nameOf(absolute.getParent()));
    }
    for (Path part : absolute) {
      String name = part.toString();
      if (name.startsWith("models--")) {
        names.add(name.substring(name.lastIndexOf("--") + 2));
      }
    }
    return names;
  }

  private static List<Integer> channels(UNetSpec unet) {
    return unet.levels().stream().map(UNetSpec.Level::channels).toList();
  }

  private record Names(Path controlPath, Path basePath) {
    String control() {
      return PositionalFile.nameOf(controlPath.toAbsolutePath().normalize());
    }

    String base() {
      return PositionalFile.nameOf(basePath.toAbsolutePath().normalize());
    }

    void require(String what, Object ofControl, Object ofBase) {
      if (!ofControl.equals(ofBase)) {
        throw new IncompatibleModelException(
            ("The control %s does not fit the base %s: %s %s in the control, %s in the base."
                    + " Use a control that was made for this base.")
                .formatted(control(), base(), what, ofControl, ofBase));
      }
    }
  }
}
