package io.github.controlnet.web;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.controlnet.ControlInput;
import io.github.controlnet.ControlMode;
import io.github.controlnet.GenerationRequest;
import io.github.controlnet.core.json.FieldException;
import io.github.controlnet.core.json.JsonFields;
import io.github.controlnet.core.json.JsonValue;
import io.github.controlnet.core.provenance.WebUiWords;
import io.github.controlnet.exception.InvalidRequestException;
import io.github.controlnet.image.ResizeMode;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.springframework.stereotype.Component;

/**
 * Reads the units of the web UI's ControlNet extension, under the names of all its years: {@code
 * guidance} for {@code guidance_end}, {@code lowvram}, {@code input_image}; one unit in place of a
 * list; a flat list of values.
 */
@Component
final class SdUnits {
  /** By their numbers; {@link WebUiWords} knows the words. */
  private static final Map<String, ResizeMode> RESIZE_MODES =
      Map.of(
          "0", ResizeMode.STRETCH,
          "1", ResizeMode.CROP,
          "2", ResizeMode.FILL,
          // "Just resize (latent upscale)" of the body, which units take over.
          "3", ResizeMode.STRETCH);

  /** By their numbers, and by the short words of the interface. */
  private static final Map<String, ControlMode> MODES =
      Map.of(
          "0", ControlMode.BALANCED,
          "1", ControlMode.PROMPT,
          "prompt", ControlMode.PROMPT,
          "2", ControlMode.CONTROL,
          "control", ControlMode.CONTROL);

  /** A unit's fields in the order in which old clients sent their values alone. */
  private static final List<String> FLAT =
      List.of(
          "enabled",
          "module",
          "model",
          "weight",
          "image",
          "resize_mode",
          "low_vram",
          "processor_res",
          "threshold_a",
          "threshold_b",
          "guidance_start",
          "guidance_end",
          "pixel_perfect",
          "control_mode");

  /** What only the extension's page, its memory or a generation in two passes need. */
  private static final Set<String> WITHOUT_EFFECT =
      Set.of(
          "is_ui",
          "low_vram",
          "lowvram",
          "output_dir",
          "type_filter",
          "pulid_mode",
          "hr_option",
          "generated_image");

  private static final int LEAST_RESOLUTION = 64;

  private final ServedModel model;
  private final RequestMaker requests;

  SdUnits(ServedModel model, RequestMaker requests) {
    this.model = model;
    this.requests = requests;
  }

  /** What units take from the body: the picture of img2img, and whether there is a mask. */
  record Start(Optional<JsonValue> image, boolean masked) {}

  /**
   * Reads units and sets them.
   *
   * @param args a list of units, one unit, or the values of some alone
   */
  void read(
      JsonValue args,
      GenerationRequest.Builder request,
      UploadedPictures.OfRequest sent,
      Start start) {
    List<Integer> places = new ArrayList<>();
    List<ControlInput> inputs = new ArrayList<>();
    for (JsonValue each : units(args)) {
      // Off: the extension looks at nothing else.
      Optional<JsonFields> unit = each.object().filter(SdUnits::isOn);
      if (unit.isPresent()) {
        places.add(place(unit.get().get("model")));
        inputs.add(input(unit.get(), each.path(), sent, start, inputs.size()));
      }
    }
    args.within(
        () -> {
          requests.assign(request, places, inputs);
          return true;
        });
  }

  private static boolean isOn(JsonFields unit) {
    boolean on = unit.get("enabled").flag().orElse(true);
    if (!on) {
      unit.withoutEffect(unit.names());
    }
    return on;
  }

  private static List<JsonValue> units(JsonValue args) {
    if (args.isObject()) {
      return List.of(args);
    }
    List<JsonValue> items = args.items();
    if (items.isEmpty() || items.stream().allMatch(each -> each.isAbsent() || each.isObject())) {
      return items;
    }
    JsonValue first = items.get(0);
    if (!first.node().isBoolean()) {
      throw items.stream()
          .filter(each -> !each.isAbsent() && !each.isObject())
          .findFirst()
          .orElse(first)
          .refused("a unit: an object with model, module, image and so on");
    }
    if (items.size() == 1 && !first.node().booleanValue()) {
      return List.of();
    }
    if (items.size() % FLAT.size() != 0) {
      throw new FieldException(
          args.path(),
          "%s has %d values; expected units as objects, or %d values for each: %s."
              .formatted(args.path(), items.size(), FLAT.size(), String.join(", ", FLAT)),
          null);
    }
    List<JsonValue> units = new ArrayList<>();
    for (int at = 0; at < items.size(); at += FLAT.size()) {
      ObjectNode unit = JsonNodeFactory.instance.objectNode();
      for (int i = 0; i < FLAT.size(); i++) {
        unit.set(FLAT.get(i), items.get(at + i).node());
      }
      units.add(new JsonValue(unit, items.get(at).path(), args.owner()));
    }
    return units;
  }

  /** Finds the control of a name such as {@code control_v11p_sd15_canny [d14c016b]}. */
  private int place(JsonValue value) {
    String name =
        value
            .text()
            .orElse("")
            .replaceFirst("\\s*\\[[0-9a-fA-F]*]$", "")
            .replaceFirst("\\.(safetensors|ckpt|pth|pt|bin)$", "")
            .strip();
    List<String> names = model.controlNames();
    for (int i = 0; i < names.size(); i++) {
      if (names.get(i).equalsIgnoreCase(name)) {
        return i;
      }
    }
    if (value.isAbsent()) {
      throw new FieldException(
          value.path(), "%s is missing; expected %s.".formatted(value.path(), models()), null);
    }
    throw value.refused(models());
  }

  private String models() {
    List<String> names = model.controlNames();
    return names.isEmpty()
        ? "no unit, this server has no control"
        : "one of: " + String.join(", ", names);
  }

  private ControlInput input(
      JsonFields unit, String path, UploadedPictures.OfRequest sent, Start start, int number) {
    String what = "control unit " + number;
    refuse(unit, start.masked());
    ModuleNames.Module module = ModuleNames.read(unit.get("module"));
    JsonValue image = picture(unit, start, path, sent, what);
    BufferedImage picture =
        image.within(() -> sent.read(image.text().orElse(""), "the picture of " + what));
    Map<String, String> options = new HashMap<>(module.options());
    options.putAll(
        Thresholds.of(module.annotator(), unit.get("threshold_a"), unit.get("threshold_b")));
    ControlInput input =
        unit.get("module").within(() -> requests.input(picture, module.annotator(), options));
    JsonValue resolution = unit.get("processor_res");
    Optional<Integer> shortSide = resolution(resolution);
    if (!unit.get("pixel_perfect").flag().orElse(false) && shortSide.isPresent()) {
      ControlInput whole = input;
      input =
          module.isNone()
              ? input
              : resolution.within(() -> requests.detected(whole, shortSide.get()));
    }
    JsonValue region = unit.get("effective_region_mask");
    if (!region.isEmpty()) {
      BufferedImage mask =
          region.within(
              () -> sent.readMask(region.text().orElse(""), "the region mask of " + what));
      input = input.withMask(mask);
    }
    ControlInput plain = input;
    JsonValue weight = unit.get("weight");
    ControlInput scaled =
        weight.within(
            () ->
                InvalidRequestException.checking(
                    () -> plain.withScale(weight.number().orElse(1.0))));
    return windowed(unit, scaled)
        .withMode(mode(unit.get("control_mode")))
        .withResizeMode(resizeMode(unit.get("resize_mode")));
  }

  private static ControlInput windowed(JsonFields unit, ControlInput input) {
    JsonValue end = unit.get("guidance_end");
    JsonValue guidance = unit.get("guidance");
    double last = end.number().orElse(guidance.number().orElse(1.0));
    double old = guidance.number().orElse(last);
    // Clients of the years between sent both, the old one as it is by itself.
    if (old != last && old != 1) {
      throw guidance.refused("nothing beside guidance_end, or the same");
    }
    double first = unit.get("guidance_start").number().orElse(0.0);
    JsonValue named = end.isAbsent() && !guidance.isAbsent() ? guidance : end;
    JsonValue place = named.isAbsent() ? unit.get("guidance_start") : named;
    if (first < 0 || first > 1) {
      throw unit.get("guidance_start").refused("0 to 1");
    }
    if (last < first || last > 1) {
      throw place.refused("guidance_start to 1, with guidance_start as %s".formatted(first));
    }
    return InvalidRequestException.checking(() -> input.withWindow(first, last));
  }

  /** What would change the picture and is not here. */
  private static void refuse(JsonFields unit, boolean masked) {
    unit.withoutEffect(WITHOUT_EFFECT);
    for (String name : List.of("guessmode", "guess_mode")) {
      JsonValue guess = unit.get(name);
      if (guess.flag().orElse(false)) {
        throw guess.refused("control_mode \"ControlNet is more important\" in its place");
      }
    }
    for (String name :
        List.of("loopback", "animatediff_batch", "use_preview_as_input", "invert_image")) {
      JsonValue flag = unit.get(name);
      if (flag.flag().orElse(false)) {
        throw flag.notHere();
      }
    }
    JsonValue maps = unit.get("save_detected_map");
    if (!maps.flag().orElse(true)) {
      throw maps.refused("true: the maps follow the pictures");
    }
    JsonValue crop = unit.get("inpaint_crop_input_image");
    if (!crop.flag().orElse(true) && masked) {
      throw crop.notHere();
    }
    for (String name :
        List.of(
            "batch_images",
            "batch_image_dir",
            "batch_image_files",
            "batch_input_gallery",
            "batch_keyframe_idx",
            "batch_mask_gallery",
            "batch_mask_dir",
            "batch_modifiers",
            "advanced_weighting",
            "ipadapter_input")) {
      JsonValue value = unit.get(name);
      if (!value.isEmpty()) {
        throw value.notHere();
      }
    }
    neutral(unit.get("input_mode"), "simple", "InputMode.SIMPLE");
    neutral(unit.get("union_control_type"), "Unknown", "ControlNetUnionControlType.UNKNOWN");
  }

  private static void neutral(JsonValue value, String... words) {
    if (!value.isEmpty()
        && List.of(words).stream()
            .noneMatch(each -> each.equalsIgnoreCase(value.node().asText()))) {
      throw value.refused("\"%s\"".formatted(words[0]));
    }
  }

  /** Below 64 there is none: -1 and 0 say that the usual is wanted. */
  private static Optional<Integer> resolution(JsonValue value) {
    // The extension's page sends 0.5 where there is none.
    if (value.number().filter(number -> number < 1).isPresent()) {
      return Optional.empty();
    }
    Optional<Integer> resolution = value.integer();
    if (resolution
        .filter(side -> side < LEAST_RESOLUTION || side > AnnotatorService.LARGEST_RESOLUTION)
        .isPresent()) {
      throw value.refused(
          "%d to %d, or -1 for the usual"
              .formatted(LEAST_RESOLUTION, AnnotatorService.LARGEST_RESOLUTION));
    }
    return resolution;
  }

  /** Finds a unit's picture, else that of the body. */
  private static JsonValue picture(
      JsonFields unit, Start start, String path, UploadedPictures.OfRequest sent, String what) {
    for (String name : List.of("mask", "mask_image", "mask_image_fg", "image_fg")) {
      black(unit.get(name), sent, what);
    }
    JsonValue image = unit.get("image");
    JsonValue old = unit.get("input_image");
    if (!image.isEmpty() && !old.isEmpty() && !image.node().equals(old.node())) {
      throw old.refused("nothing beside image, or the same");
    }
    for (JsonValue place : List.of(image, old)) {
      if (!place.isEmpty()) {
        return alone(place, sent, what);
      }
    }
    return start
        .image()
        .orElseThrow(
            () ->
                new FieldException(
                    path + ".image",
                    "%s.image: There is no picture for %s; expected one in base64."
                        .formatted(path, what),
                    null));
  }

  /** A picture by itself, or with a mask: as an object or as a list of two. */
  private static JsonValue alone(JsonValue place, UploadedPictures.OfRequest sent, String what) {
    if (place.isList()) {
      List<JsonValue> items = place.items();
      if (items.get(0).isObject()) {
        if (items.size() > 1) {
          throw items.get(1).refused("one picture for a unit");
        }
        return alone(items.get(0), sent, what);
      }
      for (int i = 2; i < items.size(); i++) {
        throw items.get(i).refused("one picture for a unit, and its mask");
      }
      if (items.size() > 1) {
        black(items.get(1), sent, what);
      }
      return items.get(0);
    }
    if (place.isObject()) {
      JsonFields both = place.object().orElseThrow();
      black(both.get("mask"), sent, what);
      return both.get("image");
    }
    return place;
  }

  /** The brightest level of a mask that the extension takes as black. */
  private static final int BLACK = 5;

  /** The extension draws with a mask that is not black; its page always sends a black one. */
  private static void black(JsonValue mask, UploadedPictures.OfRequest sent, String what) {
    if (mask.isEmpty()) {
      return;
    }
    BufferedImage picture =
        mask.within(() -> sent.readMask(mask.text().orElse(""), "the mask of " + what));
    for (int y = 0; y < picture.getHeight(); y++) {
      for (int x = 0; x < picture.getWidth(); x++) {
        if ((picture.getRGB(x, y) & 255) > BLACK) {
          throw new FieldException(
              mask.path(),
              "%s is a mask that is not black, which this server does not have; effective_region_mask confines a unit."
                  .formatted(mask.path()),
              null);
        }
      }
    }
  }

  private static ControlMode mode(JsonValue value) {
    return choice(value, MODES, WebUiWords::controlMode, ControlMode.BALANCED)
        .orElseThrow(
            () ->
                value.refused(
                    "0 (Balanced), 1 (My prompt is more important) or 2 (ControlNet is more important)"));
  }

  private static ResizeMode resizeMode(JsonValue value) {
    return choice(value, RESIZE_MODES, WebUiWords::resizeMode, ResizeMode.CROP)
        .orElseThrow(
            () -> value.refused("0 (Just Resize), 1 (Crop and Resize) or 2 (Resize and Fill)"));
  }

  private static <E> Optional<E> choice(
      JsonValue value, Map<String, E> known, Function<String, Optional<E>> words, E usual) {
    if (value.isEmpty()) {
      return Optional.of(usual);
    }
    JsonNode node = value.node();
    String word =
        node.isIntegralNumber() || node.isTextual()
            ? node.asText().strip().toLowerCase(Locale.ROOT)
            : "";
    return Optional.ofNullable(known.get(word)).or(() -> words.apply(word));
  }
}
