package io.github.controlnet.core.hub;

import io.github.controlnet.BaseModel;
import io.github.controlnet.ControlModel;
import java.nio.file.Path;

/** Finds models on this disk, fetching those that were named by an id of a hub. */
public final class ModelFolders {
  private ModelFolders() {}

  /**
   * Finds a base.
   *
   * @param model the model
   * @return where it is
   * @throws io.github.controlnet.ControlNetException when it cannot be fetched
   */
  public static Path of(BaseModel model) {
    return model.hubReference().map(reference -> hub().download(reference)).orElseGet(model::path);
  }

  /**
   * Finds a control.
   *
   * @param model the model
   * @return where it is
   * @throws io.github.controlnet.ControlNetException when it cannot be fetched
   */
  public static Path of(ControlModel model) {
    return model.hubReference().map(reference -> hub().download(reference)).orElseGet(model::path);
  }

  private static HuggingFaceHub hub() {
    return new HuggingFaceHub(HubOptions.fromEnvironment());
  }
}
