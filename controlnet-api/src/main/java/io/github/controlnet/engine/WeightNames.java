package io.github.controlnet.engine;

/**
 * The canonical names of weights. Whatever layout a file has, an engine sees these names: those of
 * diffusers' U-Net ({@code down_blocks.0.resnets.0.conv1.weight}), ControlNet ({@code
 * controlnet_cond_embedding.*}, {@code controlnet_down_blocks.*}, {@code controlnet_mid_block}),
 * AutoencoderKL ({@code encoder.*}, {@code decoder.*}, {@code quant_conv}, {@code
 * post_quant_conv}), AutoencoderTiny ({@code encoder.layers.*}, {@code decoder.layers.*}) and
 * transformers' CLIP text model without its {@code text_model.} prefix ({@code
 * encoder.layers.0.self_attn.q_proj.weight}). The autoencoder's attention is {@code to_q}, {@code
 * to_k}, {@code to_v}, {@code to_out.0} with weights [channels, channels].
 *
 * <p>Shapes are those of PyTorch: convolutions [out, in, rows, columns], linear layers [out, in].
 */
public final class WeightNames {
  /** The table of token embeddings, [vocabulary, width]. */
  public static final String TOKEN_EMBEDDING = "embeddings.token_embedding.weight";

  /** The table of position embeddings, [positions, width]. */
  public static final String POSITION_EMBEDDING = "embeddings.position_embedding.weight";

  private WeightNames() {}
}
