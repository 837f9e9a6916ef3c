package io.github.controlnet;

import io.github.controlnet.exception.GenerationCancelledException;
import io.github.controlnet.exception.IncompatibleModelException;
import io.github.controlnet.exception.InvalidRequestException;
import io.github.controlnet.exception.WeightsException;
import io.github.controlnet.internal.Values;
import io.github.controlnet.internal.lookup.Providers;
import io.github.controlnet.model.BaseModel;
import io.github.controlnet.model.ControlModel;
import io.github.controlnet.model.ExportOptions;
import io.github.controlnet.model.NewControl;
import io.github.controlnet.spi.ControlMaker;
import java.nio.file.Path;

/**
 * Makes control models (ControlNets): new ones for training, and those of one base for another.
 * Weights flow from file to file; no network runs, and memory stays at a few megabytes.
 *
 * <pre>{@code
 * ControlModel control =
 *     Controls.create(
 *         BaseModel.of(Path.of("v1-5-pruned.safetensors")),
 *         Path.of("my-control"),
 *         NewControl.defaults().withSeed(42),
 *         ExportOptions.of(ModelLayout.DIFFUSERS));
 * }</pre>
 */
public final class Controls {
  private Controls() {}

  /**
   * Makes a control whose training can begin: encoder and middle are the base's, the zero
   * convolutions are zero, the hint block is fresh. Until it is trained it changes nothing.
   *
   * @param base a base of any layout, or a file or folder that holds a U-Net alone
   * @param out the file or folder to write; it appears whole or not at all
   * @param control what to choose
   * @param options how to write it
   * @return the new control
   * @throws InvalidRequestException when the hint block does not fit the base, or {@code out} is
   *     the base itself
   * @throws WeightsException when the base cannot be read, or the control not written
   * @throws GenerationCancelledException when it was cancelled
   */
  public static ControlModel create(
      BaseModel base, Path out, NewControl control, ExportOptions options) {
    maker()
        .create(
            Values.nonNull(base, "the base model"),
            Values.nonNull(out, "the path to write to"),
            Values.nonNull(control, "the description of the control"),
            Values.nonNull(options, "the options"));
    return ControlModel.of(out);
  }

  /**
   * Moves a control to another base of the same architecture: to what it copied from its own base
   * it adds the difference between the new base and the old.
   *
   * @param control the control
   * @param from the base that it was trained with
   * @param to the base that it is to steer
   * @param out the file or folder to write; it appears whole or not at all
   * @param options how to write it
   * @return the new control
   * @throws InvalidRequestException when {@code out} is one of the models that are read
   * @throws IncompatibleModelException when the three are not of one architecture; the message
   *     names a tensor and both shapes
   * @throws WeightsException when a model cannot be read, or the control not written
   * @throws GenerationCancelledException when it was cancelled
   */
  public static ControlModel transfer(
      ControlModel control, BaseModel from, BaseModel to, Path out, ExportOptions options) {
    maker()
        .transfer(
            Values.nonNull(control, "the control model"),
            Values.nonNull(from, "the old base model"),
            Values.nonNull(to, "the new base model"),
            Values.nonNull(out, "the path to write to"),
            Values.nonNull(options, "the options"));
    return ControlModel.of(out);
  }

  private static ControlMaker maker() {
    return Providers.only(
        ControlMaker.class,
        "maker of controls",
        "Add the artifact io.github.controlnet:controlnet-core at run time.");
  }
}
