package io.github.controlnet.core.pipeline;

import io.github.controlnet.BaseModel;
import io.github.controlnet.ControlModel;
import io.github.controlnet.core.hub.HubOptions;
import io.github.controlnet.core.hub.HuggingFaceHub;
import java.nio.file.Path;

/** Finds models on this disk, fetching those that were named by an id of a hub. */
public final class ModelFolders {
  private ModelFolders() {}

  /**
   * Finds a base.
   *
   * @param model how it was named
   * @return where it is; it is fetched when it is not there
   */
  public static Path of(BaseModel model) {
    return model.hubReference().map(reference -> hub().download(reference)).orElseGet(model::path);
  }

  /**
   * Finds a control.
   *
   * @param model how it was named
   * @return where it is; it is fetched when it is not there
   */
  public static Path of(ControlModel model) {
    return model.hubReference().map(reference -> hub().download(reference)).orElseGet(model::path);
  }

  private static HuggingFaceHub hub() {
    return new HuggingFaceHub(HubOptions.fromEnvironment());
  }
}
