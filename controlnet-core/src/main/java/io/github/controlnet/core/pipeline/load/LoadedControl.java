package io.github.controlnet.core.pipeline.load;

import io.github.controlnet.core.hub.ModelFolders;
import io.github.controlnet.core.internal.Closing;
import io.github.controlnet.core.pipeline.load.Shared.Lease;
import io.github.controlnet.core.weights.Compatibility;
import io.github.controlnet.core.weights.ControlWeights;
import io.github.controlnet.engine.ControlNetwork;
import io.github.controlnet.engine.ControlSpec;
import io.github.controlnet.model.ControlModel;
import io.github.controlnet.progress.DownloadListener;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A pipeline's control, which fits its base. The loaded network is shared with other pipelines of
 * the same engine whose control has the same files and sizes.
 */
public final class LoadedControl implements AutoCloseable {
  private final Closing resources;
  private final ControlModel model;
  private final Path path;
  private final ControlSpec spec;
  private final ResidentPart<ControlNetwork> network;

  private LoadedControl(
      LoadedBase base, ControlModel model, DownloadListener listener, Closing resources) {
    this.resources = resources;
    this.model = model;
    this.path = ModelFolders.of(model, listener);
    // A merged 1.0 file given both as base and as control is read once.
    Optional<ControlWeights> own =
        path.equals(base.path()) ? base.weights().control() : Optional.empty();
    Lease<ControlWeights> weights =
        resources.add(
            Shared.OF_PROCESS.lease(
                new Object(),
                ControlWeights.class,
                () ->
                    own.orElseGet(
                        () ->
                            ControlWeights.open(
                                path, model.config(), Optional.of(base.weights().baseUNet())))));
    Compatibility.check(base.weights(), base.path(), weights.get(), path);
    this.spec = weights.get().architecture();
    Lease<ResidentPart<ControlNetwork>> part =
        base.part(spec, weights.get().weights(), List.of(weights), base.engine()::controlNetwork);
    this.network = resources.add(part).get();
  }

  public static LoadedControl open(LoadedBase base, ControlModel model, DownloadListener listener) {
    return Closing.opening(all -> new LoadedControl(base, model, listener, all));
  }

  public ControlModel model() {
    return model;
  }

  /** Where the control is on this disk. */
  public Path path() {
    return path;
  }

  public ControlSpec spec() {
    return spec;
  }

  public ResidentPart<ControlNetwork> network() {
    return network;
  }

  @Override
  public void close() {
    resources.close();
  }
}
