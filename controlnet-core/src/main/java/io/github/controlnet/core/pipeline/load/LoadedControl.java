package io.github.controlnet.core.pipeline.load;

import io.github.controlnet.PipelineConfig;
import io.github.controlnet.core.hub.ModelFolders;
import io.github.controlnet.core.internal.Closing;
import io.github.controlnet.core.weights.Compatibility;
import io.github.controlnet.core.weights.ControlWeights;
import io.github.controlnet.engine.ControlNetwork;
import io.github.controlnet.engine.ControlSpec;
import io.github.controlnet.internal.SharedResources.Lease;
import io.github.controlnet.model.ControlModel;
import io.github.controlnet.progress.DownloadListener;
import java.nio.file.Path;
import java.util.Optional;

/** An opened control that fits its base: what pipelines of the same base and control share. */
public final class LoadedControl implements AutoCloseable {
  private final Closing resources;
  private final ControlModel model;
  private final Path path;
  private final ControlSpec spec;
  private final ResidentPart<ControlNetwork> network;

  /** The engine is part of the key: a component belongs to the engine that made it. */
  private record Key(LoadedBase base, ControlModel model) {}

  private LoadedControl(
      LoadedBase base, ControlModel model, DownloadListener listener, Closing resources) {
    this.resources = resources;
    this.model = model;
    this.path = ModelFolders.of(model, listener);
    // A merged 1.0 file given both as base and as control is read once.
    Optional<ControlWeights> own =
        path.equals(base.path()) ? base.weights().control() : Optional.empty();
    ControlWeights weights =
        own.orElseGet(
            () ->
                resources.add(
                    ControlWeights.open(
                        path, model.config(), Optional.of(base.weights().baseUNet()))));
    Compatibility.check(base.weights(), base.path(), weights, path);
    this.spec = weights.architecture();
    this.network =
        resources.add(new ResidentPart<>(base.engine().controlNetwork(spec, weights.weights())));
  }

  public static Lease<LoadedControl> lease(
      LoadedBase base, PipelineConfig config, ControlModel model) {
    return config
        .base()
        .sharedResources()
        .lease(
            new Key(base, model),
            LoadedControl.class,
            () ->
                Closing.opening(
                    all -> new LoadedControl(base, model, config.downloadListener(), all)));
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
