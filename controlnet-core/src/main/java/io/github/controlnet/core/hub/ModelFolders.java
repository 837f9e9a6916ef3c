package io.github.controlnet.core.hub;

import io.github.controlnet.model.BaseModel;
import io.github.controlnet.model.ControlModel;
import io.github.controlnet.model.Lora;
import io.github.controlnet.model.VaeModel;
import io.github.controlnet.progress.DownloadListener;
import java.nio.file.Path;

/** Finds models on this disk, fetching those that were named by an id of a hub. */
public final class ModelFolders {
  private ModelFolders() {}

  /**
   * Finds a base.
   *
   * @param model the model
   * @return where it is
   * @throws io.github.controlnet.exception.ControlNetException when it cannot be fetched
   */
  public static Path of(BaseModel model) {
    return of(model, progress -> {});
  }

  /**
   * Finds a control.
   *
   * @param model the model
   * @return where it is
   * @throws io.github.controlnet.exception.ControlNetException when it cannot be fetched
   */
  public static Path of(ControlModel model) {
    return of(model, progress -> {});
  }

  /**
   * Finds a base, and tells how far a download is.
   *
   * @param model the model
   * @param listener is told of a download
   * @return where it is
   * @throws io.github.controlnet.exception.ControlNetException when it cannot be fetched
   */
  public static Path of(BaseModel model, DownloadListener listener) {
    return model
        .hubReference()
        .map(reference -> hub().download(reference, listener))
        .orElseGet(model::path);
  }

  /**
   * Finds a control, and tells how far a download is.
   *
   * @param model the model
   * @param listener is told of a download
   * @return where it is
   * @throws io.github.controlnet.exception.ControlNetException when it cannot be fetched
   */
  public static Path of(ControlModel model, DownloadListener listener) {
    return model
        .hubReference()
        .map(reference -> hub().download(reference, listener))
        .orElseGet(model::path);
  }

  /**
   * Finds a LoRA, and tells how far a download is.
   *
   * @param lora the LoRA
   * @param listener is told of a download
   * @return where it is: a file or a folder
   * @throws io.github.controlnet.exception.ControlNetException when it cannot be fetched
   */
  public static Path of(Lora lora, DownloadListener listener) {
    return lora.hubReference()
        .map(reference -> hub().download(reference, listener))
        .orElseGet(lora::path);
  }

  /**
   * Finds an autoencoder, and tells how far a download is.
   *
   * @param model the model
   * @param listener is told of a download
   * @return where it is
   * @throws io.github.controlnet.exception.ControlNetException when it cannot be fetched
   */
  public static Path of(VaeModel model, DownloadListener listener) {
    return model
        .hubReference()
        .map(reference -> hub().download(reference, listener))
        .orElseGet(model::path);
  }

  private static HuggingFaceHub hub() {
    return new HuggingFaceHub(HubOptions.fromEnvironment());
  }
}
