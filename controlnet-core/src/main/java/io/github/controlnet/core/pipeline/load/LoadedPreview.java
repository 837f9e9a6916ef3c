package io.github.controlnet.core.pipeline.load;

import io.github.controlnet.core.hub.ModelFolders;
import io.github.controlnet.core.internal.Closing;
import io.github.controlnet.core.pipeline.load.Shared.Lease;
import io.github.controlnet.core.weights.AutoencoderWeights;
import io.github.controlnet.engine.Autoencoder;
import io.github.controlnet.engine.LatentFormat;
import io.github.controlnet.model.VaeModel;
import io.github.controlnet.progress.DownloadListener;
import java.nio.file.Path;
import java.util.List;

/**
 * An opened autoencoder for previews that reads its base's latents; the base's own when it is the
 * same.
 */
public final class LoadedPreview implements AutoCloseable {
  private final Closing resources;
  private final LatentFormat latents;
  private final ResidentPart<Autoencoder> autoencoder;

  private LoadedPreview(
      LoadedBase base, VaeModel model, DownloadListener listener, Closing resources) {
    this.resources = resources;
    Path path = ModelFolders.of(model, listener);
    Lease<AutoencoderWeights> weights =
        resources.add(
            Shared.OF_PROCESS.lease(
                new Object(),
                AutoencoderWeights.class,
                () -> AutoencoderWeights.open(path, base.weights(), base.path())));
    this.latents = weights.get().architecture().latents();
    Lease<ResidentPart<Autoencoder>> part =
        base.part(
            weights.get().architecture(),
            weights.get().weights(),
            List.of(weights),
            base.engine()::autoencoder);
    this.autoencoder = resources.add(part).get();
  }

  public static LoadedPreview open(LoadedBase base, VaeModel model, DownloadListener listener) {
    return Closing.opening(all -> new LoadedPreview(base, model, listener, all));
  }

  /** How its latents are written down. */
  public LatentFormat latents() {
    return latents;
  }

  public ResidentPart<Autoencoder> autoencoder() {
    return autoencoder;
  }

  @Override
  public void close() {
    resources.close();
  }
}
