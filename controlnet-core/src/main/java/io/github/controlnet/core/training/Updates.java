package io.github.controlnet.core.training;

import io.github.controlnet.engine.AdamW;
import io.github.controlnet.engine.TrainableControl;
import io.github.controlnet.training.OptimizerConfig;

/** Updates the weights: clips gradients, steps AdamW, moves the average. */
final class Updates {
  private final OptimizerConfig sizes;
  private final LearningRate rates;

  Updates(OptimizerConfig sizes, LearningRate rates) {
    this.sizes = sizes;
    this.rates = rates;
  }

  /**
   * Makes an update.
   *
   * @param step counted from 1
   * @param norm the norm of the gradients
   * @return the learning rate
   */
  double update(TrainableControl network, int step, double norm) {
    double rate = rates.at(step - 1);
    network.update(
        new AdamW(rate, sizes.beta1(), sizes.beta2(), sizes.weightDecay(), sizes.epsilon()),
        step,
        scale(norm),
        averageDecay(step));
    return rate;
  }

  /** torch.nn.utils.clip_grad_norm_. */
  private double scale(double norm) {
    return sizes.gradientClip() > 0 ? Math.min(1, sizes.gradientClip() / (norm + 1e-6)) : 1;
  }

  /** diffusers' EMAModel: the average begins with the first update's weights. */
  private double averageDecay(int step) {
    return step == 1 ? 0 : Math.min(sizes.averageDecay(), (double) step / (9 + step));
  }
}
