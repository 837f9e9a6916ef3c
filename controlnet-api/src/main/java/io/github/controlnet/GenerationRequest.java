package io.github.controlnet;

import io.github.controlnet.exception.InvalidRequestException;
import io.github.controlnet.internal.Values;
import io.github.controlnet.model.Lora;
import io.github.controlnet.model.LoraFolder;
import io.github.controlnet.progress.CancellationToken;
import io.github.controlnet.sampler.Sampler;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What to generate: a few groups of values. Immutable; made by {@link #builder()}. Values that can
 * never be legal are refused when they are set; values that depend on the models (sizes, the number
 * of controls) when {@link ControlNetPipeline#generate} gets the request, before any network runs.
 */
public final class GenerationRequest {
  /** Far more than any memory holds, and few enough to count with. */
  private static final int MOST_IMAGES = 10_000;

  private final Prompts prompts;
  private final Sampling sampling;
  private final Guidance guidance;
  private final ControlInputs controls;
  private final List<Lora> loras;
  private final @Nullable InitImage initImage;
  private final Output output;
  private final @Nullable Preset preset;
  private final StepListener listener;
  private final CancellationToken cancellation;

  private GenerationRequest(Builder builder) {
    NamedLoras named = NamedLoras.read(builder.prompts, builder.loraFolder);
    this.prompts = named.prompts();
    this.preset = builder.preset;
    this.sampling = builder.sampling();
    this.guidance = builder.guidance();
    this.controls = builder.controls;
    this.loras = Stream.concat(builder.loras.stream(), named.loras().stream()).toList();
    this.initImage = builder.initImage;
    this.output = builder.output;
    this.listener = builder.listener;
    this.cancellation = builder.cancellation;
    prompts.check();
    if ((long) prompts.list().size() * output.imagesPerPrompt() > MOST_IMAGES) {
      throw new InvalidRequestException(
          "The request asks for %d prompts of %d images each; expected at most %d images at once."
              .formatted(prompts.list().size(), output.imagesPerPrompt(), MOST_IMAGES));
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
   * Returns the guidance when none is set.
   *
   * @return guidance scale 9 in every step
   */
  public static Guidance usualGuidance() {
    return Guidance.of(9);
  }

  /**
   * Starts a request that is like this one.
   *
   * @return a builder that holds the values of this request, its listener and its token too
   */
  public Builder toBuilder() {
    return new Builder(this);
  }

  /**
   * Returns what the pictures should show.
   *
   * @return the prompts and how they are read
   */
  public Prompts prompts() {
    return prompts;
  }

  /**
   * Returns how noise becomes a picture.
   *
   * @return sampler, steps, seeds
   */
  public Sampling sampling() {
    return sampling;
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
   * Returns what the controls get.
   *
   * @return their inputs, and what holds for them all
   */
  public ControlInputs controls() {
    return controls;
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
   * Returns the image that image to image starts from.
   *
   * @return empty for text to image
   */
  public Optional<InitImage> initImage() {
    return Optional.ofNullable(initImage);
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
   * Returns how many pictures are made, and how large.
   *
   * @return number and size
   */
  public Output output() {
    return output;
  }

  /**
   * Returns the number of images in all.
   *
   * @return prompts times images per prompt
   */
  public int imageCount() {
    return prompts.list().size() * output.imagesPerPrompt();
  }

  /**
   * Returns the number of steps that run: with an init image the share that its denoising strength
   * says, as in diffusers (Meng et al. 2021, arXiv:2108.01073, section 3).
   *
   * @return 0 to the sampling's steps; a request of which no step is left cannot be generated
   */
  public int stepsRun() {
    double strength = initImage == null ? 1 : initImage.strength();
    return Math.min((int) (sampling.steps() * strength), sampling.steps());
  }

  /**
   * Returns the listener that is called after each step.
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

  /**
   * Collects the values of a request, one by one or by whole groups. A setter throws {@link
   * IllegalArgumentException} when a value is out of its range and {@link NullPointerException}
   * when it is null.
   */
  public static final class Builder {
    private Prompts prompts = Prompts.usual();
    private Sampling sampling = Sampling.usual();
    private Guidance guidance = usualGuidance();
    private ControlInputs controls = ControlInputs.none();
    private final List<Lora> loras = new ArrayList<>();
    private @Nullable LoraFolder loraFolder;
    private @Nullable InitImage initImage;
    private Output output = Output.usual();
    private @Nullable Preset preset;
    private final EnumSet<Value> set = EnumSet.noneOf(Value.class);
    private StepListener listener = step -> {};
    private CancellationToken cancellation = new CancellationToken();

    /** What a preset sets, unless it was set by itself. */
    private enum Value {
      SAMPLER,
      STEPS,
      ETA,
      GUIDANCE
    }

    private Builder() {}

    private Builder(GenerationRequest from) {
      this.prompts = from.prompts;
      this.sampling = from.sampling;
      this.guidance = from.guidance;
      this.controls = from.controls;
      this.loras.addAll(from.loras);
      this.initImage = from.initImage;
      this.output = from.output;
      this.preset = from.preset;
      this.set.addAll(EnumSet.allOf(Value.class));
      this.listener = from.listener;
      this.cancellation = from.cancellation;
    }

    /**
     * Sets everything about prompts.
     *
     * @param group the prompts and how they are read
     * @return this builder
     */
    public Builder prompts(Prompts group) {
      this.prompts = Values.nonNull(group, "the group of prompts");
      return this;
    }

    /**
     * Sets several prompts for one call, each with its negative prompt.
     *
     * @param several at least one
     * @return this builder
     */
    public Builder prompts(List<Prompt> several) {
      return prompts(prompts.withList(several));
    }

    /**
     * Sets the prompt; of several that were set the first one's negative prompt remains.
     *
     * @param text what the picture should show; may be empty
     * @return this builder
     */
    public Builder prompt(String text) {
      return prompts(prompts.withText(text));
    }

    /**
     * Sets the negative prompt, of all prompts that were set.
     *
     * @param text what the picture should not show; may be empty
     * @return this builder
     */
    public Builder negativePrompt(String text) {
      return prompts(prompts.withNegative(text));
    }

    /**
     * Sets text that is appended to every prompt after a comma, such as {@code best quality,
     * extremely detailed}.
     *
     * @param text the text; empty for none
     * @return this builder
     */
    public Builder addedPrompt(String text) {
      return prompts(prompts.withAdded(text));
    }

    /**
     * Sets how prompts are read.
     *
     * @param syntax the syntax; {@link PromptSyntax#LITERAL} when none is set
     * @return this builder
     */
    public Builder promptSyntax(PromptSyntax syntax) {
      return prompts(prompts.withSyntax(syntax));
    }

    /**
     * Takes the prompt embeddings of an earlier layer of the text encoder, as some bases were
     * trained. Counted as AUTOMATIC1111's web page and the pages of models do; diffusers' number is
     * one less.
     *
     * @param layer 1 for the last layer, 2 for the last but one, and so on up to 64
     * @return this builder
     */
    public Builder clipSkip(int layer) {
      return prompts(prompts.withClipSkip(layer));
    }

    /**
     * Adds a LoRA for this request, together with those of the pipeline; call it once for each. One
     * that is named several times counts with the sum of its scales.
     *
     * @param lora the file and how much of it
     * @return this builder
     */
    public Builder lora(Lora lora) {
      this.loras.add(Values.nonNull(lora, "the LoRA"));
      return this;
    }

    /**
     * Sets the LoRAs for this request, in place of those that were added.
     *
     * @param several may be none
     * @return this builder
     */
    public Builder loras(List<Lora> several) {
      List<Lora> copy = List.copyOf(several);
      this.loras.clear();
      this.loras.addAll(copy);
      return this;
    }

    /**
     * Sets where prompts find the LoRAs that they name, as in {@code <lora:name:0.8>}. The request
     * then has the LoRAs, and its prompts are without those words; without a folder they are
     * refused.
     *
     * @param folder the folder
     * @return this builder
     */
    public Builder loraFolder(LoraFolder folder) {
      this.loraFolder = Values.nonNull(folder, "the folder of LoRAs");
      return this;
    }

    /**
     * Gives prompt embeddings in place of the one prompt and its negative prompt, which stay empty.
     *
     * @param positive what the picture should show
     * @param negative what it should not show; as many tokens as {@code positive}
     * @return this builder
     */
    public Builder promptEmbeddings(PromptEmbeddings positive, PromptEmbeddings negative) {
      return prompts(prompts.withEmbeddings(positive, negative));
    }

    /**
     * Sets everything about controls.
     *
     * @param group their inputs, and what holds for them all
     * @return this builder
     */
    public Builder controls(ControlInputs group) {
      this.controls = Values.nonNull(group, "the group of control inputs");
      return this;
    }

    /**
     * Adds the input of a control; call it once for each control.
     *
     * @param input the input
     * @return this builder
     */
    public Builder control(ControlInput input) {
      return controls(controls.with(input));
    }

    /**
     * Starts from an image: image to image, or inpainting when it has a mask.
     *
     * @param image the image, its denoising strength and its mask
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
      return controls(controls.withGuessMode(mode));
    }

    /**
     * Adds only the residual of the control's middle block.
     *
     * @param only true for the middle one alone
     * @return this builder
     */
    public Builder onlyMidControl(boolean only) {
      return controls(controls.withOnlyMid(only));
    }

    /**
     * Sets number and size of the pictures.
     *
     * @param group number and size
     * @return this builder
     */
    public Builder output(Output group) {
      this.output = Values.nonNull(group, "the group of number and size");
      return this;
    }

    /**
     * Sets the size of the pictures.
     *
     * @param newWidth pixels, a multiple of 8 from 8 to 16384
     * @param newHeight pixels, the same
     * @return this builder
     */
    public Builder size(int newWidth, int newHeight) {
      return width(newWidth).height(newHeight);
    }

    /**
     * Sets the width; the height follows from the control image or the base unless set too.
     *
     * @param pixels a multiple of 8 from 8 to 16384
     * @return this builder
     */
    public Builder width(int pixels) {
      return output(output.withWidth(pixels));
    }

    /**
     * Sets the height; the width follows from the control image or the base unless set too.
     *
     * @param pixels a multiple of 8 from 8 to 16384
     * @return this builder
     */
    public Builder height(int pixels) {
      return output(output.withHeight(pixels));
    }

    /**
     * Sets the short side to which the control image is brought when no size is given; both sides
     * are then rounded to multiples of 64.
     *
     * @param shortSide pixels, 64 to 8192
     * @return this builder
     */
    public Builder imageResolution(int shortSide) {
      return output(output.withResolution(shortSide));
    }

    /**
     * Sets how many images each prompt gets.
     *
     * @param count 1 to 1024
     * @return this builder
     */
    public Builder imagesPerPrompt(int count) {
      return output(output.withImagesPerPrompt(count));
    }

    /**
     * Sets sampler, steps and seeds.
     *
     * @param group how noise becomes a picture
     * @return this builder
     */
    public Builder sampling(Sampling group) {
      set.addAll(List.of(Value.SAMPLER, Value.STEPS, Value.ETA));
      return changed(Values.nonNull(group, "the group of sampling"));
    }

    private Builder changed(Sampling group) {
      this.sampling = group;
      return this;
    }

    /** Sampling with what the preset says where nothing else was said. */
    private Sampling sampling() {
      if (preset == null) {
        return sampling;
      }
      Sampling complete = sampling;
      complete = set.contains(Value.SAMPLER) ? complete : complete.withSampler(preset.sampler());
      complete = set.contains(Value.STEPS) ? complete : complete.withSteps(preset.steps());
      return set.contains(Value.ETA) ? complete : complete.withEta(preset.eta());
    }

    private Guidance guidance() {
      return preset == null || set.contains(Value.GUIDANCE)
          ? guidance
          : Guidance.of(preset.guidanceScale());
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
     * Sets the number of denoising steps.
     *
     * @param count 1 to 1000
     * @return this builder
     */
    public Builder steps(int count) {
      Sampling changed = sampling.withSteps(count);
      set.add(Value.STEPS);
      return changed(changed);
    }

    /**
     * Sets eta of DDIM.
     *
     * @param value 0 (deterministic) to 1
     * @return this builder
     */
    public Builder eta(double value) {
      Sampling changed = sampling.withEta(value);
      set.add(Value.ETA);
      return changed(changed);
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
     * Sets a seed for each image of the batch, or one for them all.
     *
     * @param several one for each image, or a single one; each 0 or more, or -1 for a random one
     * @return this builder
     */
    public Builder seeds(long... several) {
      Values.nonNull(several, "the list of seeds");
      return changed(sampling.withSeeds(Arrays.stream(several).boxed().toList()));
    }

    /**
     * Sets a sampler for this request in place of the pipeline's.
     *
     * @param chosen the sampler
     * @return this builder
     */
    public Builder sampler(Sampler chosen) {
      Sampling changed = sampling.withSampler(chosen);
      set.add(Value.SAMPLER);
      return changed(changed);
    }

    /**
     * Sets a sampler, by diffusers' word for it.
     *
     * @param chosen as for {@link #sampler}
     * @return this builder
     */
    public Builder scheduler(Sampler chosen) {
      return sampler(chosen);
    }

    /**
     * Sets how the prompt guides: a scale for each step, rescale, interval, perturbed attention.
     *
     * @param chosen the guidance
     * @return this builder
     */
    public Builder guidance(Guidance chosen) {
      this.guidance = Values.nonNull(chosen, "the guidance");
      set.add(Value.GUIDANCE);
      return this;
    }

    /**
     * Sets the guidance scale g of {@code uncond + g (cond - uncond)} for every step.
     *
     * @param scale a finite number; at 1 there is no guidance and the negative prompt has no effect
     * @return this builder
     */
    public Builder guidanceScale(double scale) {
      return guidance(
          guidance.withScale(ScaleSchedule.constant(Values.finite(scale, "the guidance scale"))));
    }

    /**
     * Sets the listener that is called after each step.
     *
     * @param chosen the listener; called on the thread that generates
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
