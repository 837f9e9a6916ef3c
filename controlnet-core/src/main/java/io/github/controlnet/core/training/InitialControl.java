package io.github.controlnet.core.training;

import io.github.controlnet.core.control.UntrainedControl;
import io.github.controlnet.core.hub.ModelFolders;
import io.github.controlnet.core.internal.Closing;
import io.github.controlnet.core.weights.BaseWeights;
import io.github.controlnet.core.weights.Compatibility;
import io.github.controlnet.core.weights.ControlWeights;
import io.github.controlnet.engine.ControlNetSpec;
import io.github.controlnet.engine.WeightSource;
import io.github.controlnet.exception.InvalidRequestException;
import io.github.controlnet.model.ControlModel;
import io.github.controlnet.model.NewControl;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The control that a training begins with.
 *
 * @param spec its sizes
 * @param weights its weights, under the canonical names
 * @param fingerprint tells it from others
 */
record InitialControl(ControlNetSpec spec, WeightSource weights, String fingerprint) {

  /**
   * Opens a control, which must fit the base.
   *
   * @param resources closes its file
   */
  static InitialControl open(
      ControlModel model, BaseWeights base, Path basePath, Closing resources) {
    Path path = ModelFolders.of(model);
    ControlWeights control =
        resources.add(ControlWeights.open(path, model.config(), Optional.of(base.baseUNet())));
    Compatibility.check(base, basePath, control, path);
    return new InitialControl(
        control.architecture(), control.weights(), Fingerprint.of(control.weights()));
  }

  /** Makes a fresh control from the base. */
  static InitialControl fresh(BaseWeights base, Path basePath, long seed) {
    int factor = base.autoencoder().factor();
    List<Integer> widths = UntrainedControl.usualHintWidths(factor);
    if (widths.isEmpty()) {
      throw new InvalidRequestException(
          "A latent of %s stands for %d x %d pixels, for which there is no usual hint block; make a control with add-control and start from that."
              .formatted(basePath, factor, factor));
    }
    NewControl made = NewControl.defaults().withSeed(seed).withHintWidths(widths);
    UntrainedControl control = UntrainedControl.of(base.unet(), base.unetWeights(), made);
    return new InitialControl(control.architecture(), control.weights(), "made from the base");
  }
}
