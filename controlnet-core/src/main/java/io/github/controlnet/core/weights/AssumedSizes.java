package io.github.controlnet.core.weights;

import io.github.controlnet.core.family.Families;
import io.github.controlnet.engine.AutoencoderSpec;
import io.github.controlnet.engine.ControlNetSpec;
import io.github.controlnet.engine.TextEncoderSpec;
import io.github.controlnet.engine.UNetSpec;
import io.github.controlnet.engine.WeightSource;
import io.github.controlnet.exception.WeightsException;

/**
 * Tells whether weights are read with the right sizes when no configuration goes along. Otherwise,
 * as with another number of attention heads than Stable Diffusion's, one has to be written too.
 */
public final class AssumedSizes {
  private AssumedSizes() {}

  /**
   * Tells it of a control.
   *
   * @param control its sizes
   * @param weights its weights
   * @return whether the weights alone are enough
   */
  public static boolean hold(ControlNetSpec control, WeightSource weights) {
    try {
      ControlNetSpec read =
          new UNetReader("The control", weights, UNetSettings.NONE)
              .control(Families.of(weights), false);
      return withoutOutput(read).equals(withoutOutput(control));
    } catch (WeightsException e) {
      return false;
    }
  }

  /** The output channels of a control's trunk have no meaning. */
  private static ControlNetSpec withoutOutput(ControlNetSpec control) {
    UNetSpec trunk = control.trunk();
    return new ControlNetSpec(
        new UNetSpec(
            trunk.inChannels(),
            trunk.inChannels(),
            trunk.levels(),
            trunk.residualBlocks(),
            trunk.middleDepth(),
            trunk.middleHeads(),
            trunk.contextWidth(),
            trunk.timeWidth(),
            trunk.groups(),
            trunk.normEpsilon(),
            trunk.linearProjection()),
        control.hintChannels(),
        control.hintWidths(),
        control.globalPooling());
  }

  /**
   * Tells it of a U-Net.
   *
   * @param unet its sizes
   * @param weights its weights
   * @return whether the weights alone are enough
   */
  public static boolean hold(UNetSpec unet, WeightSource weights) {
    try {
      return new UNetReader("The U-Net", weights, UNetSettings.NONE)
          .unet(Families.of(weights))
          .equals(unet);
    } catch (WeightsException e) {
      return false;
    }
  }

  /**
   * Tells it of an autoencoder.
   *
   * @param autoencoder its sizes
   * @param weights its weights
   * @return whether the weights alone are enough
   */
  public static boolean hold(AutoencoderSpec autoencoder, WeightSource weights) {
    try {
      return AutoencoderReader.read(
              "The VAE", weights, AutoencoderSettings.NONE, Families.UNKNOWN.defaults().latents())
          .equals(autoencoder);
    } catch (WeightsException e) {
      return false;
    }
  }

  /**
   * Tells it of a text encoder.
   *
   * @param text its sizes
   * @param weights its weights
   * @return whether the weights alone are enough
   */
  public static boolean hold(TextEncoderSpec text, WeightSource weights) {
    try {
      return TextEncoderReader.read("The text encoder", weights, ConfigNode.NONE).equals(text);
    } catch (WeightsException e) {
      return false;
    }
  }
}
