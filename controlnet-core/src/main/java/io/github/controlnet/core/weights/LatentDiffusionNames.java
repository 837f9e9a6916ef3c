package io.github.controlnet.core.weights;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Translates the original code's names of U-Nets, ControlNets and autoencoders. Where each block
 * belongs is derived from which names there are, so that any depth and width works. What is not
 * known keeps its name, and is noticed later as not belonging.
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
  private final Map<String, String> table = new HashMap<>();

  private LatentDiffusionNames(Collection<String> names) {
    this.names = names;
    for (String name : names) {
      for (int dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) {
        modules.add(name.substring(0, dot));
      }
    }
  }

  /** Names of a U-Net or ControlNet, without prefix, to canonical names. */
  static Map<String, String> unet(Collection<String> names) {
    LatentDiffusionNames map = new LatentDiffusionNames(names);
    map.table.put("time_embed.0", "time_embedding.linear_1");
    map.table.put("time_embed.2", "time_embedding.linear_2");
    map.table.put("label_emb.0.0", "add_embedding.linear_1");
    map.table.put("label_emb.0.2", "add_embedding.linear_2");
    map.table.put("out.0", "conv_norm_out");
    map.table.put("out.2", "conv_out");
    map.encoder();
    map.residual("middle_block.0", "mid_block.resnets.0");
    map.table.put("middle_block.1", "mid_block.attentions.0");
    map.residual("middle_block.2", "mid_block.resnets.1");
    map.decoder();
    map.control();
    return map.translate();
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
    int levels = 0;
    while (map.modules.contains("decoder.up." + levels)) {
      levels++;
    }
    for (int i = 0; map.modules.contains("encoder.down." + i); i++) {
      String from = "encoder.down." + i;
      String to = "encoder.down_blocks." + i;
      map.autoencoderBlocks(from, to);
      map.table.put(from + ".downsample.conv", to + ".downsamplers.0.conv");
    }
    for (int i = 0; i < levels; i++) {
      String from = "decoder.up." + i;
      String to = "decoder.up_blocks." + (levels - 1 - i);
      map.autoencoderBlocks(from, to);
      map.table.put(from + ".upsample.conv", to + ".upsamplers.0.conv");
    }
    for (String half : new String[] {"encoder", "decoder"}) {
      for (int i = 1; i <= 2; i++) {
        map.autoencoderBlock(half + ".mid.block_" + i, half + ".mid_block.resnets." + (i - 1));
      }
      String attention = half + ".mid_block.attentions.0";
      map.table.put(half + ".mid.attn_1", attention);
      map.table.put(half + ".mid.attn_1.norm", attention + ".group_norm");
      map.table.put(half + ".norm_out", half + ".conv_norm_out");
    }
    return map.translate();
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

  private Map<String, String> translate() {
    Map<String, String> result = new LinkedHashMap<>();
    for (String name : names) {
      String canonical = name;
      for (int dot = name.lastIndexOf('.'); dot > 0; dot = name.lastIndexOf('.', dot - 1)) {
        String module = table.get(name.substring(0, dot));
        if (module != null) {
          canonical = module + name.substring(dot);
          break;
        }
      }
      result.put(name, canonical);
    }
    return result;
  }
}
