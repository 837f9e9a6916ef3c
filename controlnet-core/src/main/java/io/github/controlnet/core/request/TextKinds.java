package io.github.controlnet.core.request;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.controlnet.Prompt;
import io.github.controlnet.PromptEmbeddings;
import io.github.controlnet.Prompts.EmbeddingPair;
import io.github.controlnet.core.json.JsonFields;
import io.github.controlnet.core.json.JsonValue;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/** Kinds of values that only prompts have. */
final class TextKinds {
  /** A list of objects with {@code text} and {@code negative}. */
  static final Kind<List<Prompt>> PROMPTS =
      Kind.of(
          value -> value.isAbsent() ? Optional.empty() : Optional.of(prompts(value)),
          prompts -> {
            ArrayNode list = Kind.JSON.arrayNode();
            prompts.forEach(
                prompt ->
                    list.addObject().put("text", prompt.text()).put("negative", prompt.negative()));
            return list;
          });

  /** An object with {@code positive} and {@code negative}. */
  static final Kind<EmbeddingPair> EMBEDDINGS =
      Kind.of(
          value ->
              value
                  .object()
                  .map(
                      pair ->
                          new EmbeddingPair(
                              embeddings(pair.get("positive")), embeddings(pair.get("negative")))),
          pair -> {
            ObjectNode object = Kind.JSON.objectNode();
            object.set("positive", written(pair.positive()));
            object.set("negative", written(pair.negative()));
            return object;
          });

  private TextKinds() {}

  private static List<Prompt> prompts(JsonValue value) {
    List<Prompt> prompts = new ArrayList<>();
    for (JsonValue item : value.items()) {
      JsonFields prompt = item.object().orElseThrow(() -> item.refused("an object"));
      prompts.add(
          new Prompt(
              prompt.get("text").text().orElse(""), prompt.get("negative").text().orElse("")));
    }
    return prompts;
  }

  private static PromptEmbeddings embeddings(JsonValue value) {
    JsonFields fields = value.object().orElseThrow(() -> value.refused("an object"));
    JsonValue tokens = fields.get("tokens");
    JsonValue width = fields.get("width");
    JsonValue data = fields.get("float32");
    byte[] bytes = data.within(() -> Base64.getDecoder().decode(data.text().orElse("")));
    float[] values = new float[bytes.length / Float.BYTES];
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
    return data.within(
        () -> new PromptEmbeddings(tokens.integer().orElse(0), width.integer().orElse(0), values));
  }

  private static ObjectNode written(PromptEmbeddings states) {
    ByteBuffer bytes =
        ByteBuffer.allocate(states.values().length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(states.values());
    return Kind.JSON
        .objectNode()
        .put("tokens", states.tokens())
        .put("width", states.width())
        .put("float32", Base64.getEncoder().encodeToString(bytes.array()));
  }
}
