package io.github.controlnet.core.request;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.controlnet.ControlInput;
import io.github.controlnet.ControlMode;
import io.github.controlnet.InitImage;
import io.github.controlnet.InpaintMask;
import io.github.controlnet.MaskedContent;
import io.github.controlnet.core.json.JsonFields;
import io.github.controlnet.core.json.JsonValue;
import io.github.controlnet.exception.InvalidRequestException;
import io.github.controlnet.image.ResizeMode;
import java.awt.image.BufferedImage;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/** The parts of a request that are about images: what controls see, and what is started from. */
final class InputCodec {
  /** What an annotator's name says of a picture that is a control map already. */
  private static final String NONE = "none";

  private static final FieldTable<ControlInput> CONTROL =
      new FieldTable<ControlInput>()
          .optional(
              "detectResolution",
              Kind.INTEGER,
              input -> input.detectResolution().stream().boxed().findFirst(),
              ControlInput::withDetectResolution)
          .field("scale", Kind.SCALE, ControlInput::scale, ControlInput::withScale)
          .field(
              "start",
              Kind.NUMBER,
              ControlInput::start,
              (input, start) -> input.withWindow(start, input.end()))
          .field(
              "end",
              Kind.NUMBER,
              ControlInput::end,
              (input, end) -> input.withWindow(input.start(), end))
          .field("mode", Kind.word(ControlMode.class), ControlInput::mode, ControlInput::withMode)
          .field(
              "resizeMode",
              Kind.word(ResizeMode.class),
              ControlInput::resizeMode,
              ControlInput::withResizeMode)
          .optional(
              "layerWeights",
              Kind.NUMBERS,
              input -> Optional.of(input.layerWeights()).filter(weights -> !weights.isEmpty()),
              (input, weights) ->
                  input.withLayerWeights(
                      weights.stream().mapToDouble(Double::doubleValue).toArray()))
          .optional("mask", Kind.MASK, ControlInput::mask, ControlInput::withMask);

  private static final FieldTable<InitImage> INIT =
      new FieldTable<InitImage>()
          .field("strength", Kind.NUMBER, InitImage::strength, InitImage::withStrength)
          .optional(
              "mask",
              Kind.MASK,
              init -> init.mask().map(InpaintMask::image),
              (init, mask) -> init.withMask(InpaintMask.of(mask)))
          .optional(
              "maskBlur",
              Kind.NUMBER,
              ofMask(InpaintMask::blur),
              (init, blur) -> masked(init, mask -> mask.withBlur(blur)))
          .optional(
              "content",
              Kind.word(MaskedContent.class),
              ofMask(InpaintMask::content),
              (init, content) -> masked(init, mask -> mask.withContent(content)))
          .optional(
              "padding",
              Kind.INTEGER,
              init -> init.mask().flatMap(mask -> mask.padding().stream().boxed().findFirst()),
              (init, pixels) -> masked(init, mask -> mask.withOnlyMasked(pixels)));

  private InputCodec() {}

  /** Reads what a control gets. */
  static ControlInput control(JsonValue value, RequestSource source) {
    JsonFields fields = value.object().orElseThrow(() -> value.refused("an object"));
    ControlInput input = CONTROL.read(fields, picture(fields, source), source);
    JsonValue model = fields.get("model");
    Optional<Integer> place = model.integer();
    return place.isEmpty()
        ? input
        : model.within(() -> input.withModel(source.control(place.get())));
  }

  /** A photograph with its annotator, a map, or a photograph with what is to be made anew of it. */
  private static ControlInput picture(JsonFields fields, RequestSource source) {
    BufferedImage image = image(fields, source);
    JsonValue annotator = fields.get("annotator");
    String name = annotator.text().orElse(NONE);
    boolean map = name.isEmpty() || name.equals(NONE);
    Map<String, String> options = texts(fields.get("annotatorOptions"), source);
    if (map && !options.isEmpty()) {
      throw fields.get("annotatorOptions").refused("nothing without an annotator");
    }
    JsonValue earlier = fields.get("mapAnnotator");
    Map<String, String> before = texts(fields.get("mapOptions"), source);
    if (earlier.isEmpty() && !before.isEmpty()) {
      throw fields.get("mapOptions").refused("nothing without mapAnnotator");
    }
    JsonValue holes = fields.get("inpaintMask");
    Optional<BufferedImage> anew = holes.within(() -> Kind.MASK.read(holes, source));
    if (!map || anew.isPresent()) {
      for (JsonValue other : map ? new JsonValue[] {earlier} : new JsonValue[] {earlier, holes}) {
        if (!other.isEmpty()) {
          throw other.refused(
              map ? "nothing beside inpaintMask" : "nothing beside the annotator " + name);
        }
      }
    }
    if (anew.isPresent()) {
      return holes.within(() -> ControlInput.inpaint(image, anew.get()));
    }
    if (map) {
      return earlier.isEmpty()
          ? ControlInput.of(image)
          : ControlInput.mapOf(image, earlier.text().orElse(""), before);
    }
    ControlInput input = ControlInput.annotate(image, name);
    for (Map.Entry<String, String> option : options.entrySet()) {
      input = input.withAnnotatorOption(option.getKey(), option.getValue());
    }
    return input;
  }

  private static Map<String, String> texts(JsonValue value, RequestSource source) {
    return Kind.TEXTS.read(value, source).orElse(Map.of());
  }

  private static BufferedImage image(JsonFields fields, RequestSource source) {
    JsonValue image = fields.get("image");
    return image
        .within(() -> Kind.IMAGE.read(image, source))
        .orElseThrow(() -> image.refused("a picture"));
  }

  static void write(ControlInput input, ObjectNode to, String path, Kind.Writing writing) {
    to.set("image", Kind.IMAGE.write(input.image(), path + "image", writing));
    input
        .inpaintMask()
        .ifPresent(
            holes -> to.set("inpaintMask", Kind.MASK.write(holes, path + "inpaintMask", writing)));
    to.put("annotator", input.annotator().orElse(NONE));
    texts(to, "annotatorOptions", input.annotatorOptions(), writing);
    input.mapAnnotator().ifPresent(name -> to.put("mapAnnotator", name));
    texts(to, "mapOptions", input.mapOptions(), writing);
    input
        .model()
        .ifPresent(model -> writing.sink().place(model).ifPresent(place -> to.put("model", place)));
    CONTROL.write(input, to, path, writing);
  }

  private static void texts(
      ObjectNode to, String name, Map<String, String> texts, Kind.Writing writing) {
    if (!texts.isEmpty()) {
      to.set(name, Kind.TEXTS.write(texts, name, writing));
    }
  }

  /** Reads what is started from. */
  static InitImage init(JsonFields fields, RequestSource source) {
    return INIT.read(fields, InitImage.of(image(fields, source)), source);
  }

  static void write(InitImage init, ObjectNode to, Kind.Writing writing) {
    to.set("image", Kind.IMAGE.write(init.image(), "init.image", writing));
    INIT.write(init, to, "init.", writing);
  }

  private static <V> Function<InitImage, Optional<V>> ofMask(Function<InpaintMask, V> get) {
    return init -> init.mask().map(get);
  }

  private static InitImage masked(InitImage init, UnaryOperator<InpaintMask> change) {
    InpaintMask mask =
        init.mask()
            .orElseThrow(() -> new InvalidRequestException("It needs a mask, and there is none."));
    return init.withMask(change.apply(mask));
  }
}
