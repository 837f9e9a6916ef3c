package io.github.controlnet.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.exc.ValueInstantiationException;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.ser.std.ToStringSerializer;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.github.controlnet.exception.InvalidRequestException;
import io.github.controlnet.internal.TextFiles;
import io.github.controlnet.training.DataConfig;
import io.github.controlnet.training.OutputConfig;
import io.github.controlnet.training.TrainingConfig;
import io.github.controlnet.training.TrainingSample;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The settings of a training: the defaults of the library, over them a YAML or JSON file, over that
 * the command line. Keys are the library's names in snake case, {@code optimizer.learning_rate}.
 */
final class TrainingSettings {
  private static final List<String> MODELS = List.of("base", "control", "tokenizer");
  private static final ObjectMapper MAPPER =
      YAMLMapper.builder()
          .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS)
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .addModule(
              new SimpleModule().addSerializer(Path.class, new ToStringSerializer(Path.class)))
          .build();

  private final ObjectNode tree;

  private TrainingSettings(ObjectNode tree) {
    this.tree = tree;
  }

  static TrainingSettings defaults() {
    ObjectNode tree =
        MAPPER.valueToTree(
            TrainingConfig.defaults(
                DataConfig.defaults(Path.of("")), OutputConfig.defaults(Path.of(""))));
    MODELS.forEach(tree::putNull);
    return new TrainingSettings(tree);
  }

  /** Returns the value of a key, as text. */
  String get(String key) {
    return find(key).asText();
  }

  private JsonNode find(String key) {
    return tree.at("/" + key.replace('.', '/'));
  }

  void read(Path file) {
    JsonNode given;
    try {
      given = MAPPER.readTree(TextFiles.read(file));
    } catch (JsonProcessingException e) {
      throw new InvalidRequestException(
          "--config: %s is neither YAML nor JSON: %s (line %d)."
              .formatted(
                  file,
                  e.getOriginalMessage(),
                  e.getLocation() == null ? 0 : e.getLocation().getLineNr()),
          e);
    } catch (IOException e) {
      throw new InvalidRequestException(
          "--config: %s cannot be read: %s.".formatted(file, e.getMessage()), e);
    }
    if (given instanceof ObjectNode settings) {
      merge(tree, settings, "");
    } else if (!given.isMissingNode() && !given.isNull()) {
      throw new InvalidRequestException(
          "--config: %s holds no settings; expected lines such as \"base: FOLDER\"."
              .formatted(file));
    }
  }

  private static void merge(ObjectNode into, ObjectNode from, String at) {
    for (Map.Entry<String, JsonNode> field : from.properties()) {
      String key = field.getKey();
      JsonNode before = into.get(key);
      if (before == null && !at.endsWith("annotator_options.")) {
        throw unknown(at + key, into);
      }
      if (before instanceof ObjectNode inner) {
        if (!(field.getValue() instanceof ObjectNode given)) {
          throw new InvalidRequestException(
              "The setting %s is %s; expected settings below it."
                  .formatted(at + key, field.getValue()));
        }
        merge(inner, given, at + key + ".");
      } else {
        into.set(key, field.getValue());
      }
    }
  }

  private static InvalidRequestException unknown(String key, ObjectNode there) {
    TreeSet<String> names = new TreeSet<>();
    there.fieldNames().forEachRemaining(names::add);
    return new InvalidRequestException(
        "There is no setting %s; there are %s.".formatted(key, String.join(", ", names)));
  }

  /** Changes the value of a key. */
  void set(String key, String value) {
    int dot = key.lastIndexOf('.');
    String parentKey = dot < 0 ? "" : key.substring(0, dot);
    JsonNode parent = dot < 0 ? tree : find(parentKey);
    String name = key.substring(dot + 1);
    if (!(parent instanceof ObjectNode object)) {
      throw unknown(parentKey, tree);
    }
    if (!object.has(name) && !parentKey.endsWith("annotator_options")) {
      throw unknown(key, object);
    }
    object.put(name, value);
  }

  /** Returns a path or id of a model. */
  Optional<Path> model(String key) {
    JsonNode value = tree.path(key);
    return value.isNull() || value.asText().isEmpty()
        ? Optional.empty()
        : Optional.of(Path.of(value.asText()));
  }

  TrainingConfig config() {
    require("data.path", "the data: --data, or data.path in the file");
    require("output.folder", "the output folder: --output, or output.folder in the file");
    ObjectNode settings = tree.deepCopy();
    settings.remove(MODELS);
    completeSamples(settings.at("/output/samples"));
    try {
      return MAPPER.treeToValue(settings, TrainingConfig.class);
    } catch (JsonProcessingException e) {
      throw new InvalidRequestException(explain(e), e);
    }
  }

  private void require(String key, String what) {
    if (get(key).isEmpty()) {
      throw new InvalidRequestException("Name " + what + ".");
    }
  }

  /** What a sample leaves out is as usual. */
  private static void completeSamples(JsonNode samples) {
    for (JsonNode sample : samples) {
      if (sample instanceof ObjectNode given) {
        ObjectNode usual = MAPPER.valueToTree(TrainingSample.defaults(Path.of(""), ""));
        usual
            .properties()
            .forEach(
                field -> {
                  if (!given.has(field.getKey())) {
                    given.set(field.getKey(), field.getValue());
                  }
                });
      }
    }
  }

  private static String explain(JsonProcessingException e) {
    for (@Nullable Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof ValueInstantiationException refused && refused.getCause() != null) {
        // what the constructor of the settings says
        return String.valueOf(refused.getCause().getMessage());
      }
    }
    String key = "";
    if (e instanceof com.fasterxml.jackson.databind.JsonMappingException mapping) {
      key =
          String.join(
              ".",
              mapping.getPath().stream().map(part -> String.valueOf(part.getFieldName())).toList());
    }
    if (e instanceof UnrecognizedPropertyException) {
      return "There is no setting %s.".formatted(key);
    }
    return "The setting %s is not legal: %s."
        .formatted(key, e.getOriginalMessage().lines().findFirst().orElse(""))
        .replace("..", ".");
  }

  static String optionName(String key) {
    return "--"
        + key.substring(key.lastIndexOf('.') + 1).replace('_', '-').toLowerCase(Locale.ROOT);
  }
}
