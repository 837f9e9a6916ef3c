package io.github.controlnet.core.family;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/**
 * Translates the original code's names of U-Nets, ControlNets and autoencoders, and back. Where
 * each block belongs is derived from which names there are, so that any depth and width works. What
 * is not known keeps its name, and is noticed later as not belonging.
 */
final class LatentDiffusionNames {
  private static final Map<String, String> RESIDUAL =
      Map.of(
          "in_layers.0", "norm1",
          "in_layers.2", "conv1",
          "emb_layers.1", "time_emb_proj",
          "out_layers.0", "norm2",
          "out_layers.3", "conv2",
          "skip_connection", "conv_shortcut");

  private final Collection<String> names;
  private final Set<String> modules = new HashSet<>();

  /** Modules of the original to canonical ones. */
  private final Map<String, String> table = new LinkedHashMap<>();

  private LatentDiffusionNames(Collection<String> names) {
    this.names = names;
    names.forEach(name -> addModules(name, modules));
  }

  private static void addModules(String name, Set<String> modules) {
    for (int dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) {
      modules.add(name.substring(0, dot));
    }
  }

  /** Names of a U-Net or ControlNet, without prefix, to canonical names. */
  static Map<String, String> unet(Collection<String> names) {
    LatentDiffusionNames map = new LatentDiffusionNames(names);
    map.unetTable();
    return map.translate(map.table);
  }

  /**
   * Translates canonical names of a U-Net or ControlNet.
   *
   * @param canonical all names of the network
   * @return each with the original's name, without prefix
   */
  static Map<String, String> originalUnet(Collection<String> canonical) {
    LatentDiffusionNames map = new LatentDiffusionNames(canonical);
    Set<String> original = map.originalUnetModules();
    map.modules.clear();
    original.forEach(module -> addModules(module + ".", map.modules));
    map.unetTable();
    return map.translate(map.inverse());
  }

  /** The original's numbered modules for the canonical ones that there are. */
  private Set<String> originalUnetModules() {
    Set<String> original = new LinkedHashSet<>();
    original.add("input_blocks.0.0");
    int input = 1;
    for (int level = 0; modules.contains("down_blocks." + level); level++) {
      String block = "down_blocks." + level;
      for (int i = 0; modules.contains(block + ".resnets." + i); i++) {
        original.add("input_blocks." + input++ + ".0.in_layers");
      }
      if (modules.contains(block + ".downsamplers")) {
        original.add("input_blocks." + input++ + ".0.op");
      }
    }
    int output = 0;
    for (int level = 0; modules.contains("up_blocks." + level); level++) {
      String block = "up_blocks." + level;
      for (int i = 0; modules.contains(block + ".resnets." + i); i++) {
        original.add("output_blocks." + output++ + ".0");
      }
      if (modules.contains(block + ".upsamplers")) {
        // behind the attention, where there is one, of the level's last block
        int position = modules.contains(block + ".attentions") ? 2 : 1;
        original.add("output_blocks." + (output - 1) + "." + position + ".conv");
      }
    }
    for (int i = 0; modules.contains("controlnet_down_blocks." + i); i++) {
      original.add("zero_convs." + i);
    }
    int hints = 2;
    while (modules.contains("controlnet_cond_embedding.blocks." + (hints - 2))) {
      hints++;
    }
    for (int i = 0; i < hints; i++) {
      // an activation between two convolutions takes a number too
      original.add("input_hint_block." + 2 * i);
    }
    return original;
  }

  private void unetTable() {
    table.put("time_embed.0", "time_embedding.linear_1");
    table.put("time_embed.2", "time_embedding.linear_2");
    table.put("label_emb.0.0", "add_embedding.linear_1");
    table.put("label_emb.0.2", "add_embedding.linear_2");
    table.put("out.0", "conv_norm_out");
    table.put("out.2", "conv_out");
    encoder();
    residual("middle_block.0", "mid_block.resnets.0");
    table.put("middle_block.1", "mid_block.attentions.0");
    residual("middle_block.2", "mid_block.resnets.1");
    decoder();
    control();
  }

  private void encoder() {
    int level = 0;
    int residual = 0;
    for (int i = 0; modules.contains("input_blocks." + i); i++) {
      String block = "input_blocks." + i;
      if (modules.contains(block + ".0.op")) {
        table.put(block + ".0.op", "down_blocks." + level + ".downsamplers.0.conv");
        level++;
        residual = 0;
      } else if (modules.contains(block + ".0.in_layers")) {
        residual(block + ".0", "down_blocks." + level + ".resnets." + residual);
        table.put(block + ".1", "down_blocks." + level + ".attentions." + residual);
        residual++;
      } else if (i == 0) {
        table.put(block + ".0", "conv_in");
      }
    }
  }

  private void decoder() {
    int level = 0;
    int residual = 0;
    for (int i = 0; modules.contains("output_blocks." + i); i++) {
      String block = "output_blocks." + i;
      residual(block + ".0", "up_blocks." + level + ".resnets." + residual);
      boolean upsampled = false;
      for (int k = 1; k <= 2; k++) {
        String part = block + "." + k;
        if (modules.contains(part + ".conv")) {
          table.put(part + ".conv", "up_blocks." + level + ".upsamplers.0.conv");
          upsampled = true;
        } else {
          table.put(part, "up_blocks." + level + ".attentions." + residual);
        }
      }
      residual++;
      if (upsampled) {
        level++;
        residual = 0;
      }
    }
  }

  private void control() {
    for (int i = 0; modules.contains("zero_convs." + i); i++) {
      table.put("zero_convs." + i + ".0", "controlnet_down_blocks." + i);
    }
    table.put("middle_block_out.0", "controlnet_mid_block");
    int last = 0;
    while (modules.contains("input_hint_block." + (last + 2))) {
      last += 2;
    }
    for (int i = 0; i <= last; i += 2) {
      String name = i == 0 ? "conv_in" : i == last ? "conv_out" : "blocks." + (i / 2 - 1);
      table.put("input_hint_block." + i, "controlnet_cond_embedding." + name);
    }
  }

  private void residual(String from, String to) {
    RESIDUAL.forEach((part, canonical) -> table.put(from + "." + part, to + "." + canonical));
  }

  /** Names of an autoencoder, without prefix, to canonical names. */
  static Map<String, String> autoencoder(Collection<String> names) {
    LatentDiffusionNames map = new LatentDiffusionNames(names);
    map.autoencoderTable();
    return map.translate(map.table);
  }

  /**
   * Translates canonical names of an autoencoder.
   *
   * @param canonical all names of the network
   * @return each with the original's name, without prefix
   */
  static Map<String, String> originalAutoencoder(Collection<String> canonical) {
    LatentDiffusionNames map = new LatentDiffusionNames(canonical);
    Set<String> original = new LinkedHashSet<>();
    map.originalBlocks("encoder.down_blocks.", "encoder.down.", original);
    map.originalBlocks("decoder.up_blocks.", "decoder.up.", original);
    map.modules.clear();
    original.forEach(module -> addModules(module + ".", map.modules));
    map.autoencoderTable();
    return map.translate(map.inverse());
  }

  private void originalBlocks(String from, String to, Set<String> original) {
    for (int level = 0; modules.contains(from + level); level++) {
      for (int i = 0; modules.contains(from + level + ".resnets." + i); i++) {
        // all levels of a half have as many blocks, so that their order does not matter here
        original.add(to + level + ".block." + i);
      }
    }
  }

  private void autoencoderTable() {
    int levels = 0;
    while (modules.contains("decoder.up." + levels)) {
      levels++;
    }
    for (int i = 0; modules.contains("encoder.down." + i); i++) {
      String from = "encoder.down." + i;
      String to = "encoder.down_blocks." + i;
      autoencoderBlocks(from, to);
      table.put(from + ".downsample.conv", to + ".downsamplers.0.conv");
    }
    for (int i = 0; i < levels; i++) {
      String from = "decoder.up." + i;
      String to = "decoder.up_blocks." + (levels - 1 - i);
      autoencoderBlocks(from, to);
      table.put(from + ".upsample.conv", to + ".upsamplers.0.conv");
    }
    for (String half : new String[] {"encoder", "decoder"}) {
      for (int i = 1; i <= 2; i++) {
        autoencoderBlock(half + ".mid.block_" + i, half + ".mid_block.resnets." + (i - 1));
      }
      String from = half + ".mid.attn_1";
      String to = half + ".mid_block.attentions.0";
      table.put(from + ".norm", to + ".group_norm");
      table.put(from + ".q", to + ".to_q");
      table.put(from + ".k", to + ".to_k");
      table.put(from + ".v", to + ".to_v");
      table.put(from + ".proj_out", to + ".to_out.0");
      // the attention has had other names too
      table.put(from, to);
      table.put(half + ".norm_out", half + ".conv_norm_out");
    }
  }

  private void autoencoderBlocks(String from, String to) {
    for (int i = 0; modules.contains(from + ".block." + i); i++) {
      autoencoderBlock(from + ".block." + i, to + ".resnets." + i);
    }
  }

  private void autoencoderBlock(String from, String to) {
    table.put(from, to);
    table.put(from + ".nin_shortcut", to + ".conv_shortcut");
  }

  /** Canonical modules to the original's; of two the first, which is the one that exists. */
  private Map<String, String> inverse() {
    Map<String, String> inverse = new HashMap<>();
    table.forEach((original, canonical) -> inverse.putIfAbsent(canonical, original));
    return inverse;
  }

  private Map<String, String> translate(Map<String, String> table) {
    Map<String, String> result = new LinkedHashMap<>();
    for (String name : names) {
      String translated = name;
      for (int dot = name.lastIndexOf('.'); dot > 0; dot = name.lastIndexOf('.', dot - 1)) {
        String module = table.get(name.substring(0, dot));
        if (module != null) {
          translated = module + name.substring(dot);
          break;
        }
      }
      result.put(name, translated);
    }
    return result;
  }
}
