package io.github.controlnet.core.weights;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.github.controlnet.core.family.Role;
import io.github.controlnet.core.files.PositionalFile;
import io.github.controlnet.core.tensors.Shapes;
import io.github.controlnet.exception.WeightsException;
import io.github.controlnet.internal.TextFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** Finds and reads configurations: diffusers' JSON or the original's YAML. Immutable. */
public final class ConfigFiles {
  static final ConfigFiles NONE = new ConfigFiles(Map.of(), ConfigNode.NONE, ConfigNode.NONE);

  private static final Set<String> CONTROL_KEYS =
      Set.of(
          "conditioning_embedding_out_channels",
          "controlnet_conditioning_channel_order",
          "global_pool_conditions");
  private static final Set<String> AUTOENCODER_KEYS =
      Set.of("latent_channels", "scaling_factor", "mid_block_add_attention");
  private static final Set<String> TEXT_KEYS =
      Set.of("hidden_act", "text_config", "vocab_size", "num_hidden_layers", "layer_norm_eps");
  private static final Set<String> UNET_KEYS =
      Set.of(
          "attention_head_dim",
          "num_attention_heads",
          "norm_num_groups",
          "norm_eps",
          "sample_size",
          "block_out_channels",
          "cross_attention_dim",
          "layers_per_block",
          "down_block_types",
          "up_block_types",
          "use_linear_projection");
  private static final Set<String> SCHEDULER_KEYS =
      Set.of(
          "beta_schedule",
          "beta_start",
          "beta_end",
          "trained_betas",
          "num_train_timesteps",
          "prediction_type",
          "timestep_spacing",
          "rescale_betas_zero_snr",
          "steps_offset");

  private static final long MAX_SIZE = 4 << 20;
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final YAMLMapper YAML = new YAMLMapper();

  private final Map<Role, ConfigNode> parts;
  private final ConfigNode scheduler;

  /** {@code model.params} of the original's YAML. */
  private final ConfigNode original;

  private ConfigFiles(Map<Role, ConfigNode> parts, ConfigNode scheduler, ConfigNode original) {
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
    String name = PositionalFile.nameOf(path).toLowerCase(Locale.ROOT);
    if (name.endsWith(".yaml") || name.endsWith(".yml")) {
      return ofOriginal(path, parse(path, YAML));
    }
    return ofJson(path)
        .orElseThrow(
            () ->
                new WeightsException(
                    "%s is no configuration that is known here: it holds %s. Expected the config.json of a U-Net, VAE, text encoder or control, a scheduler_config.json, a model_index.json or the original's YAML."
                        .formatted(path, keys(object(path).node()))));
  }

  private static String keys(JsonNode json) {
    List<String> keys = new ArrayList<>();
    json.fieldNames().forEachRemaining(keys::add);
    return keys.isEmpty() ? "nothing" : Shapes.some(keys);
  }

  /** What lies beside a single weights file, by the conventions of published files. */
  static ConfigFiles beside(Path weights) {
    String name = PositionalFile.nameOf(weights);
    int dot = name.lastIndexOf('.');
    String stem = dot < 0 ? name : name.substring(0, dot);
    for (String extension : List.of(".yaml", ".yml", ".json")) {
      Path config = weights.resolveSibling(stem + extension);
      if (!stem.isEmpty() && Files.isRegularFile(config)) {
        // web UIs keep notes about a model in such JSON files too
        return extension.equals(".json") ? ofJson(config).orElse(NONE) : read(config);
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
        ? ofJson(own).orElse(components)
        : components;
  }

  /** What a diffusers folder tells of its scheduler. */
  static ConfigFiles schedulerOf(Path folder) {
    Path file = folder.resolve("scheduler").resolve("scheduler_config.json");
    return Files.isRegularFile(file)
        ? new ConfigFiles(Map.of(), object(file), ConfigNode.NONE)
        : NONE;
  }

  private static ConfigFiles components(Path folder) {
    Map<Role, ConfigNode> parts = new EnumMap<>(Role.class);
    Map<Role, String> names =
        Map.of(
            Role.UNET, "unet",
            Role.AUTOENCODER, "vae",
            Role.TEXT_ENCODER, "text_encoder",
            Role.CONTROL, "controlnet");
    names.forEach(
        (part, name) -> {
          Path file = folder.resolve(name).resolve("config.json");
          if (Files.isRegularFile(file)) {
            ConfigNode root = object(file);
            requireClass(file, root, part);
            parts.put(part, root);
          }
        });
    return new ConfigFiles(parts, schedulerOf(folder).scheduler, ConfigNode.NONE);
  }

  private static ConfigNode object(Path file) {
    JsonNode node = parse(file, JSON);
    if (!node.isObject()) {
      throw new WeightsException(
          "%s is not a configuration; expected a JSON object.".formatted(file));
    }
    return ConfigNode.of(file, node);
  }

  /**
   * Sorts a JSON file by the class that it names, else by its keys.
   *
   * @return empty when it tells nothing about a model
   */
  private static Optional<ConfigFiles> ofJson(Path path) {
    ConfigNode root = object(path);
    Optional<String> type = className(root);
    if (type.isEmpty()) {
      return ofKeys(root);
    }
    if (type.get().endsWith("Pipeline")) {
      ConfigFiles components = components(path.resolveSibling(""));
      if (components.isEmpty()) {
        throw new WeightsException(
            "%s names the parts of a %s, but none of their folders with a config.json is beside it. Give the diffusers folder."
                .formatted(path, type.get()));
      }
      return Optional.of(components);
    }
    if (type.get().endsWith("Scheduler")) {
      return Optional.of(new ConfigFiles(Map.of(), root, ConfigNode.NONE));
    }
    return Optional.of(of(requirePart(path, type.get()), root));
  }

  private static ConfigFiles of(Role part, ConfigNode root) {
    return new ConfigFiles(Map.of(part, root), ConfigNode.NONE, ConfigNode.NONE);
  }

  /** The class of diffusers or transformers that a configuration is of. */
  private static Optional<String> className(ConfigNode root) {
    Optional<String> type = root.text("_class_name");
    List<String> architectures = root.texts("architectures");
    if (type.isEmpty() && !architectures.isEmpty()) {
      return Optional.of(architectures.get(0));
    }
    return type;
  }

  private static Optional<Role> partOf(String type) {
    return switch (type) {
      case "UNet2DConditionModel" -> Optional.of(Role.UNET);
      case AutoencoderSettings.LARGE, AutoencoderSettings.TINY -> Optional.of(Role.AUTOENCODER);
      case "ControlNetModel" -> Optional.of(Role.CONTROL);
      case "CLIPTextModel", "CLIPTextModelWithProjection", "CLIPModel" ->
          Optional.of(Role.TEXT_ENCODER);
      default -> Optional.empty();
    };
  }

  /** Notices configurations that lie in each other's folders. */
  private static void requireClass(Path file, ConfigNode root, Role part) {
    Optional<String> type = className(root);
    Optional<Role> other = type.flatMap(ConfigFiles::partOf).filter(found -> found != part);
    if (other.isPresent()) {
      throw new WeightsException(
          "%s is the configuration of a %s (%s); expected that of a %s."
              .formatted(file, other.get().displayName(), type.orElse(""), part.displayName()));
    }
  }

  private static Role requirePart(Path path, String type) {
    return partOf(type)
        .orElseThrow(
            () ->
                new WeightsException(
                    "%s is the configuration of a %s, which is no part of a model that is supported here; expected one of UNet2DConditionModel, AutoencoderKL, AutoencoderTiny, CLIPTextModel, ControlNetModel or of a scheduler."
                        .formatted(path, type)));
  }

  private static Optional<ConfigFiles> ofKeys(ConfigNode root) {
    if (root.has("unet")) {
      Map<Role, ConfigNode> parts = new EnumMap<>(Role.class);
      parts.put(Role.UNET, root.child("unet"));
      parts.put(Role.CONTROL, root.child("controlnet"));
      parts.put(Role.AUTOENCODER, root.child("vae"));
      parts.put(Role.TEXT_ENCODER, root.child("text_encoder"));
      parts.values().removeIf(part -> !part.isPresent());
      return Optional.of(new ConfigFiles(parts, root.child("scheduler"), ConfigNode.NONE));
    }
    if (root.hasAny(CONTROL_KEYS)) {
      return Optional.of(of(Role.CONTROL, root));
    }
    if (root.hasAny(AUTOENCODER_KEYS)) {
      return Optional.of(of(Role.AUTOENCODER, root));
    }
    if (root.hasAny(TEXT_KEYS)) {
      return Optional.of(of(Role.TEXT_ENCODER, root));
    }
    boolean scheduler = root.hasAny(SCHEDULER_KEYS);
    if (root.hasAny(UNET_KEYS)) {
      return Optional.of(
          new ConfigFiles(
              Map.of(Role.UNET, root), scheduler ? root : ConfigNode.NONE, ConfigNode.NONE));
    }
    return scheduler
        ? Optional.of(new ConfigFiles(Map.of(), root, ConfigNode.NONE))
        : Optional.empty();
  }

  private static ConfigFiles ofOriginal(Path path, JsonNode node) {
    ConfigNode params =
        node.isObject()
            ? ConfigNode.of(path, node).child("model").child("params")
            : ConfigNode.NONE;
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
      return mapper.readTree(TextFiles.read(path));
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

  /** The components about which there is something to read, in words. */
  String subjects() {
    List<String> subjects = new ArrayList<>();
    parts.keySet().forEach(part -> subjects.add(part.displayName()));
    if (scheduler.isPresent()) {
      subjects.add("scheduler");
    }
    return String.join(", ", subjects);
  }

  boolean tells(Role part) {
    return parts.containsKey(part) || original.isPresent();
  }

  boolean tellsOfNothingBut(Role part) {
    return parts.keySet().equals(Set.of(part)) && !scheduler.isPresent() && !original.isPresent();
  }

  /** Whether it tells of a component by that component's own configuration. */
  boolean tellsAlone(Role part) {
    return parts.containsKey(part);
  }

  private boolean isEmpty() {
    return parts.isEmpty() && !scheduler.isPresent() && !original.isPresent();
  }

  /** These configurations, and where they say nothing the others. */
  ConfigFiles or(ConfigFiles others) {
    if (original.isPresent()) {
      return new ConfigFiles(Map.of(), ConfigNode.NONE, original);
    }
    Map<Role, ConfigNode> all = new EnumMap<>(Role.class);
    all.putAll(others.parts);
    all.putAll(parts);
    return new ConfigFiles(
        all, scheduler.isPresent() ? scheduler : others.scheduler, others.original);
  }

  private ConfigNode part(Role part) {
    return parts.getOrDefault(part, ConfigNode.NONE);
  }

  UNetSettings unet() {
    if (part(Role.UNET).isPresent() || !original.isPresent()) {
      return UNetSettings.ofDiffusers(part(Role.UNET));
    }
    return UNetSettings.ofOriginal(
        original.child("unet_config").child("params"), Optional.empty(), imageSize());
  }

  /** The settings of a control: its own, else those of the U-Net, whose encoder it copies. */
  UNetSettings control() {
    if (part(Role.CONTROL).isPresent()) {
      return UNetSettings.ofDiffusers(part(Role.CONTROL));
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
    OptionalInt size = original.count("image_size");
    if (size.orElse(1) > UNetSettings.MAX_SAMPLE_SIZE) {
      throw original.bad("image_size", "%d at most".formatted(UNetSettings.MAX_SAMPLE_SIZE));
    }
    return size;
  }

  AutoencoderSettings autoencoder() {
    if (part(Role.AUTOENCODER).isPresent()) {
      return AutoencoderSettings.ofDiffusers(part(Role.AUTOENCODER));
    }
    return new AutoencoderSettings(
        ConfigNode.NONE,
        Optional.empty(),
        OptionalInt.empty(),
        part(Role.UNET).count("norm_num_groups"),
        original.positive("scale_factor"),
        Optional.empty());
  }

  ConfigNode textEncoder() {
    return part(Role.TEXT_ENCODER);
  }

  ConfigNode scheduler() {
    return scheduler;
  }

  ConfigNode original() {
    return original;
  }
}
