package io.github.controlnet.annotators.networks;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

/** From the names that Hugging Face's transformers gives OneFormer's weights to the authors'. */
final class OneFormerNames {
  private static final String THEIRS = "model.";

  /** In the order in which they are replaced. */
  private static final Map<String, String> PARTS = new LinkedHashMap<>();

  static {
    String backbone = "model.pixel_level_module.encoder.";
    PARTS.put(backbone + "embeddings.patch_embeddings.projection.", "backbone.patch_embed.proj.");
    PARTS.put(backbone + "embeddings.norm.", "backbone.patch_embed.norm.");
    PARTS.put(backbone + "encoder.layers.", "backbone.layers.");
    for (int i = 0; i < 4; i++) {
      String norm = backbone + "hidden_states_norms.stage%d.".formatted(i + 1);
      PARTS.put(norm, "backbone.norm%d.".formatted(i));
    }
    PARTS.put(".layernorm_before.", ".norm1.");
    PARTS.put(".layernorm_after.", ".norm2.");
    PARTS.put(".attention.self.", ".attn.");
    PARTS.put(".attention.output.dense.", ".attn.proj.");
    PARTS.put(".intermediate.dense.", ".mlp.fc1.");
    PARTS.put(".output.dense.", ".mlp.fc2.");
    String pixels = "sem_seg_head.pixel_decoder.";
    String theirPixels = "model.pixel_level_module.decoder.";
    PARTS.put(theirPixels + "encoder.layers.", pixels + "transformer.encoder.layers.");
    PARTS.put(theirPixels + "level_embed", pixels + "transformer.level_embed");
    PARTS.put(theirPixels + "input_projections.", pixels + "input_proj.");
    PARTS.put(theirPixels + "mask_projection.", pixels + "mask_features.");
    PARTS.put(theirPixels, pixels);
    PARTS.put(".self_attn_layer_norm.", ".norm1.");
    PARTS.put(".final_layer_norm.", ".norm2.");
    PARTS.put("adapter_1.0.", "adapter_1.");
    PARTS.put("adapter_1.1.", "adapter_1.norm.");
    PARTS.put("layer_1.0.", "layer_1.");
    PARTS.put("layer_1.1.", "layer_1.norm.");
    String predictor = "sem_seg_head.predictor.";
    PARTS.put("model.transformer_module.decoder.", predictor);
    PARTS.put("model.transformer_module.queries_embedder.", predictor + "query_embed.");
    PARTS.put("model.transformer_module.", predictor);
    PARTS.put(".query_transformer.", ".class_transformer.");
    PARTS.put(".query_input_projection.", ".class_input_proj.");
    PARTS.put("model.task_encoder.task_mlp.", "task_mlp.");
  }

  /** Names whose numbers stay. */
  private static final Map<Pattern, String> LAYERS =
      Map.of(
          Pattern.compile("^(sem_seg_head\\.pixel_decoder\\..*)\\.fc([12])\\."),
          "$1.linear$2.",
          Pattern.compile("^(sem_seg_head\\.predictor\\.)layers\\.(\\d+)\\.(cross|self)_attn\\."),
          "$1transformer_$3_attention_layers.$2.",
          Pattern.compile("^(sem_seg_head\\.predictor\\.)layers\\.(\\d+)\\.ffn\\."),
          "$1transformer_ffn_layers.$2.",
          Pattern.compile("((?:task_mlp|mask_embed)\\.layers\\.\\d+)\\.0\\."),
          "$1.");

  private OneFormerNames() {}

  /** Returns the authors' name, which may be the name itself. */
  static String original(String name) {
    if (!name.startsWith(THEIRS)) {
      return name;
    }
    String result = name;
    for (Map.Entry<String, String> part : PARTS.entrySet()) {
      result = result.replace(part.getKey(), part.getValue());
    }
    for (Map.Entry<Pattern, String> layer : LAYERS.entrySet()) {
      result = layer.getKey().matcher(result).replaceFirst(layer.getValue());
    }
    return result;
  }
}
