package io.github.controlnet;

import io.github.controlnet.engine.Device;
import io.github.controlnet.engine.OffloadPolicy;
import io.github.controlnet.engine.Precision;
import io.github.controlnet.exception.EngineException;
import io.github.controlnet.exception.GenerationCancelledException;
import io.github.controlnet.exception.IncompatibleModelException;
import io.github.controlnet.exception.InvalidRequestException;
import io.github.controlnet.exception.PipelineClosedException;
import io.github.controlnet.exception.ProviderNotFoundException;
import io.github.controlnet.exception.WeightsException;
import io.github.controlnet.internal.Values;
import io.github.controlnet.internal.lookup.Providers;
import io.github.controlnet.model.BaseModel;
import io.github.controlnet.model.ControlModel;
import io.github.controlnet.model.Lora;
import io.github.controlnet.model.TextualInversion;
import io.github.controlnet.model.VaeModel;
import io.github.controlnet.progress.DownloadListener;
import io.github.controlnet.sampler.Sampler;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Generates pictures with Stable Diffusion, steered by any number of controls.
 *
 * <p>A pipeline serves many threads over one set of weights. It holds native memory: close it.
 */
public interface ControlNetPipeline extends AutoCloseable {

  /**
   * Starts a pipeline.
   *
   * @return a builder
   */
  static Builder builder() {
    return new Builder();
  }

  /**
   * Starts a pipeline that is like another.
   *
   * @param config what the other was made of
   * @return a builder that holds its values
   */
  static Builder builder(PipelineConfig config) {
    return new Builder(Values.nonNull(config, "the configuration"));
  }

  /**
   * Generates pictures and returns when they are done.
   *
   * @param request what to generate
   * @return the pictures and what made them
   * @throws InvalidRequestException when the request does not fit the models; nothing has run
   * @throws GenerationCancelledException when it was cancelled by the request's token, by an
   *     interrupt of the thread, or because the pipeline was closed
   * @throws PipelineClosedException when the pipeline is closed already
   * @throws EngineException when the engine fails
   */
  GenerationResult generate(GenerationRequest request);

  /**
   * Returns what the pipeline was built from.
   *
   * @return names, sizes and number type
   */
  PipelineInfo info();

  /**
   * Cancels running generations, waits for them to end, and frees the weights unless another
   * pipeline shares them. Closing twice does nothing.
   */
  @Override
  void close();

  /**
   * Collects what a pipeline is made of. Only the base is required. A setter throws {@link
   * IllegalArgumentException} when a value is out of its range and {@link NullPointerException}
   * when it is null.
   */
  final class Builder {
    private @Nullable BaseModel base;
    private final List<ControlModel> controls = new ArrayList<>();
    private @Nullable Sampler sampler;
    private Device device = Device.CPU;
    private Precision precision = Precision.FLOAT32;
    private OffloadPolicy offload = OffloadPolicy.NONE;
    private int threads;
    private String engine = "pytorch";
    private @Nullable Path tokenizer;
    private @Nullable VaeModel vae;
    private @Nullable VaeModel preview;
    private @Nullable Path textEncoder;
    private boolean vaeTiling;
    private Duration exitGrace = Duration.ZERO;
    private final List<TextualInversion> embeddings = new ArrayList<>();
    private final List<Lora> loras = new ArrayList<>();
    private DownloadListener downloadListener = progress -> {};

    private Builder() {}

    private Builder(PipelineConfig from) {
      base = from.base();
      controls.addAll(from.controls());
      sampler = from.sampler().orElse(null);
      device = from.device();
      precision = from.precision();
      offload = from.offload();
      threads = from.threads();
      engine = from.engine();
      tokenizer = from.tokenizer().orElse(null);
      vae = from.vae().orElse(null);
      preview = from.preview().orElse(null);
      textEncoder = from.textEncoder().orElse(null);
      vaeTiling = from.vaeTiling();
      exitGrace = from.exitGrace();
      embeddings.addAll(from.embeddings());
      loras.addAll(from.loras());
      downloadListener = from.downloadListener();
    }

    /**
     * Sets the base model.
     *
     * @param base the model
     * @return this builder
     */
    public Builder base(BaseModel base) {
      this.base = Values.nonNull(base, "the base model");
      return this;
    }

    /**
     * Adds a control; call it once for each. Without one it is plain Stable Diffusion.
     *
     * @param control the model
     * @return this builder
     */
    public Builder control(ControlModel control) {
      controls.add(Values.nonNull(control, "the control model"));
      return this;
    }

    /**
     * Sets the sampler that requests use unless they choose another.
     *
     * @param sampler the sampler; {@link Samplers#ddim()} when none is set
     * @return this builder
     */
    public Builder sampler(Sampler sampler) {
      this.sampler = Values.nonNull(sampler, "the sampler");
      return this;
    }

    /**
     * Sets the sampler, by diffusers' word for it.
     *
     * @param chosen as for {@link #sampler}
     * @return this builder
     */
    public Builder scheduler(Sampler chosen) {
      return sampler(chosen);
    }

    /**
     * Sets the device.
     *
     * @param device the device; {@link Device#CPU} when none is set
     * @return this builder
     */
    public Builder device(Device device) {
      this.device = Values.nonNull(device, "the device");
      return this;
    }

    /**
     * Sets the number type of the networks.
     *
     * @param precision the type; {@link Precision#FLOAT32} when none is set
     * @return this builder
     */
    public Builder precision(Precision precision) {
      this.precision = Values.nonNull(precision, "the precision");
      return this;
    }

    /**
     * Sets when weights are in memory.
     *
     * @param policy the policy; {@link OffloadPolicy#NONE} when none is set
     * @return this builder
     */
    public Builder offload(OffloadPolicy policy) {
      this.offload = Values.nonNull(policy, "the offload policy");
      return this;
    }

    /**
     * Sets whether pictures larger than 512 pixels are decoded in tiles of that size, which overlap
     * by a quarter and fade into each other there (as {@code enable_tiling} of diffusers). Decoding
     * then needs the memory of one tile, whatever the size; pixels differ a little.
     *
     * @param tiling true for tiles; false when it is not called
     * @return this builder
     */
    public Builder vaeTiling(boolean tiling) {
      this.vaeTiling = tiling;
      return this;
    }

    /**
     * Sets how long a generation may go on once the virtual machine exits. Without it, a signal
     * that ends the process cancels what runs after the call of a network that is under way. An
     * application that ends in an order of its own, and closes the pipeline at the end of it, gives
     * itself this much time; closing the pipeline ends the wait, so that the process is gone as
     * soon as its owner is done.
     *
     * @param grace zero or more; zero when it is not called
     * @return this builder
     */
    public Builder exitGrace(Duration grace) {
      Duration value = Values.nonNull(grace, "the grace at exit");
      if (value.isNegative()) {
        throw new IllegalArgumentException(
            "The grace at exit is %s; expected zero or more.".formatted(value));
      }
      this.exitGrace = value;
      return this;
    }

    /**
     * Sets how many threads the engine computes with. PyTorch keeps this as a setting of the whole
     * process: the last pipeline that sets it decides.
     *
     * @param threads 1 or more; all cores when none is set
     * @return this builder
     */
    public Builder threads(int threads) {
      this.threads = Values.between(threads, 1, 1024, "the number of threads");
      return this;
    }

    /**
     * Chooses the engine by name.
     *
     * @param engine the name; {@code pytorch} when none is set
     * @return this builder
     */
    public Builder engine(String engine) {
      this.engine = Values.nonNull(engine, "the engine's name");
      return this;
    }

    /**
     * Sets the folder of the tokenizer, for a base that is a single file.
     *
     * @param folder a folder with {@code vocab.json} and {@code merges.txt}, or {@code
     *     tokenizer.json}
     * @return this builder
     */
    public Builder tokenizer(Path folder) {
      this.tokenizer = Values.nonNull(folder, "the tokenizer's folder");
      return this;
    }

    /**
     * Uses another autoencoder than the base's own, which then need not be there.
     *
     * @param vae a file or folder that holds one
     * @return this builder
     */
    public Builder vae(Path vae) {
      return vae(VaeModel.of(vae));
    }

    /**
     * Uses another autoencoder than the base's own, which then need not be there. A tiny one
     * decodes in a few percent of the time, with less detail.
     *
     * @param vae the autoencoder, such as {@code VaeModel.hub("taesd")}
     * @return this builder
     */
    public Builder vae(VaeModel vae) {
      this.vae = Values.nonNull(vae, "the autoencoder");
      return this;
    }

    /**
     * Draws the previews of {@link StepListener.Step#preview()} by an autoencoder, meant to be a
     * tiny one: sharp pictures of the full size, of what the finished latents are expected to be.
     * Without it they are a linear map from the latents as they are to colours, at an eighth of the
     * size. The pictures that come out in the end do not depend on it.
     *
     * @param vae the autoencoder, such as {@code VaeModel.hub("taesd")}
     * @return this builder
     */
    public Builder preview(VaeModel vae) {
      this.preview = Values.nonNull(vae, "the autoencoder of previews");
      return this;
    }

    /**
     * Uses another text encoder than the base's own, which then need not be there. The tokenizer is
     * looked for beside it first.
     *
     * @param textEncoder a file or folder that holds a CLIP text model
     * @return this builder
     */
    public Builder textEncoder(Path textEncoder) {
      this.textEncoder = Values.nonNull(textEncoder, "the text encoder's path");
      return this;
    }

    /**
     * Adds a word learned by textual inversion; call it once for each.
     *
     * @param embedding its name in prompts and its file
     * @return this builder
     */
    public Builder embedding(TextualInversion embedding) {
      embeddings.add(Values.nonNull(embedding, "the embedding"));
      return this;
    }

    /**
     * Adds a LoRA that acts on every picture, together with those that a request brings; call it
     * once for each. Pipelines that share a base may have different ones: the base's weights are
     * there once, and those that are changed are computed again when another set of LoRAs is next.
     *
     * @param lora the file and how much of it
     * @return this builder
     */
    public Builder lora(Lora lora) {
      loras.add(Values.nonNull(lora, "the LoRA"));
      return this;
    }

    /**
     * Sets the listener to downloads while {@link #build()} fetches models that were named by their
     * ids on a hub.
     *
     * @param listener the listener, called on the thread that builds; what it throws ends the build
     * @return this builder
     */
    public Builder downloadListener(DownloadListener listener) {
      this.downloadListener = Values.nonNull(listener, "the download listener");
      return this;
    }

    /**
     * Makes the configuration alone; nothing is opened.
     *
     * @return an immutable value
     * @throws IllegalArgumentException when no base was set
     */
    public PipelineConfig config() {
      if (base == null) {
        throw new IllegalArgumentException(
            "The pipeline has no base model; call base(BaseModel.of(path)) before build().");
      }
      return new PipelineConfig(
          base,
          controls,
          Optional.ofNullable(sampler),
          device,
          precision,
          offload,
          threads,
          engine,
          Optional.ofNullable(tokenizer),
          Optional.ofNullable(vae),
          Optional.ofNullable(preview),
          Optional.ofNullable(textEncoder),
          vaeTiling,
          exitGrace,
          embeddings,
          loras,
          downloadListener);
    }

    /**
     * Opens the models and checks that they belong together. Weights are loaded at first use.
     *
     * @return the pipeline
     * @throws IllegalArgumentException when no base was set
     * @throws WeightsException when a model cannot be read
     * @throws IncompatibleModelException when base and controls do not fit
     * @throws ProviderNotFoundException when the engine or the pipeline itself is not on the class
     *     path
     */
    public ControlNetPipeline build() {
      PipelineConfig complete = config();
      return Providers.only(
              PipelineProvider.class,
              "pipeline",
              "Add the artifact io.github.controlnet:controlnet-core at run time.")
          .create(complete);
    }
  }
}
