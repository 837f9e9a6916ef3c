package io.github.controlnet.core.provenance;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.controlnet.GenerationRequest;
import io.github.controlnet.core.json.JsonFields;
import io.github.controlnet.core.json.JsonValue;
import io.github.controlnet.core.provenance.Recipe.Draft;
import io.github.controlnet.core.provenance.Recipe.Model;
import io.github.controlnet.core.provenance.Recipe.Origin;
import io.github.controlnet.core.request.RequestCodec;
import io.github.controlnet.engine.Precision;
import io.github.controlnet.exception.InvalidRequestException;
import io.github.controlnet.exception.UnreadableImageException;
import java.util.Map;
import java.util.TreeMap;

/** Reads what {@link PictureRecord} wrote, now or before; what it does not know is named. */
final class RecordReader {
  private static final ObjectMapper JSON = new ObjectMapper();

  private RecordReader() {}

  static Recipe read(String record, RecordedPictures pictures) {
    try {
      return read(current(JSON.readTree(record)), pictures);
    } catch (JsonProcessingException
        | IllegalArgumentException
        | InvalidRequestException
        | UnreadableImageException e) {
      throw new InvalidRequestException(
          "The record in the picture is damaged or not usable (%s); the picture cannot be made again from it."
              .formatted(reason(e)),
          e);
    }
  }

  /** Jackson's messages go on with where they were. */
  private static String reason(Exception e) {
    return e instanceof JsonProcessingException json
        ? json.getOriginalMessage()
        : String.valueOf(e.getMessage()).replaceFirst("\\.$", "");
  }

  /** Brings a record to the form of today. */
  private static JsonNode current(JsonNode record) {
    int format = record.path("format").asInt();
    if (format == FormatOne.FORMAT && record instanceof ObjectNode object) {
      return FormatOne.upgraded(object);
    }
    if (format != PictureRecord.FORMAT) {
      throw new InvalidRequestException(
          "its format is %d, expected at most %d; a newer version of this library wrote it"
              .formatted(format, PictureRecord.FORMAT));
    }
    return record;
  }

  private static Recipe read(JsonNode record, RecordedPictures pictures) {
    Draft draft = new Draft(Origin.CONTROLNET_JAVA);
    JsonFields root = JsonFields.of(record);
    root.get("format");
    JsonValue request = root.get("request");
    if (!request.isObject()) {
      throw request.refused("the request");
    }
    // Its fields are named as in any request.
    JsonFields fields = new JsonFields(request.node(), "");
    GenerationRequest.Builder builder = RequestCodec.read(fields, pictures);
    int images = builder.build().imageCount();
    int image = root.get("image").integer().orElse(0);
    if (image < 0 || image >= images) {
      throw new InvalidRequestException("it is for picture %d of its batch".formatted(image));
    }
    draft.request(builder);
    draft.image(image);
    root.get("engine").text().ifPresent(draft::engine);
    draft.precision(root.get("precision").word(Precision.class).orElse(Precision.FLOAT32));
    JsonNode models = root.get("models").node();
    for (JsonNode model : models) {
      draft.model(
          new Model(
              model.path("role").asText(),
              model.path("name").asText(),
              texts(model.path("sha256"))));
    }
    draft.environment(texts(root.get("environment").node()));
    draft.versions(texts(root.get("versions").node()));
    fields.unread().forEach(field -> unknown(draft, field));
    root.unread().forEach(field -> unknown(draft, field));
    return draft.recipe();
  }

  private static void unknown(Draft draft, String field) {
    draft.leaveOut(field + " (not known to this version)");
  }

  private static Map<String, String> texts(JsonNode object) {
    Map<String, String> texts = new TreeMap<>();
    object.properties().forEach(entry -> texts.put(entry.getKey(), entry.getValue().asText()));
    return texts;
  }
}
