package io.github.controlnet.web;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.controlnet.ControlInput;
import io.github.controlnet.GenerationRequest;
import io.github.controlnet.InitImage;
import io.github.controlnet.InpaintMask;
import io.github.controlnet.MaskedContent;
import io.github.controlnet.Output;
import io.github.controlnet.PromptSyntax;
import io.github.controlnet.core.json.FieldException;
import io.github.controlnet.core.json.JsonFields;
import io.github.controlnet.core.json.JsonValue;
import io.github.controlnet.core.request.RequestCodec;
import io.github.controlnet.core.request.RequestSource;
import io.github.controlnet.exception.InvalidRequestException;
import io.github.controlnet.image.Images;
import io.github.controlnet.model.ControlModel;
import io.github.controlnet.model.LoraFolder;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
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
  private final ServedLoras loras;

  RequestMaker(
      ServedModel model,
      WebProperties limits,
      UploadedPictures pictures,
      AnnotatorService annotators,
      ServedLoras loras) {
    this.model = model;
    this.limits = limits;
    this.pictures = pictures;
    this.annotators = annotators;
    this.loras = loras;
  }

  /**
   * Makes the request of a page.
   *
   * @throws FieldException when a field is not as it should be, or beyond what this server takes
   */
  GenerationRequest.Builder of(JsonNode payload) {
    JsonFields form = JsonFields.of(payload);
    UploadedPictures.OfRequest sent = pictures.ofRequest();
    GenerationRequest request =
        RequestCodec.read(
                form,
                new RequestSource() {
                  @Override
                  public BufferedImage image(String reference) {
                    return sent.read(reference, "the picture");
                  }

                  @Override
                  public BufferedImage mask(String reference) {
                    return sent.readMask(reference, "the mask");
                  }

                  @Override
                  public Optional<LoraFolder> loraFolder() {
                    return loras.folder();
                  }

                  @Override
                  public ControlModel control(int place) {
                    return model.controls().get(place(place));
                  }
                })
            .build();
    form.finish();
    form.get("images").within(() -> images(request.imageCount()));
    form.get("steps").within(() -> steps(request.sampling().steps()));
    List<ControlInput> inputs = new ArrayList<>();
    List<JsonValue> controls = form.get("controls").items();
    for (JsonValue control : controls) {
      int index = inputs.size();
      ControlInput input = request.controls().list().get(index);
      inputs.add(limited(input, index, control.object().orElseThrow()));
    }
    form.get("controls").within(() -> count(inputs.size()));
    checkSize(request, form);
    return request.toBuilder().controls(request.controls().withList(inputs));
  }

  /** A control's input within the limits, which says which control it is for. */
  private ControlInput limited(ControlInput input, int index, JsonFields control) {
    ControlInput limited = input;
    if (input.annotator().isPresent()) {
      String name = input.annotator().get();
      JsonValue options = control.get("annotatorOptions");
      limited =
          (options.isAbsent() ? control.get("annotator") : options)
              .within(() -> withOptions(input, name, input.annotatorOptions()));
    }
    control.get("mapAnnotator").within(() -> checkMap(input));
    if (input.detectResolution().isPresent()) {
      ControlInput seen = limited;
      int resolution = input.detectResolution().getAsInt();
      limited = control.get("detectResolution").within(() -> detected(seen, resolution));
    }
    return limited.model().isPresent()
        ? limited
        : limited.withModel(model.controls().get(control.get("model").within(() -> place(index))));
  }

  /** Begins a request whose prompts may name the server's LoRAs. */
  GenerationRequest.Builder begin() {
    GenerationRequest.Builder request = GenerationRequest.builder();
    loras.folder().ifPresent(request::loraFolder);
    return request;
  }

  /** Refuses a text that no request may have, by the field that has it. */
  void checkText(String field, PromptSyntax syntax, UnaryOperator<GenerationRequest.Builder> text) {
    try {
      text.apply(begin().promptSyntax(syntax)).build();
    } catch (InvalidRequestException | IllegalArgumentException e) {
      throw new FieldException(field, "%s: %s".formatted(field, e.getMessage()), e);
    }
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

  /** Refuses what would become larger than this server makes it. */
  private void checkSize(GenerationRequest request, JsonFields form) {
    Output output = request.output();
    output.width().ifPresent(side -> form.get("width").within(() -> side("The width", side)));
    output.height().ifPresent(side -> form.get("height").within(() -> side("The height", side)));
    output
        .resolution()
        .ifPresent(
            side -> form.get("imageResolution").within(() -> side("The image resolution", side)));
    Optional<BufferedImage> start = request.initImage().map(InitImage::image);
    Optional<BufferedImage> picture =
        start.or(() -> request.controls().list().stream().map(ControlInput::image).findFirst());
    if (picture.isEmpty() || (output.width().isPresent() && output.height().isPresent())) {
      return;
    }
    // A long strip would be many times larger than its short side says.
    int width = picture.get().getWidth();
    int height = picture.get().getHeight();
    int shorter = Math.min(width, height);
    double scale = start.isPresent() ? 1 : (double) model.info().nativeSize() / shorter;
    if (output.width().isPresent()) {
      scale = (double) output.width().getAsInt() / width;
    } else if (output.height().isPresent()) {
      scale = (double) output.height().getAsInt() / height;
    } else if (output.resolution().isPresent()) {
      scale = (double) output.resolution().getAsInt() / shorter;
    }
    double longest = scale * Math.max(width, height);
    int most = 2 * limits.maxSide();
    if (longest > most) {
      String path = start.isPresent() ? "init.image" : "controls[0].image";
      throw new FieldException(
          path,
          "%s: a picture of %d x %d would become one with a side of %.0f pixels; expected an aspect of at most %d:1, and this server makes sides of at most %d. Crop it, or choose a smaller resolution."
              .formatted(path, width, height, longest, Images.MAX_ASPECT, most),
          null);
    }
  }

  private int side(String what, int pixels) {
    if (pixels > limits.maxSide()) {
      throw new InvalidRequestException(
          "%s is %d; this server makes sides of at most %d."
              .formatted(what, pixels, limits.maxSide()));
    }
    return pixels;
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
    count(inputs.size());
    for (int i = 0; i < inputs.size(); i++) {
      request.control(inputs.get(i).withModel(model.controls().get(places.get(i))));
    }
  }

  private static int count(int inputs) {
    if (inputs > MOST_INPUTS) {
      throw new InvalidRequestException(
          "There are %d control inputs; this server takes at most %d. Leave some out."
              .formatted(inputs, MOST_INPUTS));
    }
    return inputs;
  }

  /** A map whose annotator is known, by a record that this server or another one wrote. */
  private static ControlInput checkMap(ControlInput input) {
    int letters = input.mapAnnotator().map(String::length).orElse(0);
    for (Map.Entry<String, String> option : input.mapOptions().entrySet()) {
      letters += option.getKey().length() + option.getValue().length();
    }
    if (letters > MOST_MAP_LETTERS) {
      throw new InvalidRequestException(
          "The name and the options of a map's annotator have %d letters; expected at most %d."
              .formatted(letters, MOST_MAP_LETTERS));
    }
    return input;
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
    return withOptions(ControlInput.annotate(picture, annotator), annotator, options);
  }

  private ControlInput withOptions(
      ControlInput photograph, String annotator, Map<String, String> options) {
    ControlInput input = photograph;
    for (Map.Entry<String, String> option :
        new TreeMap<>(annotators.checked(annotator, options)).entrySet()) {
      input = input.withAnnotatorOption(option.getKey(), option.getValue());
    }
    return input;
  }
}
