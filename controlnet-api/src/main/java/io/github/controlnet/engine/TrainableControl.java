package io.github.controlnet.engine;

/**
 * A ControlNet that learns, with the U-Net that it steers. An update is made of the gradients of
 * one batch or more: {@link #accumulate}, as often as there are batches, {@link #gradientNorm()},
 * {@link #update}. Used by one thread at a time.
 *
 * <p>Its tensors are named with a scope before the names of {@link WeightNames}: {@link #CONTROL}
 * and {@link #UNET} tell whose weight it is. What training keeps of a weight beside it has one more
 * scope before that: {@link #FIRST_MOMENT}, {@link #SECOND_MOMENT} and {@link #AVERAGE}, as in
 * {@code first.control.conv_in.weight}. These names stand in checkpoints, whatever engine wrote
 * them.
 */
public interface TrainableControl extends AutoCloseable {
  /** The scope of the U-Net's weights. */
  String UNET = "unet.";

  /** The scope of the control's weights. */
  String CONTROL = "control.";

  /** The scope of AdamW's first moments. */
  String FIRST_MOMENT = "first.";

  /** The scope of AdamW's second moments. */
  String SECOND_MOMENT = "second.";

  /** The scope of the moving average. */
  String AVERAGE = "average.";

  /**
   * Computes the loss of a batch and adds its gradients to those since the last update.
   *
   * @param batch the batch; its arrays are not kept
   * @return the mean over the images of each one's loss times its weight
   * @throws io.github.controlnet.exception.InvalidRequestException when an array's length does not
   *     fit
   * @throws io.github.controlnet.exception.EngineException when computing fails
   */
  double accumulate(TrainingBatch batch);

  /**
   * Measures the gradients collected since the last update, of which there must be some.
   *
   * @return the Euclidean norm over all of them
   * @throws io.github.controlnet.exception.EngineException when computing fails
   */
  double gradientNorm();

  /**
   * Updates the weights by the gradients collected, of which there must be some, and forgets those.
   *
   * @param optimizer the sizes of the update
   * @param step the number of this update, from 1
   * @param scale what the gradients are multiplied with first
   * @param averageDecay the share of the old value in the moving average, 0 to 1; has no meaning
   *     where none is kept
   * @throws io.github.controlnet.exception.EngineException when computing fails
   */
  void update(AdamW optimizer, long step, double scale, double averageDecay);

  /**
   * Gives out what training changes: weights that learn, moments and the moving average, as
   * float32. Handed to {@link TrainingEngine#trainableControl} among the weights, it lets a
   * training go on as if it had never ended.
   *
   * @return a view by scoped names, readable until this is closed; it reads the present values
   */
  WeightSource state();

  /** Frees the networks. Closing twice does nothing. */
  @Override
  void close();
}
