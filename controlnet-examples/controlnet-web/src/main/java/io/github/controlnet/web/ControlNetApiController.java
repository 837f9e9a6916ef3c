package io.github.controlnet.web;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.controlnet.Annotators;
import io.github.controlnet.annotator.Annotation;
import io.github.controlnet.annotator.AnnotatorOption;
import io.github.controlnet.core.json.FieldException;
import io.github.controlnet.core.json.JsonFields;
import io.github.controlnet.core.json.JsonValue;
import io.github.controlnet.core.pose.PoseJson;
import io.github.controlnet.core.provenance.PngText;
import io.github.controlnet.exception.InvalidRequestException;
import io.github.controlnet.spi.AnnotatorProvider;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** The interface of the web UI's ControlNet extension. */
@RestController
@RequestMapping("/controlnet")
@Tag(name = "Web UI ControlNet", description = "The interface of the web UI's ControlNet extension")
final class ControlNetApiController {
  /** The version of the extension's interface that this one is like. */
  private static final int VERSION = 3;

  private static final List<String> KEYPOINTS =
      List.of(
          "pose_keypoints_2d",
          "face_keypoints_2d",
          "hand_left_keypoints_2d",
          "hand_right_keypoints_2d");

  private final ServedModel model;
  private final AnnotatorService annotators;
  private final UploadedPictures pictures;
  private final SdApiController generations;

  ControlNetApiController(
      ServedModel model,
      AnnotatorService annotators,
      UploadedPictures pictures,
      SdApiController generations) {
    this.model = model;
    this.annotators = annotators;
    this.pictures = pictures;
    this.generations = generations;
  }

  @PostMapping("/txt2img")
  @Operation(summary = "As /sdapi/v1/txt2img, under the address of the extension's first versions")
  CompletableFuture<JsonNode> textToImage(@RequestBody JsonNode payload) {
    return generations.textToImage(payload);
  }

  @PostMapping("/img2img")
  @Operation(summary = "As /sdapi/v1/img2img, under the address of the extension's first versions")
  CompletableFuture<JsonNode> imageToImage(@RequestBody JsonNode payload) {
    return generations.imageToImage(payload);
  }

  @GetMapping("/version")
  @Operation(summary = "Tell the version of the interface")
  Map<String, Integer> version() {
    return Map.of("version", VERSION);
  }

  @GetMapping("/settings")
  @Operation(summary = "Tell how many units a request may have")
  Map<String, Integer> settings() {
    return Map.of("control_net_unit_count", RequestMaker.MOST_INPUTS);
  }

  @GetMapping("/model_list")
  @Operation(summary = "List the control models")
  Map<String, List<String>> models() {
    return Map.of("model_list", model.controlNames());
  }

  @GetMapping("/module_list")
  @Operation(summary = "List the annotators, with what their thresholds mean")
  Map<String, Object> modules() {
    Map<String, Object> details = new LinkedHashMap<>();
    List<String> names = new ArrayList<>(List.of("none"));
    details.put("none", detail(List.of()));
    for (AnnotatorProvider provider : Annotators.all()) {
      names.add(provider.name());
      details.put(provider.name(), detail(Thresholds.numbers(provider.name())));
    }
    return Map.of("module_list", names, "module_detail", details);
  }

  private static Map<String, Object> detail(List<AnnotatorOption> thresholds) {
    List<Map<String, Object>> sliders = new ArrayList<>();
    sliders.add(Map.of("name", "Preprocessor Resolution", "value", 512, "min", 64, "max", 2048));
    for (AnnotatorOption option : thresholds) {
      sliders.add(
          Map.of(
              "name",
              option.description(),
              "value",
              Double.valueOf(option.defaultValue()),
              "min",
              option.minimum(),
              "max",
              option.maximum()));
    }
    return Map.of("model_free", false, "sliders", sliders);
  }

  @GetMapping("/control_types")
  @Operation(summary = "List kinds of control with the annotators and models of each")
  Map<String, Object> types() {
    List<String> modules = new ArrayList<>(List.of("none"));
    Annotators.all().forEach(provider -> modules.add(provider.name()));
    Map<String, Object> types = new LinkedHashMap<>();
    types.put("All", type(modules, model.controlNames(), "none"));
    Set<String> kinds = new TreeSet<>();
    modules.stream().skip(1).forEach(module -> kinds.add(kind(module)));
    for (String kind : kinds) {
      List<String> own = modules.stream().filter(module -> kind(module).equals(kind)).toList();
      List<String> models =
          model.controlNames().stream()
              .filter(name -> name.toLowerCase(Locale.ROOT).contains(kind))
              .toList();
      List<String> choices = new ArrayList<>(List.of("none"));
      choices.addAll(own);
      String title = Character.toUpperCase(kind.charAt(0)) + kind.substring(1);
      types.put(title, type(choices, models, own.get(0)));
    }
    return Map.of("control_types", types);
  }

  /** The first word of an annotator's name. */
  private static String kind(String module) {
    int end = module.indexOf('_');
    return end < 0 ? module : module.substring(0, end);
  }

  private static Map<String, Object> type(List<String> modules, List<String> models, String usual) {
    List<String> choices = new ArrayList<>(List.of("None"));
    choices.addAll(models);
    return Map.of(
        "module_list",
        modules,
        "model_list",
        choices,
        "default_option",
        usual,
        "default_model",
        models.isEmpty() ? "None" : models.get(0));
  }

  @PostMapping("/detect")
  @Operation(
      summary = "Make control maps of pictures",
      description =
          "As the web UI's extension; controlnet_options, an object, sets options of the annotator by their names.")
  Map<String, Object> detect(@RequestBody JsonNode payload) {
    JsonFields body = JsonFields.of(payload);
    JsonValue named = body.get("controlnet_module");
    ModuleNames.Module module = ModuleNames.read(named);
    Map<String, String> options = new HashMap<>(module.options());
    options.putAll(
        Thresholds.of(
            module.annotator(),
            body.get("controlnet_threshold_a"),
            body.get("controlnet_threshold_b")));
    options.putAll(options(body.get("controlnet_options")));
    int resolution = resolution(body.get("controlnet_processor_res"));
    List<JsonValue> images = images(body);
    body.get("low_vram").flag();
    JsonValue masks = body.get("controlnet_masks");
    if (masks.items().stream().anyMatch(mask -> !mask.isEmpty())) {
      throw masks.notHere();
    }
    body.finish();
    List<String> maps = new ArrayList<>();
    List<Map<String, Object>> poses = new ArrayList<>();
    try (AnnotatorService.Place place = annotators.place()) {
      UploadedPictures.OfRequest sent = pictures.ofRequest();
      for (JsonValue image : images) {
        BufferedImage picture =
            image.within(() -> sent.read(image.text().orElse(""), "the picture"));
        Annotation annotation =
            named.within(() -> place.annotate(picture, module.annotator(), options, resolution));
        maps.add(base64(annotation.map()));
        annotation.poses().map(PoseJson::tree).ifPresent(poses::add);
      }
    }
    Map<String, Object> reply = new LinkedHashMap<>();
    reply.put("images", maps);
    reply.put("info", "Success");
    if (!poses.isEmpty()) {
      reply.put("poses", poses);
    }
    return reply;
  }

  /** The pictures, in the field of today or that of before. */
  private static List<JsonValue> images(JsonFields body) {
    JsonValue today = body.get("controlnet_input_images");
    JsonValue before = body.get("controlnet_images");
    if (!today.isEmpty() && !before.isEmpty()) {
      throw before.refused("nothing beside controlnet_input_images");
    }
    JsonValue images = today.isEmpty() ? before : today;
    if (images.isEmpty()) {
      throw new FieldException(
          today.path(),
          "There is no picture; expected controlnet_input_images, a list of pictures in base64.",
          null);
    }
    return images.items();
  }

  private static int resolution(JsonValue value) {
    int usual = 512;
    if (value.number().orElse(0.0) < 1) {
      return usual;
    }
    return value.integer().orElse(usual);
  }

  /** An annotator's options by their names: texts, numbers and flags. */
  static Map<String, String> options(JsonValue value) {
    Map<String, String> options = new LinkedHashMap<>();
    value
        .object()
        .ifPresent(
            fields -> {
              for (String name : fields.names()) {
                JsonValue option = fields.get(name);
                if (!option.node().isValueNode() || option.isAbsent()) {
                  throw option.refused("a text, a number, true or false");
                }
                options.put(name, option.node().asText());
              }
            });
    return options;
  }

  private static String base64(BufferedImage map) {
    return Base64.getEncoder().encodeToString(PngText.encode(map, Map.of()));
  }

  /** Refuses what of a pose nobody draws; its values are checked where they are read. */
  private static void checkPose(JsonNode pose, String path) {
    if (!pose.isObject()) {
      return;
    }
    JsonFields fields = new JsonFields(pose, path);
    fields.withoutEffect(List.of("canvas_width", "canvas_height", "version"));
    empty(fields.get("animals"));
    JsonValue people = fields.get("people");
    if (people.isList()) {
      for (JsonValue person : people.items()) {
        if (person.isObject()) {
          JsonFields parts = person.object().orElseThrow();
          parts.withoutEffect(KEYPOINTS);
          parts.withoutEffect(List.of("person_id"));
          // OpenPose always writes these, and here they are empty.
          KEYPOINTS.forEach(name -> empty(parts.get(name.replace("2d", "3d"))));
        }
      }
    }
    fields.finish();
  }

  private static void empty(JsonValue value) {
    if (!value.isEmpty()) {
      throw value.notHere();
    }
  }

  @PostMapping("/render_openpose_json")
  @Operation(summary = "Draw poses, each OpenPose's JSON, as control maps")
  Map<String, Object> render(@RequestBody JsonNode payload) {
    if (!payload.isArray() || payload.isEmpty()) {
      throw new InvalidRequestException(
          "There are no poses; expected a list of objects with people, canvas_width and canvas_height.");
    }
    for (int i = 0; i < payload.size(); i++) {
      checkPose(payload.get(i), "[%d]".formatted(i));
    }
    List<String> maps = new ArrayList<>();
    try (AnnotatorService.Place place = annotators.place()) {
      for (JsonNode pose : payload) {
        maps.add(base64(place.draw(PoseJson.read(pose))));
      }
    }
    return Map.of("images", maps, "info", "Success");
  }
}
