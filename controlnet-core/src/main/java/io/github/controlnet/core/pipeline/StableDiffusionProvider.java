package io.github.controlnet.core.pipeline;

import io.github.controlnet.ControlNetPipeline;
import io.github.controlnet.PipelineConfig;
import io.github.controlnet.PipelineProvider;

/** Builds the pipeline of this artifact. */
public final class StableDiffusionProvider implements PipelineProvider {

  /** Creates the provider; called by {@link java.util.ServiceLoader}. */
  public StableDiffusionProvider() {}

  @Override
  public ControlNetPipeline create(PipelineConfig config) {
    return StableDiffusionPipeline.open(config);
  }
}
