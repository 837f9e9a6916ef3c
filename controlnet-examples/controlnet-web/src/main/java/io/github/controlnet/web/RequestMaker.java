package io.github.controlnet.web;

import io.github.controlnet.ControlInput;
import io.github.controlnet.ControlMode;
import io.github.controlnet.GenerationRequest;
import io.github.controlnet.GuessMode;
import io.github.controlnet.InitImage;
import io.github.controlnet.InpaintMask;
import io.github.controlnet.MaskedContent;
import io.github.controlnet.Preset;
import io.github.controlnet.Presets;
import io.github.controlnet.PromptSyntax;
import io.github.controlnet.core.provenance.SamplerNames;
import io.github.controlnet.exception.InvalidRequestException;
import io.github.controlnet.image.Images;
import io.github.controlnet.image.ResizeMode;
import io.github.controlnet.sampler.Sampler;
import io.github.controlnet.web.JobRequest.ControlRequest;
import io.github.controlnet.web.JobRequest.InitRequest;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Turns what clients ask for into requests of the library, within the server's limits. */
@Component
final class RequestMaker {
  /** How many control inputs a request may have, of one control or several. */
  static final int MOST_INPUTS = 10;

  /** What a request may say of the annotator that made a map. */
  private static final int MOST_MAP_LETTERS = 1000;

  private final ServedModel model;
  private final WebProperties limits;
  private final UploadedPictures pictures;
  private final AnnotatorService annotators;

  RequestMaker(
      ServedModel model,
      WebProperties limits,
      UploadedPictures pictures,
      AnnotatorService annotators) {
    this.model = model;
    this.limits = limits;
    this.pictures = pictures;
    this.annotators = annotators;
  }

  /** Makes the request of a page. */
  GenerationRequest.Builder of(JobRequest form) {
    PromptSyntax syntax =
        Boolean.TRUE.equals(form.weighted()) ? PromptSyntax.WEIGHTED : PromptSyntax.LITERAL;
    checkText("prompt", syntax, text -> text.prompt(orElse(form.prompt(), "")));
    checkText("addedPrompt", syntax, text -> text.addedPrompt(orElse(form.addedPrompt(), "")));
    checkText(
        "negativePrompt", syntax, text -> text.negativePrompt(orElse(form.negativePrompt(), "")));
    Optional<Preset> preset = Optional.ofNullable(form.preset()).map(RequestMaker::preset);
    GenerationRequest.Builder request =
        InvalidRequestException.checking(() -> values(form, preset, syntax));
    preset.ifPresent(request::preset);
    UploadedPictures.OfRequest sent = pictures.ofRequest();
    List<Integer> places = new ArrayList<>();
    List<ControlInput> inputs = new ArrayList<>();
    for (ControlRequest control : orElse(form.controls(), List.<ControlRequest>of())) {
      places.add(place(orElse(control.model(), inputs.size())));
      inputs.add(input(control, sent, "the picture of control " + (inputs.size() + 1)));
    }
    assign(request, places, inputs);
    if (form.init() != null && form.init().image() != null) {
      init(request, form.init(), sent);
    }
    size(request, form, inputs);
    return request;
  }

  private GenerationRequest.Builder values(
      JobRequest form, Optional<Preset> preset, PromptSyntax syntax) {
    return GenerationRequest.builder()
        .prompt(orElse(form.prompt(), ""))
        .addedPrompt(orElse(form.addedPrompt(), ""))
        .negativePrompt(orElse(form.negativePrompt(), ""))
        .promptSyntax(syntax)
        .clipSkip(orElse(form.clipSkip(), 1))
        .imagesPerPrompt(images(orElse(form.images(), 1)))
        .steps(steps(orElse(form.steps(), preset.map(Preset::steps).orElse(20))))
        .guidanceScale(orElse(form.guidanceScale(), preset.map(Preset::guidanceScale).orElse(9.0)))
        .seed(orElse(form.seed(), -1L))
        .eta(orElse(form.eta(), preset.map(Preset::eta).orElse(0.0)))
        .scheduler(sampler(form.sampler(), preset))
        .guessMode(Boolean.TRUE.equals(form.guessMode()) ? GuessMode.ORIGINAL : GuessMode.OFF);
  }

  private static Preset preset(String name) {
    try {
      return Presets.named(name);
    } catch (IllegalArgumentException e) {
      throw new FieldException("preset", "preset: %s".formatted(e.getMessage()), e);
    }
  }

  /** The timesteps of a preset are chosen its way with another sampler too. */
  private static Sampler sampler(@Nullable String name, Optional<Preset> preset) {
    if (preset.isEmpty()) {
      return SamplerNames.sampler(orElse(name, "ddim"));
    }
    Sampler own = preset.get().sampler();
    return name == null ? own : SamplerNames.sampler(name).with(own.settings());
  }

  /** Refuses a text that no request may have, by the field that has it. */
  static void checkText(
      String field, PromptSyntax syntax, UnaryOperator<GenerationRequest.Builder> text) {
    try {
      text.apply(GenerationRequest.builder().promptSyntax(syntax)).build();
    } catch (InvalidRequestException | IllegalArgumentException e) {
      throw new FieldException(field, "%s: %s".formatted(field, e.getMessage()), e);
    }
  }

  private void init(
      GenerationRequest.Builder request, InitRequest init, UploadedPictures.OfRequest sent) {
    BufferedImage image = sent.read(String.valueOf(init.image()), "the picture to start from");
    BufferedImage mask =
        init.mask() == null || init.mask().isEmpty()
            ? null
            : sent.readMask(init.mask(), "the mask");
    init(
        request,
        image,
        init.strength(),
        mask,
        orElse(init.maskBlur(), 0.0),
        init.padding(),
        choice(MaskedContent.class, orElse(init.content(), "original")));
  }

  /**
   * Starts from a picture.
   *
   * @param strength null for the usual
   * @param mask of the picture's shape; none for everything
   */
  void init(
      GenerationRequest.Builder request,
      BufferedImage image,
      @Nullable Double strength,
      @Nullable BufferedImage mask,
      double maskBlur,
      @Nullable Integer padding,
      MaskedContent content) {
    request.initImage(
        InvalidRequestException.checking(
            () -> {
              InitImage init = InitImage.of(image);
              if (strength != null) {
                init = init.withStrength(strength);
              }
              if (mask != null) {
                InpaintMask shape = InpaintMask.of(mask).withBlur(maskBlur).withContent(content);
                init = init.withMask(padding == null ? shape : shape.withOnlyMasked(padding));
              }
              return init;
            }));
  }

  private void size(GenerationRequest.Builder request, JobRequest form, List<ControlInput> inputs) {
    if (form.width() != null || form.height() != null) {
      int nativeSize = model.info().nativeSize();
      size(request, orElse(form.width(), nativeSize), orElse(form.height(), nativeSize));
      return;
    }
    int resolution = orElse(form.imageResolution(), model.info().nativeSize());
    if (resolution < 64 || resolution > limits.maxSide()) {
      throw new InvalidRequestException(
          "The image resolution is %d; expected 64 to %d.".formatted(resolution, limits.maxSide()));
    }
    Optional<BufferedImage> first =
        inputs.stream()
            .map(ControlInput::image)
            .findFirst()
            .or(() -> request.build().initImage().map(InitImage::image));
    if (first.isPresent()) {
      // A long strip would be many times larger than its short side says.
      int width = first.get().getWidth();
      int height = first.get().getHeight();
      double longest = (double) resolution * Math.max(width, height) / Math.min(width, height);
      int most = 2 * limits.maxSide();
      if (longest > most) {
        throw new InvalidRequestException(
            "A picture of %d x %d would become one with a side of %.0f pixels; expected an aspect of at most %d:1, and this server makes sides of at most %d. Crop it, or choose a smaller resolution."
                .formatted(width, height, longest, Images.MAX_ASPECT, most));
      }
    }
    InvalidRequestException.checking(() -> request.imageResolution(resolution));
  }

  /** Sets a size within the limits. */
  void size(GenerationRequest.Builder request, int width, int height) {
    if (width > limits.maxSide() || height > limits.maxSide()) {
      throw new InvalidRequestException(
          "The size is %d x %d; this server makes sides of at most %d."
              .formatted(width, height, limits.maxSide()));
    }
    InvalidRequestException.checking(() -> request.size(width, height));
  }

  int images(int count) {
    return within("The number of images", count, limits.maxImages());
  }

  int steps(int count) {
    return within("The number of steps", count, limits.maxSteps());
  }

  private static int within(String what, int value, int most) {
    if (value < 1 || value > most) {
      throw new InvalidRequestException(
          "%s is %d; this server takes 1 to %d.".formatted(what, value, most));
    }
    return value;
  }

  private int place(int index) {
    int count = model.controlNames().size();
    if (index < 0 || index >= count) {
      throw new InvalidRequestException(
          count == 0
              ? "This server has no control; it makes pictures of the prompt alone."
              : "Control model %d is not there; this server has %d, from 0."
                  .formatted(index, count));
    }
    return index;
  }

  /** Gives the inputs to their controls; several may be for one. */
  void assign(GenerationRequest.Builder request, List<Integer> places, List<ControlInput> inputs) {
    if (inputs.size() > MOST_INPUTS) {
      throw new InvalidRequestException(
          "There are %d control inputs; this server takes at most %d. Leave some out."
              .formatted(inputs.size(), MOST_INPUTS));
    }
    for (int i = 0; i < inputs.size(); i++) {
      request.control(inputs.get(i).withModel(model.controls().get(places.get(i))));
    }
  }

  /** A map whose annotator is known, by a record that this server or another one wrote. */
  private static ControlInput map(
      BufferedImage picture, String annotator, Map<String, String> options) {
    int letters = annotator.length();
    for (Map.Entry<String, String> option : options.entrySet()) {
      letters += option.getKey().length() + String.valueOf(option.getValue()).length();
    }
    if (letters > MOST_MAP_LETTERS || options.values().stream().anyMatch(Objects::isNull)) {
      throw new InvalidRequestException(
          "The name and the options of a map's annotator have %d letters; expected at most %d, and a text for each option."
              .formatted(letters, MOST_MAP_LETTERS));
    }
    return InvalidRequestException.checking(() -> ControlInput.mapOf(picture, annotator, options));
  }

  private ControlInput input(ControlRequest control, UploadedPictures.OfRequest sent, String what) {
    if (control.image() == null || control.image().isEmpty()) {
      throw new InvalidRequestException(
          "There is no %s; upload, paste or draw one.".formatted(what.substring(4)));
    }
    BufferedImage picture = sent.read(control.image(), what);
    String annotator = orElse(control.annotator(), "none");
    ControlInput input =
        annotator.equals("none") && control.mapAnnotator() != null
            ? map(picture, control.mapAnnotator(), orElse(control.mapOptions(), Map.of()))
            : input(picture, annotator, orElse(control.annotatorOptions(), Map.of()));
    if (control.detectResolution() != null) {
      input = detected(input, control.detectResolution());
    }
    ControlInput seen = input;
    return InvalidRequestException.checking(
            () ->
                seen.withScale(orElse(control.scale(), 1.0))
                    .withWindow(orElse(control.start(), 0.0), orElse(control.end(), 1.0)))
        .withMode(choice(ControlMode.class, orElse(control.mode(), "balanced")))
        .withResizeMode(choice(ResizeMode.class, orElse(control.resizeMode(), "stretch")));
  }

  /** Sets the short side of the photograph that an annotator sees, within the limits. */
  ControlInput detected(ControlInput input, int resolution) {
    int within = Math.min(AnnotatorService.LARGEST_RESOLUTION, resolution);
    ControlInput detected =
        InvalidRequestException.checking(() -> input.withDetectResolution(within));
    annotators.checkSize(input.image(), within);
    return detected;
  }

  /** Makes an input with an annotator, or none. */
  ControlInput input(BufferedImage picture, String annotator, Map<String, String> options) {
    if (annotator.isEmpty() || annotator.equals("none")) {
      return ControlInput.of(picture);
    }
    ControlInput input = ControlInput.annotate(picture, annotator);
    for (Map.Entry<String, String> option :
        new TreeMap<>(annotators.checked(annotator, options)).entrySet()) {
      input = input.withAnnotatorOption(option.getKey(), option.getValue());
    }
    return input;
  }

  static <E extends Enum<E>> E choice(Class<E> type, String word) {
    return Arrays.stream(type.getEnumConstants())
        .filter(each -> each.name().equalsIgnoreCase(word))
        .findFirst()
        .orElseThrow(
            () ->
                new InvalidRequestException(
                    "\"%s\" is none of: %s.".formatted(word, String.join(", ", words(type)))));
  }

  /** The words for the values of a type. */
  static <E extends Enum<E>> List<String> words(Class<E> type) {
    return Arrays.stream(type.getEnumConstants())
        .map(each -> each.name().toLowerCase(Locale.ROOT))
        .collect(Collectors.toList());
  }

  private static <T> T orElse(@Nullable T value, T other) {
    return value == null ? other : value;
  }
}
