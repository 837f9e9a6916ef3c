package io.github.controlnet.core.engine.djl;

import io.github.controlnet.core.network.Convolution;
import io.github.controlnet.core.network.ScriptSource;
import io.github.controlnet.core.network.ScriptWriter;
import io.github.controlnet.spi.engine.AutoencoderSpec;
import java.util.List;

/** Writes the autoencoder, each half a module of its own. */
final class AutoencoderScript {
  private static final double EPSILON = 1e-6;

  private final ScriptWriter script;
  private final AutoencoderSpec sizes;

  private AutoencoderScript(ScriptWriter script, AutoencoderSpec sizes) {
    this.script = script;
    this.sizes = sizes;
  }

  /** The module whose method {@code decode} turns latents into pixels. */
  static ScriptSource decoder(AutoencoderSpec sizes, ScriptWriter script) {
    new AutoencoderScript(script, sizes).decode();
    return script.finish();
  }

  /** The module whose method {@code encode} turns pixels into the moments of latents. */
  static ScriptSource encoder(AutoencoderSpec sizes, ScriptWriter script) {
    new AutoencoderScript(script, sizes).encode();
    return script.finish();
  }

  private void decode() {
    List<Integer> widths = sizes.widths();
    int latent = sizes.latentChannels();
    int channels = widths.get(widths.size() - 1);
    script.method("decode", "latents: Tensor", "Tensor");
    String h =
        script.conv(script.image("latents"), "post_quant_conv", Convolution.of(latent, latent, 1));
    h = script.conv(h, "decoder.conv_in", Convolution.of(latent, channels, 3));
    h = middle(h, "decoder.mid_block", channels);
    for (int i = widths.size() - 1; i >= 0; i--) {
      String block = "decoder.up_blocks." + (widths.size() - 1 - i);
      for (int j = 0; j <= sizes.residualBlocks(); j++) {
        h = residualBlock(h, block + ".resnets." + j, channels, widths.get(i));
        channels = widths.get(i);
      }
      if (i > 0) {
        String twice = "torch.mul(torch.size(" + h + ", %d), 2)";
        h = script.upsample(h, twice.formatted(2), twice.formatted(3));
        h = script.conv(h, block + ".upsamplers.0.conv", Convolution.of(channels, channels, 3));
      }
    }
    h =
        script.silu_(
            script.groupNorm(h, "decoder.conv_norm_out", channels, sizes.groups(), EPSILON));
    h = script.conv(h, "decoder.conv_out", Convolution.of(channels, sizes.imageChannels(), 3));
    script.result(script.export(h));
  }

  private void encode() {
    List<Integer> widths = sizes.widths();
    int moments = 2 * sizes.latentChannels();
    int channels = widths.get(0);
    script.method("encode", "pixels: Tensor", "Tensor");
    String h =
        script.conv(
            script.image("pixels"),
            "encoder.conv_in",
            Convolution.of(sizes.imageChannels(), channels, 3));
    for (int i = 0; i < widths.size(); i++) {
      String block = "encoder.down_blocks." + i;
      for (int j = 0; j < sizes.residualBlocks(); j++) {
        h = residualBlock(h, block + ".resnets." + j, channels, widths.get(i));
        channels = widths.get(i);
      }
      if (i + 1 < widths.size()) {
        // one column right and one row below, none left and above
        h = script.let("torch.constant_pad_nd(" + h + ", [0, 1, 0, 1])");
        h =
            script.conv(
                h,
                block + ".downsamplers.0.conv",
                Convolution.of(channels, channels, 3).stride(2).padding(0));
      }
    }
    h = middle(h, "encoder.mid_block", channels);
    h =
        script.silu_(
            script.groupNorm(h, "encoder.conv_norm_out", channels, sizes.groups(), EPSILON));
    h = script.conv(h, "encoder.conv_out", Convolution.of(channels, moments, 3));
    h = script.conv(h, "quant_conv", Convolution.of(moments, moments, 1));
    script.result(script.export(h));
  }

  private String middle(String x, String name, int channels) {
    String h = residualBlock(x, name + ".resnets.0", channels, channels);
    String attention = name + ".attentions.0";
    String n = script.groupNorm(h, attention + ".group_norm", channels, sizes.groups(), EPSILON);
    n = script.toSequence(n, channels);
    String q = script.linear(n, attention + ".to_q", channels, channels, true);
    String k = script.linear(n, attention + ".to_k", channels, channels, true);
    String v = script.linear(n, attention + ".to_v", channels, channels, true);
    String a =
        script.attention(
            script.heads(q, channels, 1),
            script.heads(k, channels, 1),
            script.heads(v, channels, 1),
            channels,
            false);
    a = script.linear(a, attention + ".to_out.0", channels, channels, true);
    h = script.add_(script.toImage(a, h, channels), h);
    return residualBlock(h, name + ".resnets.1", channels, channels);
  }

  private String residualBlock(String x, String name, int in, int out) {
    return script.residualBlock(x, name, in, out, sizes.groups(), EPSILON, "", 0);
  }
}
