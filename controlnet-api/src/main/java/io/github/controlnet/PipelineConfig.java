package io.github.controlnet;

import io.github.controlnet.engine.Device;
import io.github.controlnet.engine.OffloadPolicy;
import io.github.controlnet.engine.Precision;
import io.github.controlnet.exception.InvalidRequestException;
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

/** What a pipeline is to be made of. Immutable. */
public final class PipelineConfig {
  private final BaseModel base;
  private final List<ControlModel> controls;
  private final @Nullable Sampler scheduler;
  private final Device device;
  private final Precision precision;
  private final OffloadPolicy offload;
  private final int threads;
  private final String engine;
  private final @Nullable Path tokenizer;
  private final @Nullable VaeModel vae;
  private final @Nullable VaeModel preview;
  private final @Nullable Path textEncoder;
  private final boolean vaeTiling;
  private final Duration exitGrace;
  private final List<TextualInversion> embeddings;
  private final List<Lora> loras;
  private final DownloadListener downloadListener;

  private PipelineConfig(Builder builder) {
    if (builder.base == null) {
      throw new InvalidRequestException(
          "The pipeline has no base model; call base(BaseModel.of(path)) before build().");
    }
    this.base = builder.base;
    this.controls = List.copyOf(builder.controls);
    this.scheduler = builder.scheduler;
    this.device = builder.device;
    this.precision = builder.precision;
    this.offload = builder.offload;
    this.threads = builder.threads;
    this.engine = builder.engine;
    this.tokenizer = builder.tokenizer;
    this.vae = builder.vae;
    this.preview = builder.preview;
    this.textEncoder = builder.textEncoder;
    this.vaeTiling = builder.vaeTiling;
    this.exitGrace = builder.exitGrace;
    this.embeddings = List.copyOf(builder.embeddings);
    this.loras = List.copyOf(builder.loras);
    this.downloadListener = builder.downloadListener;
  }

  /**
   * Returns who hears of downloads while the pipeline is built.
   *
   * @return a listener that does nothing when none was set
   */
  public DownloadListener downloadListener() {
    return downloadListener;
  }

  /**
   * Starts a configuration.
   *
   * @return a builder
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Returns the base model.
   *
   * @return the model
   */
  public BaseModel base() {
    return base;
  }

  /**
   * Returns the control models.
   *
   * @return in order; may be empty
   */
  public List<ControlModel> controls() {
    return controls;
  }

  /**
   * Returns the scheduler.
   *
   * @return empty for the default, DDIM
   */
  public Optional<Sampler> scheduler() {
    return Optional.ofNullable(scheduler);
  }

  /**
   * Returns the device.
   *
   * @return the device
   */
  public Device device() {
    return device;
  }

  /**
   * Returns the number type.
   *
   * @return the precision
   */
  public Precision precision() {
    return precision;
  }

  /**
   * Returns when weights are in memory.
   *
   * @return the policy
   */
  public OffloadPolicy offload() {
    return offload;
  }

  /**
   * Returns the number of threads.
   *
   * @return 0 for all cores
   */
  public int threads() {
    return threads;
  }

  /**
   * Returns the engine's name.
   *
   * @return the name
   */
  public String engine() {
    return engine;
  }

  /**
   * Returns the tokenizer's folder.
   *
   * @return empty when the base brings its own
   */
  public Optional<Path> tokenizer() {
    return Optional.ofNullable(tokenizer);
  }

  /**
   * Returns the separate autoencoder.
   *
   * @return empty for the base's own
   */
  public Optional<VaeModel> vae() {
    return Optional.ofNullable(vae);
  }

  /**
   * Returns the autoencoder that draws previews.
   *
   * @return empty for a linear map from latents to colours
   */
  public Optional<VaeModel> preview() {
    return Optional.ofNullable(preview);
  }

  /**
   * Returns the separate text encoder.
   *
   * @return empty for the base's own
   */
  public Optional<Path> textEncoder() {
    return Optional.ofNullable(textEncoder);
  }

  /**
   * Tells whether large pictures are decoded in tiles.
   *
   * @return true for tiles
   */
  public boolean vaeTiling() {
    return vaeTiling;
  }

  /**
   * Returns how long what runs may go on once the virtual machine exits.
   *
   * @return zero or more
   */
  public Duration exitGrace() {
    return exitGrace;
  }

  /**
   * Returns the words of textual inversions.
   *
   * @return in order; may be empty
   */
  public List<TextualInversion> embeddings() {
    return embeddings;
  }

  /**
   * Returns the LoRAs of all requests.
   *
   * @return may be empty
   */
  public List<Lora> loras() {
    return loras;
  }

  /** Collects the values. */
  public static final class Builder {
    private @Nullable BaseModel base;
    private final List<ControlModel> controls = new ArrayList<>();
    private @Nullable Sampler scheduler;
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

    /**
     * Sets the base model.
     *
     * @param value the model
     */
    public void base(BaseModel value) {
      base = value;
    }

    /**
     * Adds a control model.
     *
     * @param value the model
     */
    public void control(ControlModel value) {
      controls.add(value);
    }

    /**
     * Sets the scheduler.
     *
     * @param value the scheduler
     */
    public void scheduler(Sampler value) {
      scheduler = value;
    }

    /**
     * Sets the device.
     *
     * @param value the device
     */
    public void device(Device value) {
      device = value;
    }

    /**
     * Sets the number type.
     *
     * @param value the precision
     */
    public void precision(Precision value) {
      precision = value;
    }

    /**
     * Sets when weights are in memory.
     *
     * @param value the policy
     */
    public void offload(OffloadPolicy value) {
      offload = value;
    }

    /**
     * Sets the number of threads.
     *
     * @param value 0 for all cores
     */
    public void threads(int value) {
      threads = value;
    }

    /**
     * Sets the engine.
     *
     * @param value its name
     */
    public void engine(String value) {
      engine = value;
    }

    /**
     * Sets the tokenizer's folder.
     *
     * @param value the folder
     */
    public void tokenizer(Path value) {
      tokenizer = value;
    }

    /**
     * Sets the separate autoencoder.
     *
     * @param value the autoencoder
     */
    public void vae(VaeModel value) {
      vae = value;
    }

    /**
     * Sets the autoencoder that draws previews.
     *
     * @param value the autoencoder
     */
    public void preview(VaeModel value) {
      preview = value;
    }

    /**
     * Sets the separate text encoder.
     *
     * @param value a file or folder
     */
    public void textEncoder(Path value) {
      textEncoder = value;
    }

    /**
     * Sets whether large pictures are decoded in tiles.
     *
     * @param value true for tiles
     */
    public void vaeTiling(boolean value) {
      vaeTiling = value;
    }

    /**
     * Sets how long what runs may go on once the virtual machine exits.
     *
     * @param value zero or more
     */
    public void exitGrace(Duration value) {
      exitGrace = value;
    }

    /**
     * Adds a word of a textual inversion.
     *
     * @param value the word
     */
    public void embedding(TextualInversion value) {
      embeddings.add(value);
    }

    /**
     * Adds a LoRA for all requests.
     *
     * @param value the LoRA
     */
    public void lora(Lora value) {
      loras.add(value);
    }

    /**
     * Sets who hears of downloads.
     *
     * @param value the listener
     */
    public void downloadListener(DownloadListener value) {
      downloadListener = value;
    }

    /**
     * Makes the configuration.
     *
     * @return an immutable value
     * @throws InvalidRequestException when there is no base
     */
    public PipelineConfig build() {
      return new PipelineConfig(this);
    }
  }
}
