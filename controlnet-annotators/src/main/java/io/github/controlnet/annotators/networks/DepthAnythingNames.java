package io.github.controlnet.annotators.networks;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * From the names that Hugging Face's transformers gives Depth Anything's weights to the authors'.
 */
final class DepthAnythingNames {
  private static final Map<String, String> PARTS = new LinkedHashMap<>();

  static {
    PARTS.put("backbone.embeddings.cls_token", "pretrained.cls_token");
    PARTS.put("backbone.embeddings.position_embeddings", "pretrained.pos_embed");
    PARTS.put("backbone.embeddings.patch_embeddings.projection.", "pretrained.patch_embed.proj.");
    PARTS.put("backbone.encoder.layer.", "pretrained.blocks.");
    PARTS.put("backbone.layernorm.", "pretrained.norm.");
    PARTS.put(".attention.attention.", ".attn.");
    PARTS.put(".attention.output.dense.", ".attn.proj.");
    PARTS.put(".layer_scale1.lambda1", ".ls1.gamma");
    PARTS.put(".layer_scale2.lambda1", ".ls2.gamma");
    for (int i = 0; i < 4; i++) {
      String layer = "neck.reassemble_stage.layers." + i;
      PARTS.put(layer + ".projection.", "depth_head.projects.%d.".formatted(i));
      PARTS.put(layer + ".resize.", "depth_head.resize_layers.%d.".formatted(i));
      PARTS.put("neck.convs.%d.".formatted(i), "depth_head.scratch.layer%d_rn.".formatted(i + 1));
      // transformers counts from the coarsest map, the authors from the finest
      PARTS.put(
          "neck.fusion_stage.layers.%d.".formatted(i),
          "depth_head.scratch.refinenet%d.".formatted(4 - i));
    }
    PARTS.put(".projection.", ".out_conv.");
    PARTS.put(".residual_layer", ".resConfUnit");
    PARTS.put(".convolution", ".conv");
    PARTS.put("head.conv1.", "depth_head.scratch.output_conv1.");
    PARTS.put("head.conv2.", "depth_head.scratch.output_conv2.0.");
    PARTS.put("head.conv3.", "depth_head.scratch.output_conv2.2.");
  }

  private DepthAnythingNames() {}

  /** Returns the authors' name, which may be the name itself. */
  static String original(String name) {
    if (name.startsWith("pretrained.") || name.startsWith("depth_head.")) {
      return name;
    }
    String result = name;
    for (Map.Entry<String, String> part : PARTS.entrySet()) {
      result = result.replace(part.getKey(), part.getValue());
    }
    return result;
  }
}
