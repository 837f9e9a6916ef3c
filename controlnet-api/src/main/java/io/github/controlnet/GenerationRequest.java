package io.github.controlnet;

import io.github.controlnet.exception.InvalidRequestException;
import io.github.controlnet.internal.Values;
import io.github.controlnet.model.Lora;
import io.github.controlnet.progress.CancellationToken;
import io.github.controlnet.sampler.Sampler;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What to generate. Immutable; made by {@link #builder()}. Values that can never be legal are
 * refused when they are set; values that depend on the models (sizes, the number of controls) when
 * {@link ControlNetPipeline#generate} gets the request, before any network runs.
 */
public final class GenerationRequest {
  /** Far more than any memory holds, and few enough to count with. */
  private static final int MOST_IMAGES = 10_000;

  private static final double USUAL_GUIDANCE = 9;

  private final List<Prompt> prompts;
  private final String addedPrompt;
  private final PromptSyntax promptSyntax;
  private final int clipSkip;
  private final List<Lora> loras;
  private final @Nullable PromptEmbeddings promptEmbeddings;
  private final @Nullable PromptEmbeddings negativeEmbeddings;
  private final List<ControlInput> controls;
  private final @Nullable InitImage initImage;
  private final GuessMode guessMode;
  private final boolean onlyMidControl;
  private final int width;
  private final int height;
  private final int imageResolution;
  private final int imagesPerPrompt;
  private final int steps;
  private final Guidance guidance;
  private final double eta;
  private final List<Long> seeds;
  private final @Nullable Preset preset;
  private final @Nullable Sampler scheduler;
  private final StepListener listener;
  private final CancellationToken cancellation;

  private GenerationRequest(Builder builder) {
    this.prompts =
        builder.prompts.isEmpty()
            ? List.of(new Prompt(builder.prompt, builder.negativePrompt))
            : List.copyOf(builder.prompts);
    this.addedPrompt = builder.addedPrompt;
    this.promptSyntax = builder.promptSyntax;
    this.clipSkip = builder.clipSkip;
    this.loras = List.copyOf(builder.loras);
    this.promptEmbeddings = builder.promptEmbeddings;
    this.negativeEmbeddings = builder.negativeEmbeddings;
    this.controls = List.copyOf(builder.controls);
    this.initImage = builder.initImage;
    this.guessMode = builder.guessMode;
    this.onlyMidControl = builder.onlyMidControl;
    this.width = builder.width;
    this.height = builder.height;
    this.imageResolution = builder.imageResolution;
    this.imagesPerPrompt = builder.imagesPerPrompt;
    this.preset = builder.preset;
    this.steps = builder.steps == null ? presetOr(Preset::steps, 20) : builder.steps;
    this.guidance =
        builder.guidance == null
            ? Guidance.of(presetOr(Preset::guidanceScale, USUAL_GUIDANCE))
            : builder.guidance;
    this.eta = builder.eta == null ? presetOr(Preset::eta, 0.0) : builder.eta;
    this.seeds = List.copyOf(builder.seeds);
    this.scheduler = builder.scheduler == null ? presetSampler() : builder.scheduler;
    this.listener = builder.listener;
    this.cancellation = builder.cancellation;
    checkPrompts();
    if ((long) prompts.size() * imagesPerPrompt > MOST_IMAGES) {
      throw new InvalidRequestException(
          "The request asks for %d prompts of %d images each; expected at most %d images at once."
              .formatted(prompts.size(), imagesPerPrompt, MOST_IMAGES));
    }
  }

  private <T> T presetOr(Function<Preset, T> value, T usual) {
    return preset == null ? usual : value.apply(preset);
  }

  private @Nullable Sampler presetSampler() {
    return preset == null ? null : preset.sampler();
  }

  private void checkPrompts() {
    PromptText.check(addedPrompt, "added prompt");
    for (Prompt prompt : prompts) {
      PromptText.check(prompt.text(), "prompt");
      PromptText.check(prompt.negative(), "negative prompt");
    }
    if (promptSyntax == PromptSyntax.WEIGHTED) {
      PromptText.checkWeighted(addedPrompt, "added prompt");
      prompts.forEach(prompt -> PromptText.checkWeighted(prompt.text(), "prompt"));
    }
  }

  /**
   * Starts a request: empty prompt, one image, 20 steps, guidance scale 9, eta 0, a random seed.
   *
   * @return a builder
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Returns the prompts.
   *
   * @return at least one
   */
  public List<Prompt> prompts() {
    return prompts;
  }

  /**
   * Returns the text appended to every prompt after a comma.
   *
   * @return empty for none
   */
  public String addedPrompt() {
    return addedPrompt;
  }

  /**
   * Returns how prompts are read.
   *
   * @return the syntax
   */
  public PromptSyntax promptSyntax() {
    return promptSyntax;
  }

  /**
   * Returns after which layer of the text encoder the states are taken, counted from the last.
   *
   * @return 1 for the last
   */
  public int clipSkip() {
    return clipSkip;
  }

  /**
   * Returns the LoRAs of this request.
   *
   * @return they act together with those of the pipeline; may be empty
   */
  public List<Lora> loras() {
    return loras;
  }

  /**
   * Returns the text states given in place of the prompt.
   *
   * @return empty when the prompt counts
   */
  public Optional<PromptEmbeddings> promptEmbeddings() {
    return Optional.ofNullable(promptEmbeddings);
  }

  /**
   * Returns the text states given in place of the negative prompt.
   *
   * @return empty when the negative prompt counts
   */
  public Optional<PromptEmbeddings> negativeEmbeddings() {
    return Optional.ofNullable(negativeEmbeddings);
  }

  /**
   * Returns the inputs of the controls.
   *
   * @return empty for plain Stable Diffusion
   */
  public List<ControlInput> controls() {
    return controls;
  }

  /**
   * Returns the picture that image to image starts from.
   *
   * @return empty for text to image
   */
  public Optional<InitImage> initImage() {
    return Optional.ofNullable(initImage);
  }

  /**
   * Returns whether and how the control is weighted for guessing without a prompt.
   *
   * @return the mode
   */
  public GuessMode guessMode() {
    return guessMode;
  }

  /**
   * Tells whether only the middle block's residual is added.
   *
   * @return false for all residuals
   */
  public boolean onlyMidControl() {
    return onlyMidControl;
  }

  /**
   * Returns the width in pixels.
   *
   * @return empty when it follows from the init image, the control image or the base
   */
  public OptionalInt width() {
    return width == 0 ? OptionalInt.empty() : OptionalInt.of(width);
  }

  /**
   * Returns the height in pixels.
   *
   * @return empty when it follows from the init image, the control image or the base
   */
  public OptionalInt height() {
    return height == 0 ? OptionalInt.empty() : OptionalInt.of(height);
  }

  /**
   * Returns the short side to which the control image is brought when no size is given.
   *
   * @return empty for the base's native size
   */
  public OptionalInt imageResolution() {
    return imageResolution == 0 ? OptionalInt.empty() : OptionalInt.of(imageResolution);
  }

  /**
   * Returns how many images each prompt gets.
   *
   * @return at least 1
   */
  public int imagesPerPrompt() {
    return imagesPerPrompt;
  }

  /**
   * Returns the number of images in all.
   *
   * @return prompts times images per prompt
   */
  public int imageCount() {
    return prompts.size() * imagesPerPrompt;
  }

  /**
   * Returns the number of denoising steps.
   *
   * @return 1 to 1000
   */
  public int steps() {
    return steps;
  }

  /**
   * Returns how the prompt guides.
   *
   * @return the guidance
   */
  public Guidance guidance() {
    return guidance;
  }

  /**
   * Returns eta, the share of fresh noise in DDIM.
   *
   * @return 0 (deterministic) to 1 (as DDPM)
   */
  public double eta() {
    return eta;
  }

  /**
   * Returns the seeds.
   *
   * @return empty for a random one; one that draws the whole batch; or one for each image
   */
  public List<Long> seeds() {
    return seeds;
  }

  /**
   * Returns the scheduler of this request.
   *
   * @return empty for the pipeline's
   */
  public Optional<Sampler> scheduler() {
    return Optional.ofNullable(scheduler);
  }

  /**
   * Returns the preset whose values count where none was set.
   *
   * @return empty for none
   */
  public Optional<Preset> preset() {
    return Optional.ofNullable(preset);
  }

  /**
   * Returns who hears of each step.
   *
   * @return a listener that does nothing when none was set
   */
  public StepListener listener() {
    return listener;
  }

  /**
   * Returns the token that cancels.
   *
   * @return a token that nobody else has when none was set
   */
  public CancellationToken cancellation() {
    return cancellation;
  }

  /** Collects the values of a request. */
  public static final class Builder {
    private String prompt = "";
    private String negativePrompt = "";
    private final List<Prompt> prompts = new ArrayList<>();
    private String addedPrompt = "";
    private PromptSyntax promptSyntax = PromptSyntax.LITERAL;
    private int clipSkip = 1;
    private final List<Lora> loras = new ArrayList<>();
    private @Nullable PromptEmbeddings promptEmbeddings;
    private @Nullable PromptEmbeddings negativeEmbeddings;
    private final List<ControlInput> controls = new ArrayList<>();
    private @Nullable InitImage initImage;
    private GuessMode guessMode = GuessMode.OFF;
    private boolean onlyMidControl;
    private int width;
    private int height;
    private int imageResolution;
    private int imagesPerPrompt = 1;
    private @Nullable Integer steps;
    private @Nullable Guidance guidance;
    private @Nullable Double eta;
    private @Nullable Preset preset;
    private List<Long> seeds = List.of();
    private @Nullable Sampler scheduler;
    private StepListener listener = step -> {};
    private CancellationToken cancellation = new CancellationToken();

    private Builder() {}

    /**
     * Sets the prompt.
     *
     * @param text what the picture should show; may be empty
     * @return this builder
     */
    public Builder prompt(String text) {
      this.prompt = Values.nonNull(text, "the prompt");
      return this;
    }

    /**
     * Sets the negative prompt.
     *
     * @param text what the picture should not show; may be empty
     * @return this builder
     */
    public Builder negativePrompt(String text) {
      this.negativePrompt = Values.nonNull(text, "the negative prompt");
      return this;
    }

    /**
     * Sets several prompts for one call, each with its negative prompt, in place of {@link
     * #prompt(String)} and {@link #negativePrompt(String)}.
     *
     * @param several at least one
     * @return this builder
     */
    public Builder prompts(List<Prompt> several) {
      Values.nonNull(several, "the list of prompts");
      if (several.isEmpty()) {
        throw new InvalidRequestException("The list of prompts is empty; expected at least one.");
      }
      several.forEach(each -> Values.nonNull(each, "a prompt of the list"));
      prompts.clear();
      prompts.addAll(several);
      return this;
    }

    /**
     * Sets text that is appended to every prompt after a comma, such as {@code best quality,
     * extremely detailed}.
     *
     * @param text the text; empty for none
     * @return this builder
     */
    public Builder addedPrompt(String text) {
      this.addedPrompt = Values.nonNull(text, "the added prompt");
      return this;
    }

    /**
     * Sets how prompts are read.
     *
     * @param syntax the syntax; {@link PromptSyntax#LITERAL} when none is set
     * @return this builder
     */
    public Builder promptSyntax(PromptSyntax syntax) {
      this.promptSyntax = Values.nonNull(syntax, "the syntax of prompts");
      return this;
    }

    /**
     * Takes the text states of an earlier layer of the text encoder, as some bases were trained.
     * Counted as AUTOMATIC1111's web page and the pages of models do; diffusers' number is one
     * less.
     *
     * @param layer 1 for the last layer, 2 for the last but one, and so on up to 64
     * @return this builder
     */
    public Builder clipSkip(int layer) {
      this.clipSkip = Values.between(layer, 1, 64, "clip skip");
      return this;
    }

    /**
     * Adds a LoRA for this request, together with those of the pipeline; call it once for each. One
     * that is named several times counts with the sum of its scales.
     *
     * @param lora the file and how much of it
     * @return this builder
     * @throws InvalidRequestException when it is null
     */
    public Builder lora(Lora lora) {
      this.loras.add(Values.nonNull(lora, "the LoRA"));
      return this;
    }

    /**
     * Gives text states in place of the one prompt and its negative prompt, which stay empty.
     *
     * @param prompt what the picture should show
     * @param negative what it should not show; as many tokens as {@code prompt}
     * @return this builder
     */
    public Builder promptEmbeddings(PromptEmbeddings prompt, PromptEmbeddings negative) {
      this.promptEmbeddings = Values.nonNull(prompt, "the embeddings");
      this.negativeEmbeddings = Values.nonNull(negative, "the negative embeddings");
      return this;
    }

    /**
     * Adds the input of a control; call it once for each control.
     *
     * @param input the input
     * @return this builder
     */
    public Builder control(ControlInput input) {
      controls.add(Values.nonNull(input, "the control input"));
      return this;
    }

    /**
     * Starts from a picture: image to image, or inpainting when it has a mask.
     *
     * @param image the picture, its denoising strength and its mask
     * @return this builder
     */
    public Builder initImage(InitImage image) {
      this.initImage = Values.nonNull(image, "the init image");
      return this;
    }

    /**
     * Sets guess mode.
     *
     * @param mode the mode; {@link GuessMode#OFF} when none is set
     * @return this builder
     */
    public Builder guessMode(GuessMode mode) {
      this.guessMode = Values.nonNull(mode, "the guess mode");
      return this;
    }

    /**
     * Adds only the residual of the control's middle block.
     *
     * @param only true for the middle one alone
     * @return this builder
     */
    public Builder onlyMidControl(boolean only) {
      this.onlyMidControl = only;
      return this;
    }

    /**
     * Sets the size of the pictures.
     *
     * @param newWidth pixels, a multiple of 8
     * @param newHeight pixels, a multiple of 8
     * @return this builder
     */
    public Builder size(int newWidth, int newHeight) {
      return width(newWidth).height(newHeight);
    }

    /**
     * Sets the width; the height follows from the control image or the base unless set too.
     *
     * @param pixels a multiple of 8
     * @return this builder
     */
    public Builder width(int pixels) {
      this.width = Values.between(pixels, 8, 16384, "the width");
      return this;
    }

    /**
     * Sets the height; the width follows from the control image or the base unless set too.
     *
     * @param pixels a multiple of 8
     * @return this builder
     */
    public Builder height(int pixels) {
      this.height = Values.between(pixels, 8, 16384, "the height");
      return this;
    }

    /**
     * Sets the short side to which the control image is brought when no size is given; both sides
     * are then rounded to multiples of 64.
     *
     * @param shortSide pixels, 64 to 8192
     * @return this builder
     */
    public Builder imageResolution(int shortSide) {
      this.imageResolution = Values.between(shortSide, 64, 8192, "the image resolution");
      return this;
    }

    /**
     * Sets how many images each prompt gets.
     *
     * @param count 1 to 1024
     * @return this builder
     */
    public Builder imagesPerPrompt(int count) {
      this.imagesPerPrompt = Values.between(count, 1, 1024, "the number of images");
      return this;
    }

    /**
     * Sets the number of denoising steps.
     *
     * @param count 1 to 1000
     * @return this builder
     */
    public Builder steps(int count) {
      this.steps = Values.between(count, 1, 1000, "the number of steps");
      return this;
    }

    /**
     * Sets the guidance scale g of {@code uncond + g (cond - uncond)} for every step.
     *
     * @param scale a finite number; at 1 there is no guidance and the negative prompt has no effect
     * @return this builder
     */
    public Builder guidanceScale(double scale) {
      Guidance before = guidance == null ? Guidance.of(USUAL_GUIDANCE) : guidance;
      return guidance(
          before.withScale(ScaleSchedule.constant(Values.finite(scale, "the guidance scale"))));
    }

    /**
     * Sets how the prompt guides: a scale for each step, rescale, interval, perturbed attention.
     *
     * @param chosen the guidance
     * @return this builder
     */
    public Builder guidance(Guidance chosen) {
      this.guidance = Values.nonNull(chosen, "the guidance");
      return this;
    }

    /**
     * Sets eta of DDIM.
     *
     * @param value 0 (deterministic) to 1
     * @return this builder
     */
    public Builder eta(double value) {
      this.eta = Values.between(value, 0, 1, "eta");
      return this;
    }

    /**
     * Sets one seed that draws the noise of the whole batch.
     *
     * @param seed 0 or more, or -1 for a random one, which the result reports
     * @return this builder
     */
    public Builder seed(long seed) {
      return seeds(seed);
    }

    /**
     * Takes sampler, steps, guidance and eta from a preset, as far as they are not set, be it
     * before or after.
     *
     * @param chosen the preset, such as {@link Presets#lcm()}
     * @return this builder
     */
    public Builder preset(Preset chosen) {
      this.preset = Values.nonNull(chosen, "the preset");
      return this;
    }

    /**
     * Sets a seed for each image of the batch, or one for them all.
     *
     * @param several one for each image, or a single one
     * @return this builder
     */
    public Builder seeds(long... several) {
      Values.nonNull(several, "the list of seeds");
      for (long seed : several) {
        if (seed < -1) {
          throw new InvalidRequestException(
              "The seed is %d; expected 0 or more, or -1 for a random one.".formatted(seed));
        }
      }
      this.seeds = Arrays.stream(several).boxed().toList();
      return this;
    }

    /**
     * Sets a scheduler for this request in place of the pipeline's.
     *
     * @param chosen the scheduler
     * @return this builder
     */
    public Builder scheduler(Sampler chosen) {
      this.scheduler = Values.nonNull(chosen, "the scheduler");
      return this;
    }

    /**
     * Sets who hears of each step.
     *
     * @param chosen the listener
     * @return this builder
     */
    public Builder listener(StepListener chosen) {
      this.listener = Values.nonNull(chosen, "the step listener");
      return this;
    }

    /**
     * Sets the token by which another thread cancels.
     *
     * @param token the token
     * @return this builder
     */
    public Builder cancellation(CancellationToken token) {
      this.cancellation = Values.nonNull(token, "the cancellation token");
      return this;
    }

    /**
     * Makes the request.
     *
     * @return an immutable request
     * @throws InvalidRequestException when a prompt has more than 10,000 characters, asks for a
     *     LoRA or another extra network, or, weighted, joins prompts by {@code AND}; or when there
     *     are more than 10,000 images
     */
    public GenerationRequest build() {
      return new GenerationRequest(this);
    }
  }
}
