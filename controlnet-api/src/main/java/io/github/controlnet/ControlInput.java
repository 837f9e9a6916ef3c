package io.github.controlnet;

import io.github.controlnet.image.Images;
import io.github.controlnet.image.ResizeMode;
import io.github.controlnet.internal.Values;
import io.github.controlnet.model.ControlModel;
import java.awt.image.BufferedImage;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What one control of the pipeline gets in a request: a control map, or a photograph and the name
 * of the annotator that makes the map of it. Immutable: each {@code with} method returns a new
 * value, and images are copied when they are given. Those that it gives out are its own, to be read
 * and not to be changed.
 *
 * <p>Inputs go to the pipeline's controls in order, one for each; a request that uses only some of
 * the controls, or one of them for several inputs, says which with {@link
 * #withModel(ControlModel)}.
 */
public final class ControlInput {
  private final BufferedImage image;
  private final @Nullable String annotator;
  private final Map<String, String> annotatorOptions;
  private final int detectResolution;
  private final ScaleSchedule scale;
  private final double start;
  private final double end;
  private final ControlMode mode;
  private final List<Double> layerWeights;
  private final @Nullable BufferedImage mask;
  private final @Nullable BufferedImage inpaintMask;
  private final ResizeMode resizeMode;
  private final @Nullable ControlModel model;
  private final @Nullable String mapAnnotator;
  private final Map<String, String> mapOptions;

  private ControlInput(Draft draft) {
    this.image = draft.image;
    this.annotator = draft.annotator;
    this.annotatorOptions = Map.copyOf(draft.annotatorOptions);
    this.detectResolution = draft.detectResolution;
    this.scale = draft.scale;
    this.start = Values.between(draft.start, 0, 1, "the control start");
    this.end = Values.between(draft.end, 0, 1, "the control end");
    if (start > end) {
      throw new IllegalArgumentException(
          "The control start %s is after the control end %s; expected start <= end."
              .formatted(start, end));
    }
    this.mode = draft.mode;
    this.layerWeights = List.copyOf(draft.layerWeights);
    this.mask = draft.mask;
    this.inpaintMask = draft.inpaintMask;
    this.resizeMode = draft.resizeMode;
    this.model = draft.model;
    this.mapAnnotator = draft.mapAnnotator;
    this.mapOptions = Map.copyOf(draft.mapOptions);
  }

  /**
   * Uses an image that is a control map already.
   *
   * @param map the map; brought to the size of the generation when it has another
   * @return the input
   * @throws NullPointerException when it is null
   */
  public static ControlInput of(BufferedImage map) {
    return new ControlInput(new Draft(Values.copy(map, "the control image"), null));
  }

  /**
   * Uses a control map that an annotator made before. It is used as {@link #of(BufferedImage)} uses
   * it; the records of the images name the annotator.
   *
   * @param map the map; brought to the size of the generation when it has another
   * @param annotator the name of the annotator that made it
   * @param options the options that the annotator had, as text
   * @return the input
   * @throws NullPointerException when one of them is null
   */
  public static ControlInput mapOf(
      BufferedImage map, String annotator, Map<String, String> options) {
    Draft draft = new Draft(Values.copy(map, "the control image"), null);
    draft.mapAnnotator = Values.nonNull(annotator, "the name of the map's annotator");
    draft.mapOptions = Map.copyOf(Values.nonNull(options, "the options of the map's annotator"));
    return new ControlInput(draft);
  }

  /**
   * Makes the control map of a photograph first.
   *
   * @param photo the photograph
   * @param annotator the annotator's name, such as {@code canny}
   * @return the input
   * @throws NullPointerException when one of them is null
   */
  public static ControlInput annotate(BufferedImage photo, String annotator) {
    return new ControlInput(
        new Draft(
            Values.copy(photo, "the control image"),
            Values.nonNull(annotator, "the annotator's name")));
  }

  /**
   * Makes the map of an inpaint control ({@code control_v11p_sd15_inpaint}): the photograph as RGB
   * / 255, and -1 in all three channels where the mask is above half.
   *
   * @param photo the photograph
   * @param inpaintMask white where the image is to be made anew, black where it stays, taken as
   *     {@link Images#toMask} does; of the photograph's size
   * @return the input
   * @throws IllegalArgumentException when the mask has another size
   * @throws NullPointerException when one of them is null
   * @throws io.github.controlnet.exception.UnreadableImageException when the mask has pixels of a
   *     kind that is not read
   */
  public static ControlInput inpaint(BufferedImage photo, BufferedImage inpaintMask) {
    Draft draft = new Draft(Values.copy(photo, "the control image"), null);
    draft.inpaintMask = Images.toMask(Values.nonNull(inpaintMask, "the inpaint control's mask"));
    if (inpaintMask.getWidth() != photo.getWidth()
        || inpaintMask.getHeight() != photo.getHeight()) {
      throw new IllegalArgumentException(
          "The inpaint control's mask is %d x %d, its photograph %d x %d; expected the same size."
              .formatted(
                  inpaintMask.getWidth(),
                  inpaintMask.getHeight(),
                  photo.getWidth(),
                  photo.getHeight()));
    }
    return new ControlInput(draft);
  }

  /**
   * Takes the control map that was made of the photograph in its place; the records of the pictures
   * go on naming the annotator.
   *
   * @param map the map
   * @return a new input
   */
  public ControlInput withMap(BufferedImage map) {
    Draft draft = new Draft(this);
    draft.image = Values.copy(map, "the control map");
    if (annotator != null) {
      draft.annotator = null;
      draft.annotatorOptions.clear();
      draft.mapAnnotator = annotator;
      draft.mapOptions = annotatorOptions;
    }
    return new ControlInput(draft);
  }

  /**
   * Changes all its images alike, the masks too: to cut the same part out of each, say.
   *
   * @param change makes a new image of one, which it leaves as it is; what it returns is copied
   * @return a new input
   * @throws NullPointerException when the change returns null
   */
  public ControlInput withPictures(UnaryOperator<BufferedImage> change) {
    Draft draft = new Draft(this);
    draft.image = changed(image, change);
    draft.mask = mask == null ? null : changed(mask, change);
    draft.inpaintMask = inpaintMask == null ? null : changed(inpaintMask, change);
    return new ControlInput(draft);
  }

  private static BufferedImage changed(BufferedImage own, UnaryOperator<BufferedImage> change) {
    return Values.copy(change.apply(own), "the changed picture");
  }

  /**
   * Sets the control scale: what the residuals are multiplied with.
   *
   * @param newScale any finite number; 1 is normal, 0 switches the control off
   * @return a new input
   * @throws IllegalArgumentException when it is not finite in float32
   */
  public ControlInput withScale(double newScale) {
    return withScale(ScaleSchedule.constant(Values.finite(newScale, "the control scale")));
  }

  /**
   * Sets a control scale that changes over the steps.
   *
   * @param newScale the scale of each step
   * @return a new input
   * @throws NullPointerException when it is null
   */
  public ControlInput withScale(ScaleSchedule newScale) {
    Draft draft = new Draft(this);
    draft.scale = Values.nonNull(newScale, "the control scale");
    return new ControlInput(draft);
  }

  /**
   * Sets how the control weighs against the prompt.
   *
   * @param newMode the mode; {@link ControlMode#BALANCED} when none is set
   * @return a new input
   * @throws NullPointerException when it is null
   */
  public ControlInput withMode(ControlMode newMode) {
    Draft draft = new Draft(this);
    draft.mode = Values.nonNull(newMode, "the control mode");
    return new ControlInput(draft);
  }

  /**
   * Sets a weight for each residual, which multiplies the scale and the mode's own weight.
   *
   * @param weights finite numbers from the first skip to the middle block: 13 for Stable Diffusion
   *     1.x; {@link ControlNetPipeline#generate} refuses another number than the control has. None
   *     for 1 everywhere
   * @return a new input
   * @throws IllegalArgumentException when one is not finite in float32
   */
  public ControlInput withLayerWeights(double... weights) {
    Draft draft = new Draft(this);
    draft.layerWeights =
        Arrays.stream(Values.nonNull(weights, "the list of layer weights")).boxed().toList();
    draft.layerWeights.forEach(weight -> Values.finite(weight, "a layer weight"));
    return new ControlInput(draft);
  }

  /**
   * Confines the control to a region of the image.
   *
   * @param newMask white where the control acts, black where it does not, grey in between, taken as
   *     {@link Images#toMask} does; of any size. It covers the image: the resize mode brings it
   *     there as it does the map, and without crop or fill its aspect must be the map's or the
   *     image's
   * @return a new input
   * @throws NullPointerException when it is null
   * @throws io.github.controlnet.exception.UnreadableImageException when it has pixels of a kind
   *     that is not read
   */
  public ControlInput withMask(BufferedImage newMask) {
    Draft draft = new Draft(this);
    draft.mask = Images.toMask(Values.nonNull(newMask, "the control mask"));
    return new ControlInput(draft);
  }

  /**
   * Sets the part of the steps in which the control acts, as fractions of the schedule.
   *
   * @param newStart 0 to 1; 0 is the first step
   * @param newEnd {@code newStart} to 1; 1 is after the last step
   * @return a new input
   * @throws IllegalArgumentException when one is outside its range
   */
  public ControlInput withWindow(double newStart, double newEnd) {
    Draft draft = new Draft(this);
    draft.start = newStart;
    draft.end = newEnd;
    return new ControlInput(draft);
  }

  /**
   * Sets how a map of another aspect is brought to the size of the generation.
   *
   * @param mode the mode; {@link ResizeMode#STRETCH} when none is set
   * @return a new input
   * @throws NullPointerException when it is null
   */
  public ControlInput withResizeMode(ResizeMode mode) {
    Draft draft = new Draft(this);
    draft.resizeMode = Values.nonNull(mode, "the resize mode");
    return new ControlInput(draft);
  }

  /**
   * Sets an option of the annotator.
   *
   * @param name its name, such as {@code low}
   * @param value its value as text
   * @return a new input
   * @throws NullPointerException when one of them is null
   */
  public ControlInput withAnnotatorOption(String name, String value) {
    Draft draft = new Draft(this);
    draft.annotatorOptions.put(
        Values.nonNull(name, "the annotator option's name"),
        Values.nonNull(value, "the annotator option's value"));
    return new ControlInput(draft);
  }

  /**
   * Sets the short side, in pixels, of the photograph that the annotator sees.
   *
   * @param shortSide 64 to 8192; the size of the generation when none is set
   * @return a new input
   * @throws IllegalArgumentException when it is outside its range
   */
  public ControlInput withDetectResolution(int shortSide) {
    Draft draft = new Draft(this);
    draft.detectResolution = Values.between(shortSide, 64, 8192, "the detect resolution");
    return new ControlInput(draft);
  }

  /**
   * Says which control of the pipeline this input is for. Several inputs may be for one control: it
   * acts on each, and what it says is added up.
   *
   * @param control one of those that the pipeline was built with
   * @return a new input
   * @throws NullPointerException when it is null
   */
  public ControlInput withModel(ControlModel control) {
    Draft draft = new Draft(this);
    draft.model = Values.nonNull(control, "the control model");
    return new ControlInput(draft);
  }

  /**
   * Returns the image.
   *
   * @return the map, or the photograph when there is an annotator
   */
  public BufferedImage image() {
    return image;
  }

  /**
   * Returns the annotator's name.
   *
   * @return empty when the image is a map already
   */
  public Optional<String> annotator() {
    return Optional.ofNullable(annotator);
  }

  /**
   * Returns the name of the annotator that made the image, where it is a map and that is known.
   *
   * @return as given to {@link #mapOf}
   */
  public Optional<String> mapAnnotator() {
    return Optional.ofNullable(mapAnnotator);
  }

  /**
   * Returns the options that the annotator had which made the image.
   *
   * @return as given to {@link #mapOf}
   */
  public Map<String, String> mapOptions() {
    return mapOptions;
  }

  /**
   * Returns the annotator's options as text.
   *
   * @return those that were set
   */
  public Map<String, String> annotatorOptions() {
    return annotatorOptions;
  }

  /**
   * Returns the short side of the photograph that the annotator sees.
   *
   * @return empty for the size of the generation
   */
  public OptionalInt detectResolution() {
    return detectResolution == 0 ? OptionalInt.empty() : OptionalInt.of(detectResolution);
  }

  /**
   * Returns the control scale.
   *
   * @return the scale of each step
   */
  public ScaleSchedule scale() {
    return scale;
  }

  /**
   * Returns how the control weighs against the prompt.
   *
   * @return the mode
   */
  public ControlMode mode() {
    return mode;
  }

  /**
   * Returns the weights of the residuals.
   *
   * @return from the first skip to the middle block; empty for 1 everywhere
   */
  public List<Double> layerWeights() {
    return layerWeights;
  }

  /**
   * Returns where in the image the control acts.
   *
   * @return white where it does; empty for everywhere
   */
  public Optional<BufferedImage> mask() {
    return Optional.ofNullable(mask);
  }

  /**
   * Returns where an inpaint control's photograph is to be made anew.
   *
   * @return white where it is; empty for every other kind of control
   */
  public Optional<BufferedImage> inpaintMask() {
    return Optional.ofNullable(inpaintMask);
  }

  /**
   * Returns where in the schedule the control begins to act.
   *
   * @return 0 to 1
   */
  public double start() {
    return start;
  }

  /**
   * Returns where in the schedule the control ceases to act.
   *
   * @return {@link #start()} to 1
   */
  public double end() {
    return end;
  }

  /**
   * Returns how a map of another aspect is resized.
   *
   * @return the mode
   */
  public ResizeMode resizeMode() {
    return resizeMode;
  }

  /**
   * Returns the control that this input is for.
   *
   * @return empty when inputs go to controls in order
   */
  public Optional<ControlModel> model() {
    return Optional.ofNullable(model);
  }

  /** The values on their way to a new instance. */
  private static final class Draft {
    private BufferedImage image;
    private @Nullable String annotator;
    private final Map<String, String> annotatorOptions;
    private int detectResolution;
    private ScaleSchedule scale = ScaleSchedule.constant(1);
    private double start;
    private double end = 1;
    private ControlMode mode = ControlMode.BALANCED;
    private List<Double> layerWeights = List.of();
    private @Nullable BufferedImage mask;
    private @Nullable BufferedImage inpaintMask;
    private ResizeMode resizeMode = ResizeMode.STRETCH;
    private @Nullable ControlModel model;
    private @Nullable String mapAnnotator;
    private Map<String, String> mapOptions = Map.of();

    Draft(BufferedImage image, @Nullable String annotator) {
      this.image = image;
      this.annotator = annotator;
      this.annotatorOptions = new LinkedHashMap<>();
    }

    Draft(ControlInput from) {
      this.image = from.image;
      this.annotator = from.annotator;
      this.annotatorOptions = new LinkedHashMap<>(from.annotatorOptions);
      this.detectResolution = from.detectResolution;
      this.scale = from.scale;
      this.start = from.start;
      this.end = from.end;
      this.mode = from.mode;
      this.layerWeights = from.layerWeights;
      this.mask = from.mask;
      this.inpaintMask = from.inpaintMask;
      this.resizeMode = from.resizeMode;
      this.model = from.model;
      this.mapAnnotator = from.mapAnnotator;
      this.mapOptions = from.mapOptions;
    }
  }
}
