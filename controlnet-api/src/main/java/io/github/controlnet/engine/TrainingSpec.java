package io.github.controlnet.engine;

/**
 * What a training step of a ControlNet computes.
 *
 * @param unet the U-Net's sizes
 * @param control the control's sizes
 * @param absolute whether the loss is the mean absolute error instead of the mean square
 * @param trainsDecoder whether the U-Net's decoder learns too
 * @param onlyMiddle whether the control acts on the middle alone
 * @param recompute whether activations are computed again for the backward pass instead of kept
 * @param precision the number type of products and convolutions, one that {@link
 *     TrainingEngine#trainingPrecision} returns; weights that learn, norms' and the loss stay in
 *     float32
 * @param averages whether a moving average of the weights that learn is kept
 */
public record TrainingSpec(
    UNetSpec unet,
    ControlNetSpec control,
    boolean absolute,
    boolean trainsDecoder,
    boolean onlyMiddle,
    boolean recompute,
    Precision precision,
    boolean averages) {

  /**
   * Tells whether a weight learns: all of the control's, and those of the U-Net's decoder where
   * {@link #trainsDecoder()} says so.
   *
   * @param name the weight's name with its scope, {@link TrainableControl#UNET} or {@link
   *     TrainableControl#CONTROL}
   * @return whether training changes it
   */
  public boolean learns(String name) {
    return name.startsWith(TrainableControl.CONTROL)
        || (trainsDecoder
            && (name.startsWith(TrainableControl.UNET + "up_blocks.")
                || name.startsWith(TrainableControl.UNET + "conv_norm_out.")
                || name.startsWith(TrainableControl.UNET + "conv_out.")));
  }
}
