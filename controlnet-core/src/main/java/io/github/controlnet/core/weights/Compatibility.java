package io.github.controlnet.core.weights;

import io.github.controlnet.core.files.PositionalFile;
import io.github.controlnet.engine.UNetSpec;
import io.github.controlnet.exception.IncompatibleModelException;
import java.nio.file.Path;
import java.util.List;

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
