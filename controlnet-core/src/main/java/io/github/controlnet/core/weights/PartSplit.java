package io.github.controlnet.core.weights;

import io.github.controlnet.WeightsException;
import io.github.controlnet.core.weights.MappedWeights.Stored;
import io.github.controlnet.spi.engine.WeightSource.TensorInfo;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Sorts the tensors of one file into components and gives them their canonical names. */
final class PartSplit {
  static final String OPEN_CLIP = "OpenCLIP text encoder";
  static final String XL_TEXT = "Stable Diffusion XL text encoders";
  static final String EMA = "averaged copy (EMA)";
  static final String LORA = "LoRA";
  static final String OTHER = "other";

  /** A control that holds differences to the base that it was made from; a tensor says so. */
  static final String DIFFERENCE = "mark of a difference";

  private static final Map<String, String> ATTENTION =
      Map.of(
          "q", "to_q",
          "k", "to_k",
          "v", "to_v",
          "proj_out", "to_out.0",
          "query", "to_q",
          "key", "to_k",
          "value", "to_v",
          "proj_attn", "to_out.0");

  private final TensorFile file;
  private final Map<Part, Map<String, Stored>> parts = new EnumMap<>(Part.class);
  private final Map<String, Map<String, TensorInfo>> rest = new LinkedHashMap<>();

  private PartSplit(TensorFile file) {
    this.file = file;
  }

  static PartSplit of(TensorFile file) {
    PartSplit split = new PartSplit(file);
    split.sort();
    return split;
  }

  /** The components that were found: canonical names to tensors. */
  Map<Part, Map<String, Stored>> parts() {
    return parts;
  }

  /** What belongs to no component, by a label for people. */
  Map<String, Map<String, TensorInfo>> rest() {
    return rest;
  }

  private void sort() {
    Map<String, Map<String, String>> groups = new LinkedHashMap<>();
    Map<String, String> bare = new LinkedHashMap<>();
    for (String name : file.tensors().keySet()) {
      if (name.contains("lora_") || name.contains(".lora.") || name.contains("lora.up")) {
        put(LORA, name);
      } else if (name.equals("difference")) {
        put(DIFFERENCE, name);
      } else if (name.startsWith("model_ema.")) {
        put(EMA, name);
      } else if (!group(groups, name)) {
        bare.put(name, name);
      }
    }
    groups.forEach(this::component);
    if (groups.isEmpty()) {
      bare(bare);
    } else {
      bare.values().forEach(name -> put(OTHER, name));
    }
  }

  private static final List<String> PREFIXES =
      List.of(
          "model.diffusion_model.",
          "control_model.",
          "first_stage_model.",
          "cond_stage_model.transformer.",
          "cond_stage_model.",
          "conditioner.embedders.");

  /**
   * Tells whether a tensor would belong to a component, by its name alone.
   *
   * @param all the names of its file
   */
  static boolean isOfComponent(String name, Set<String> all) {
    return PREFIXES.stream().anyMatch(name::startsWith)
        || PREFIXES.stream().noneMatch(prefix -> any(all, prefix));
  }

  /** Strips a known prefix: group, then name without prefix to the file's name. */
  private boolean group(Map<String, Map<String, String>> groups, String name) {
    for (String prefix : PREFIXES) {
      if (name.startsWith(prefix)) {
        groups
            .computeIfAbsent(prefix, key -> new LinkedHashMap<>())
            .put(name.substring(prefix.length()), name);
        return true;
      }
    }
    return false;
  }

  private void component(String prefix, Map<String, String> names) {
    switch (prefix) {
      case "model.diffusion_model." -> unet(Part.UNET, names);
      case "control_model." -> unet(Part.CONTROL, names);
      case "first_stage_model." -> autoencoder(names);
      case "cond_stage_model.transformer." -> text(names);
      case "cond_stage_model." -> {
        boolean open = names.keySet().stream().anyMatch(name -> name.startsWith("model."));
        if (open || parts.containsKey(Part.TEXT_ENCODER)) {
          names.values().forEach(name -> put(open ? OPEN_CLIP : OTHER, name));
        } else {
          text(names);
        }
      }
      default -> names.values().forEach(name -> put(XL_TEXT, name));
    }
  }

  private void bare(Map<String, String> names) {
    Set<String> keys = names.keySet();
    if (any(keys, "input_hint_block.") || any(keys, "controlnet_cond_embedding.")) {
      unet(Part.CONTROL, names);
    } else if ((any(keys, "input_blocks.") && any(keys, "output_blocks."))
        || (any(keys, "up_blocks.") && any(keys, "time_embedding."))) {
      unet(Part.UNET, names);
    } else if (any(keys, "decoder.up.") || any(keys, "decoder.up_blocks.")) {
      autoencoder(names);
    } else if (any(keys, "text_model.embeddings.") || any(keys, "embeddings.token_embedding.")) {
      text(names);
    } else {
      names.values().forEach(name -> put(OTHER, name));
    }
  }

  private static boolean any(Set<String> names, String prefix) {
    return names.stream().anyMatch(name -> name.startsWith(prefix));
  }

  private void unet(Part part, Map<String, String> names) {
    boolean original = any(names.keySet(), "input_blocks.");
    Map<String, String> canonical =
        original ? LatentDiffusionNames.unet(names.keySet()) : same(names.keySet());
    names.forEach((name, stored) -> add(part, canonical.getOrDefault(name, name), stored));
  }

  private void autoencoder(Map<String, String> names) {
    boolean original = any(names.keySet(), "decoder.up.") || any(names.keySet(), "decoder.mid.");
    Map<String, String> canonical =
        original ? LatentDiffusionNames.autoencoder(names.keySet()) : same(names.keySet());
    names.forEach(
        (name, stored) -> {
          if (name.startsWith("loss.") || name.startsWith("model_ema.")) {
            put(OTHER, stored);
          } else {
            add(Part.AUTOENCODER, attention(canonical.getOrDefault(name, name)), stored);
          }
        });
  }

  /** The autoencoder's attention has had four sets of names. */
  private static String attention(String name) {
    String before = ".mid_block.attentions.0.";
    int start = name.indexOf(before);
    int end = name.lastIndexOf('.');
    if (start < 0 || end < start + before.length()) {
      return name;
    }
    String module = name.substring(start + before.length(), end);
    return name.substring(0, start + before.length())
        + ATTENTION.getOrDefault(module, module)
        + name.substring(end);
  }

  private void text(Map<String, String> names) {
    names.forEach(
        (name, stored) -> {
          String bare =
              name.startsWith("text_model.") ? name.substring("text_model.".length()) : name;
          if (bare.endsWith("position_ids")
              || bare.startsWith("text_projection")
              || bare.startsWith("vision_model.")
              || bare.startsWith("visual_projection")
              || bare.equals("logit_scale")) {
            put(OTHER, stored);
          } else {
            add(Part.TEXT_ENCODER, bare, stored);
          }
        });
  }

  private static Map<String, String> same(Set<String> names) {
    Map<String, String> map = new LinkedHashMap<>();
    names.forEach(name -> map.put(name, name));
    return map;
  }

  private void add(Part part, String canonical, String name) {
    TensorInfo info = info(name);
    if (part == Part.AUTOENCODER
        && canonical.contains(".attentions.")
        && info.shape().size() == 4
        && info.shape().get(2) == 1
        && info.shape().get(3) == 1) {
      info = new TensorInfo(info.dtype(), info.shape().subList(0, 2));
    }
    Stored before =
        parts
            .computeIfAbsent(part, key -> new LinkedHashMap<>())
            .put(canonical, new Stored(file, name, info));
    if (before != null) {
      throw new WeightsException(
          "%s holds the same weights under two names, %s and %s. Use a file of one layout."
              .formatted(file.path(), before.name(), name));
    }
  }

  private void put(String label, String name) {
    rest.computeIfAbsent(label, key -> new LinkedHashMap<>()).put(name, info(name));
  }

  private TensorInfo info(String name) {
    TensorInfo info = file.tensors().get(name);
    if (info == null) {
      throw Reading.unknown(file.path(), name);
    }
    return info;
  }
}
