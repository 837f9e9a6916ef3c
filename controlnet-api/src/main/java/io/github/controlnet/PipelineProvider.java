package io.github.controlnet;

/** Builds pipelines. {@code controlnet-core} provides the one that there is. */
public interface PipelineProvider {

  /**
   * Opens the models and checks that they belong together.
   *
   * @param config what the user asked for
   * @return the pipeline
   */
  ControlNetPipeline create(PipelineConfig config);
}
