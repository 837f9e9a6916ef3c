package io.github.controlnet.core.torch.training;

import io.github.controlnet.core.models.ControlTraining;
import io.github.controlnet.engine.ControlNetSpec;
import io.github.controlnet.engine.UNetSpec;

/**
 * What a training step computes.
 *
 * @param unet the U-Net's sizes
 * @param control the control's sizes
 * @param absolute whether the loss is the mean absolute error instead of the mean square
 * @param trainsDecoder whether the U-Net's decoder learns too
 * @param onlyMiddle whether the control acts on the middle alone
 * @param recompute whether activations are computed again for the backward pass instead of kept
 * @param bfloat16 whether products and convolutions run in bfloat16; weights that learn, norms' and
 *     the loss stay in float32
 * @param averages whether a moving average of the weights that learn is kept
 */
public record TrainingGraph(
    UNetSpec unet,
    ControlNetSpec control,
    boolean absolute,
    boolean trainsDecoder,
    boolean onlyMiddle,
    boolean recompute,
    boolean bfloat16,
    boolean averages) {

  /** The scope of the U-Net's weights. */
  static final String UNET = ControlTraining.UNET + ".";

  /** The scope of the control's weights. */
  static final String CONTROL = ControlTraining.CONTROL + ".";

  boolean learns(String name) {
    return name.startsWith(CONTROL)
        || (trainsDecoder
            && (name.startsWith(UNET + "up_blocks.")
                || name.startsWith(UNET + "conv_norm_out.")
                || name.startsWith(UNET + "conv_out.")));
  }
}
