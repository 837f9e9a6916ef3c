package io.github.controlnet.core.training;

import io.github.controlnet.core.export.BaseExport;
import io.github.controlnet.core.export.ControlExport;
import io.github.controlnet.core.export.WriteOptions;
import io.github.controlnet.core.models.ControlNet;
import io.github.controlnet.core.models.UNet;
import io.github.controlnet.core.tensors.ScopedWeights;
import io.github.controlnet.core.weights.BaseWeights;
import io.github.controlnet.engine.TrainableControl;
import io.github.controlnet.engine.TrainingSpec;
import io.github.controlnet.engine.WeightSource;
import io.github.controlnet.model.ModelLayout;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Writes what was learned, as models to be used. */
final class Exports {
  private final BaseWeights base;
  private final InitialControl control;
  private final TrainingSpec spec;

  Exports(TrainingSetup setup) {
    this.base = setup.base();
    this.control = setup.control();
    this.spec = setup.spec();
  }

  /**
   * What was written.
   *
   * @param control the control's folder
   * @param base the changed base's folder, when the U-Net learns too
   */
  record Models(Path control, Optional<Path> base) {}

  /** Writes all that learns into folders of a folder. */
  Models write(Path folder, WeightSource state) {
    Path controlFolder = folder.resolve("control");
    writeControl(controlFolder, state);
    if (!spec.trainsDecoder()) {
      return new Models(controlFolder, Optional.empty());
    }
    Path baseFolder = folder.resolve("base");
    BaseExport.of(base)
        .withUnet(
            learned(TrainableControl.UNET, base.unetWeights(), UNet.shapes(base.unet()), state))
        .write(baseFolder, ModelLayout.DIFFUSERS, WriteOptions.defaults().withOverwrite(true));
    return new Models(controlFolder, Optional.of(baseFolder));
  }

  /** Writes the control alone. */
  void writeControl(Path target, WeightSource state) {
    ControlExport.write(
        target,
        control.spec(),
        learned(
            TrainableControl.CONTROL, control.weights(), ControlNet.shapes(control.spec()), state),
        ModelLayout.DIFFUSERS,
        WriteOptions.defaults().withOverwrite(true));
  }

  /** What was learned, the moving average where there is one, over what was there before. */
  private WeightSource learned(
      String scope, WeightSource before, Map<String, List<Long>> names, WeightSource state) {
    String above = spec.averages() ? TrainableControl.AVERAGE + scope : scope;
    return new Overlay(before, ScopedWeights.inside(state, above), names.keySet());
  }
}
