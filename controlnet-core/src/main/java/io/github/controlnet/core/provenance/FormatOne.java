package io.github.controlnet.core.provenance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.controlnet.exception.InvalidRequestException;
import java.util.List;

/**
 * Records of the first format: the settings as they were resolved, beside what tells of models and
 * environment. It is kept as it was, so that pictures made then can be made again for ever.
 */
final class FormatOne {
  static final int FORMAT = 1;

  /** What is about the record, not about the request. */
  private static final List<String> ASIDE =
      List.of("image", "precision", "models", "environment", "versions");

  private static final List<String> SIZES = List.of("width", "height", "imageResolution");

  private FormatOne() {}

  /** Brings a record to the form of today; what is not known stays, to be named by its reader. */
  static ObjectNode upgraded(ObjectNode old) {
    ObjectNode record = JsonNodeFactory.instance.objectNode();
    record.put("format", PictureRecord.FORMAT);
    for (String name : ASIDE) {
      move(old, name, record, name);
    }
    record.set("request", request(old));
    return record;
  }

  private static ObjectNode request(ObjectNode request) {
    request.remove("format");
    for (String name :
        List.of("prompts", "seeds", "imagesPerPrompt", "width", "height", "steps", "sampler")) {
      required(request, name);
    }
    required(required(request, "guidance"), "scale");
    move(request, "imagesPerPrompt", request, "images");
    seeds(request);
    if (request.hasNonNull("promptEmbeddings")) {
      ObjectNode pair = JsonNodeFactory.instance.objectNode();
      required(request, "negativeEmbeddings");
      move(request, "promptEmbeddings", pair, "positive");
      move(request, "negativeEmbeddings", pair, "negative");
      request.set("promptEmbeddings", pair);
    }
    if (request.path("init") instanceof ObjectNode init) {
      required(init, "image");
      required(init, "strength");
      // What was asked for, in place of what came of it.
      request.remove(SIZES);
      SIZES.forEach(name -> move(init, name, request, name));
      move(init, "maskedContent", init, "content");
    }
    for (JsonNode control : request.path("controls")) {
      if (control instanceof ObjectNode object) {
        control(object);
      }
    }
    return request;
  }

  private static void seeds(ObjectNode request) {
    JsonNode seeds = required(request, "seeds");
    boolean each = request.path("seedPerImage").asBoolean();
    if (!seeds.isArray() || seeds.isEmpty()) {
      throw new InvalidRequestException("its list of seeds is empty");
    }
    request.set("seed", each ? seeds : seeds.get(0));
    request.remove(List.of("seeds", "seedPerImage"));
  }

  /** The map stood beside the picture of which it was made, where that was needed. */
  private static void control(ObjectNode control) {
    required(control, "scale");
    if (!(required(control, "layerWeights") instanceof ArrayNode)) {
      throw new InvalidRequestException("its layer weights are no list");
    }
    boolean made = !control.hasNonNull("image") || control.path("annotatedBefore").asBoolean();
    if (!control.hasNonNull("image")) {
      move(control, "map", control, "image");
    }
    control.remove(List.of("map", "annotatedBefore"));
    move(control, "holes", control, "inpaintMask");
    boolean none = control.path("annotator").asText("none").equals("none");
    if (control.hasNonNull("inpaintMask") || none) {
      control.remove(List.of("annotator", "annotatorOptions"));
    } else if (made) {
      move(control, "annotator", control, "mapAnnotator");
      move(control, "annotatorOptions", control, "mapOptions");
    }
  }

  private static JsonNode required(JsonNode object, String name) {
    if (!object.hasNonNull(name)) {
      throw new InvalidRequestException("it lacks \"%s\"".formatted(name));
    }
    return object.path(name);
  }

  private static void move(ObjectNode from, String name, ObjectNode to, String newName) {
    JsonNode value = from.remove(name);
    if (value != null) {
      to.set(newName, value);
    }
  }
}
