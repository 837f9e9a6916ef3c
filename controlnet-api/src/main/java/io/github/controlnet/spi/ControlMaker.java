package io.github.controlnet.spi;

import io.github.controlnet.Controls;
import io.github.controlnet.model.BaseModel;
import io.github.controlnet.model.ControlModel;
import io.github.controlnet.model.ExportOptions;
import io.github.controlnet.model.NewControl;
import java.nio.file.Path;

/** Makes controls. {@code controlnet-core} provides the one that there is. */
public interface ControlMaker {

  /**
   * Makes a new control; see {@link Controls#create}.
   *
   * @param base the base
   * @param out the file or folder to write
   * @param control what to choose
   * @param options how to write it
   */
  void create(BaseModel base, Path out, NewControl control, ExportOptions options);

  /**
   * Moves a control to another base; see {@link Controls#transfer}.
   *
   * @param control the control
   * @param from the base that it was trained with
   * @param to the base that it is to steer
   * @param out the file or folder to write
   * @param options how to write it
   */
  void transfer(
      ControlModel control, BaseModel from, BaseModel to, Path out, ExportOptions options);
}
