package io.github.controlnet.core.weights;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.github.controlnet.WeightsException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** Finds and reads configurations: diffusers' JSON or the original's YAML. Immutable. */
final class ConfigFiles {
  static final ConfigFiles NONE = new ConfigFiles(Map.of(), ConfigNode.NONE, ConfigNode.NONE);

  private static final long MAX_SIZE = 4 << 20;
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final YAMLMapper YAML = new YAMLMapper();

  private final Map<Part, ConfigNode> parts;
  private final ConfigNode scheduler;

  /** {@code model.params} of the original's YAML. */
  private final ConfigNode original;

  private ConfigFiles(Map<Part, ConfigNode> parts, ConfigNode scheduler, ConfigNode original) {
    this.parts = parts;
    this.scheduler = scheduler;
    this.original = original;
  }

  /** Reads a file that a user named: a component's JSON, the original's YAML, or a folder. */
  static ConfigFiles read(Path path) {
    if (Files.isDirectory(path)) {
      ConfigFiles folder = folder(path);
      if (folder.isEmpty()) {
        throw new WeightsException(
            "%s holds no config.json; expected a diffusers folder or a config file."
                .formatted(path));
      }
      return folder;
    }
    if (!Files.exists(path)) {
      throw new WeightsException(
          "The config file %s does not exist; expected diffusers' JSON or the original's YAML."
              .formatted(path));
    }
    String name = fileName(path).toLowerCase(Locale.ROOT);
    if (name.endsWith(".yaml") || name.endsWith(".yml")) {
      return ofOriginal(path, parse(path, YAML));
    }
    return ofJson(path, parse(path, JSON));
  }

  /** What lies beside a single weights file, by the conventions of published files. */
  static ConfigFiles beside(Path weights) {
    String name = fileName(weights);
    int dot = name.lastIndexOf('.');
    String stem = dot < 0 ? name : name.substring(0, dot);
    for (String extension : List.of(".yaml", ".yml", ".json")) {
      Path config = weights.resolveSibling(stem + extension);
      if (!stem.isEmpty() && Files.isRegularFile(config)) {
        return read(config);
      }
    }
    Path config = weights.resolveSibling("config.json");
    boolean published =
        name.startsWith("diffusion_pytorch_model")
            || name.startsWith("pytorch_model")
            || name.startsWith("model.");
    return published && Files.isRegularFile(config) ? read(config) : NONE;
  }

  /** The configurations of a diffusers folder, or of one component's folder. */
  static ConfigFiles folder(Path folder) {
    ConfigFiles components = components(folder);
    Path own = folder.resolve("config.json");
    return components.parts.isEmpty() && Files.isRegularFile(own)
        ? ofJson(own, parse(own, JSON))
        : components;
  }

  private static ConfigFiles components(Path folder) {
    Map<Part, ConfigNode> parts = new EnumMap<>(Part.class);
    Map<Part, String> names =
        Map.of(
            Part.UNET, "unet",
            Part.AUTOENCODER, "vae",
            Part.TEXT_ENCODER, "text_encoder",
            Part.CONTROL, "controlnet");
    names.forEach(
        (part, name) -> {
          Path file = folder.resolve(name).resolve("config.json");
          if (Files.isRegularFile(file)) {
            parts.put(part, ConfigNode.of(file, parse(file, JSON)));
          }
        });
    Path scheduler = folder.resolve("scheduler").resolve("scheduler_config.json");
    return new ConfigFiles(
        parts,
        Files.isRegularFile(scheduler)
            ? ConfigNode.of(scheduler, parse(scheduler, JSON))
            : ConfigNode.NONE,
        ConfigNode.NONE);
  }

  private static ConfigFiles ofJson(Path path, JsonNode node) {
    if (!node.isObject()) {
      throw new WeightsException(
          "%s is not a configuration; expected a JSON object.".formatted(path));
    }
    String type = node.path("_class_name").asText("");
    ConfigNode root = ConfigNode.of(path, node);
    if (type.endsWith("Pipeline")) {
      return components(path.resolveSibling(""));
    }
    if (type.endsWith("Scheduler") || (type.isEmpty() && node.has("beta_schedule"))) {
      return new ConfigFiles(Map.of(), root, ConfigNode.NONE);
    }
    Map<Part, ConfigNode> parts = new EnumMap<>(Part.class);
    if (root.child("unet").isPresent()) {
      parts.put(Part.UNET, root.child("unet"));
      parts.put(Part.CONTROL, root.child("controlnet"));
      parts.put(Part.AUTOENCODER, root.child("vae"));
      parts.put(Part.TEXT_ENCODER, root.child("text_encoder"));
      return new ConfigFiles(parts, root.child("scheduler"), ConfigNode.NONE);
    }
    if (type.startsWith("Autoencoder") || (type.isEmpty() && node.has("latent_channels"))) {
      parts.put(Part.AUTOENCODER, root);
    } else if (node.has("hidden_act") || node.has("text_config")) {
      parts.put(Part.TEXT_ENCODER, root);
    } else if (type.startsWith("ControlNet") || node.has("conditioning_embedding_out_channels")) {
      parts.put(Part.CONTROL, root);
    } else {
      parts.put(Part.UNET, root);
    }
    return new ConfigFiles(parts, ConfigNode.NONE, ConfigNode.NONE);
  }

  private static ConfigFiles ofOriginal(Path path, JsonNode node) {
    ConfigNode params = ConfigNode.of(path, node).child("model").child("params");
    if (!params.isPresent()) {
      throw new WeightsException(
          "%s has no model.params; expected the YAML file of the original code.".formatted(path));
    }
    return new ConfigFiles(Map.of(), ConfigNode.NONE, params);
  }

  private static JsonNode parse(Path path, ObjectMapper mapper) {
    try {
      if (Files.size(path) > MAX_SIZE) {
        throw new WeightsException(
            "%s has %d bytes; a configuration has %d at most."
                .formatted(path, Files.size(path), MAX_SIZE));
      }
      return mapper.readTree(Files.readAllBytes(path));
    } catch (JsonProcessingException e) {
      throw new WeightsException(
          "%s is not valid %s: %s."
              .formatted(
                  path, mapper instanceof YAMLMapper ? "YAML" : "JSON", e.getOriginalMessage()),
          e);
    } catch (IOException e) {
      throw PositionalFile.unreadable(path, e);
    }
  }

  static String fileName(Path path) {
    Path name = path.getFileName();
    return name == null ? "" : name.toString();
  }

  private boolean isEmpty() {
    return parts.isEmpty() && !scheduler.isPresent() && !original.isPresent();
  }

  /** These configurations, and where they say nothing the others. */
  ConfigFiles or(ConfigFiles others) {
    if (original.isPresent()) {
      return new ConfigFiles(Map.of(), ConfigNode.NONE, original);
    }
    Map<Part, ConfigNode> all = new EnumMap<>(Part.class);
    all.putAll(others.parts);
    all.putAll(parts);
    return new ConfigFiles(
        all, scheduler.isPresent() ? scheduler : others.scheduler, others.original);
  }

  private ConfigNode part(Part part) {
    return parts.getOrDefault(part, ConfigNode.NONE);
  }

  UNetSettings unet() {
    if (part(Part.UNET).isPresent() || !original.isPresent()) {
      return UNetSettings.ofDiffusers(part(Part.UNET));
    }
    return UNetSettings.ofOriginal(
        original.child("unet_config").child("params"), Optional.empty(), imageSize());
  }

  /** The settings of a control: its own, else those of the U-Net, whose encoder it copies. */
  UNetSettings control() {
    if (part(Part.CONTROL).isPresent()) {
      return UNetSettings.ofDiffusers(part(Part.CONTROL));
    }
    if (original.isPresent()) {
      ConfigNode own = original.child("control_stage_config").child("params");
      return UNetSettings.ofOriginal(
          own.isPresent() ? own : original.child("unet_config").child("params"),
          original.flag("global_average_pooling"),
          imageSize());
    }
    return unet();
  }

  private OptionalInt imageSize() {
    return original.count("image_size");
  }

  AutoencoderSettings autoencoder() {
    if (part(Part.AUTOENCODER).isPresent()) {
      return AutoencoderSettings.ofDiffusers(part(Part.AUTOENCODER));
    }
    return new AutoencoderSettings(
        OptionalInt.empty(),
        part(Part.UNET).count("norm_num_groups"),
        original.positive("scale_factor").orElse(AutoencoderReader.SCALING_FACTOR),
        0);
  }

  ConfigNode textEncoder() {
    return part(Part.TEXT_ENCODER);
  }

  ConfigNode scheduler() {
    return scheduler;
  }

  ConfigNode original() {
    return original;
  }
}
