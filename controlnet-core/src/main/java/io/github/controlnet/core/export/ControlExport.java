package io.github.controlnet.core.export;

import io.github.controlnet.core.family.LatentDiffusion;
import io.github.controlnet.core.models.ControlNet;
import io.github.controlnet.core.tensors.JoinedWeights;
import io.github.controlnet.core.tensors.Shapes;
import io.github.controlnet.core.weights.AssumedSizes;
import io.github.controlnet.engine.ControlNetSpec;
import io.github.controlnet.engine.WeightSource;
import io.github.controlnet.exception.GenerationCancelledException;
import io.github.controlnet.exception.WeightsException;
import io.github.controlnet.model.ModelLayout;
import java.nio.file.Path;

/** Writes a control (a ControlNet) so that diffusers or the original code opens it. */
public final class ControlExport {
  private ControlExport() {}

  /**
   * Writes a control: in diffusers' layout a folder of {@code config.json} and {@code
   * diffusion_pytorch_model.safetensors}, in the original's a file whose names begin with {@code
   * control_model.}. Beside that file goes a configuration of the same name ending in {@code
   * .json}, when the weights alone would be misread, as with another number of attention heads than
   * Stable Diffusion's.
   *
   * @param out the folder or file; it appears whole or not at all
   * @param control the sizes
   * @param weights exactly the tensors of {@link ControlNet#shapes(ControlNetSpec)}
   * @param layout which layout
   * @param options number type, metadata, whether what is there is replaced
   * @throws WeightsException when tensors are missing, when the place is taken or too small, when
   *     it cannot be written, or when a value is too large for the number type
   * @throws GenerationCancelledException when it was cancelled
   */
  public static void write(
      Path out,
      ControlNetSpec control,
      WeightSource weights,
      ModelLayout layout,
      WriteOptions options) {
    Shapes.requireExactly("The control to write", ControlNet.shapes(control), weights);
    switch (layout) {
      case DIFFUSERS -> {
        Outputs.requireFolderName(out);
        AtomicOutput.folder(
            out,
            options.overwrite(),
            TensorCopy.bytes(TensorCopy.targets(weights, options)),
            folder -> writeFolder(folder, control, weights, options.withOverwrite(true)));
      }
      case ORIGINAL -> {
        Outputs.requireWeightsName(out);
        WeightSource renamed = original(weights);
        Outputs.original(
            out,
            renamed,
            TensorCopy.targets(renamed, options),
            options,
            AssumedSizes.hold(control, weights),
            () -> DiffusersConfigs.control(control));
      }
    }
  }

  static void writeFolder(
      Path folder, ControlNetSpec control, WeightSource weights, WriteOptions options) {
    Outputs.config(folder.resolve("config.json"), DiffusersConfigs.control(control));
    SafetensorsWriter.write(
        folder.resolve("diffusion_pytorch_model.safetensors"), weights, options);
  }

  /** The control's tensors under the original's names. */
  static WeightSource original(WeightSource weights) {
    return JoinedWeights.builder()
        .add(
            LatentDiffusion.CONTROL_SECTION.prefix(),
            LatentDiffusion.CONTROL.original(weights.tensors().keySet()),
            weights)
        .build();
  }
}
