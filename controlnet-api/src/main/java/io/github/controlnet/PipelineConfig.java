package io.github.controlnet;

import io.github.controlnet.engine.Device;
import io.github.controlnet.engine.OffloadPolicy;
import io.github.controlnet.engine.Precision;
import io.github.controlnet.model.BaseModel;
import io.github.controlnet.model.ControlModel;
import io.github.controlnet.model.Lora;
import io.github.controlnet.model.TextualInversion;
import io.github.controlnet.model.VaeModel;
import io.github.controlnet.progress.DownloadListener;
import io.github.controlnet.sampler.Sampler;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What a pipeline is to be made of: what {@link ControlNetPipeline.Builder} collects and checks.
 * Immutable; new options of the library become new components, so that code outside it makes one by
 * the builder.
 *
 * @param base the base model
 * @param controls the control models in order; empty for plain Stable Diffusion
 * @param sampler the sampler of requests that choose none; empty for DDIM
 * @param device where the networks run
 * @param precision the number type of the networks
 * @param offload when weights are in memory
 * @param threads how many threads the engine computes with; 0 for all cores
 * @param engine the engine's name
 * @param tokenizer the tokenizer's folder; empty when the base brings its own
 * @param vae a separate autoencoder; empty for the base's own
 * @param preview the autoencoder that draws previews; empty for a linear map from latents to
 *     colours
 * @param textEncoder a separate text encoder, a file or folder; empty for the base's own
 * @param vaeTiling whether large pictures are decoded in tiles
 * @param exitGrace how long what runs may go on once the virtual machine exits; zero or more
 * @param embeddings the words of textual inversions in order
 * @param loras the LoRAs that act on every picture, together with those of a request
 * @param downloadListener is told of downloads while the pipeline is built
 */
public record PipelineConfig(
    BaseModel base,
    List<ControlModel> controls,
    Optional<Sampler> sampler,
    Device device,
    Precision precision,
    OffloadPolicy offload,
    int threads,
    String engine,
    Optional<Path> tokenizer,
    Optional<VaeModel> vae,
    Optional<VaeModel> preview,
    Optional<Path> textEncoder,
    boolean vaeTiling,
    Duration exitGrace,
    List<TextualInversion> embeddings,
    List<Lora> loras,
    DownloadListener downloadListener) {

  /** Copies the lists. */
  public PipelineConfig {
    controls = List.copyOf(controls);
    embeddings = List.copyOf(embeddings);
    loras = List.copyOf(loras);
  }

  /**
   * Starts a configuration that is like this one.
   *
   * @return a builder that holds the values of this configuration
   */
  public ControlNetPipeline.Builder toBuilder() {
    return ControlNetPipeline.builder(this);
  }
}
