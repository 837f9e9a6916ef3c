package io.github.controlnet.core.engine.djl;

import io.github.controlnet.core.network.ScriptSource;
import io.github.controlnet.core.network.ScriptWriter;
import io.github.controlnet.spi.engine.TextEncoderArchitecture;
import io.github.controlnet.spi.engine.WeightNames;

/** Writes CLIP's text model. */
final class TextScript {
  private TextScript() {}

  static ScriptSource write(TextEncoderArchitecture sizes, int dtype, String device) {
    ScriptWriter script = new ScriptWriter(dtype, device);
    int width = sizes.width();
    ScriptWriter.requireDivides("The text encoder", width, sizes.heads(), "heads");
    script.method("encode", "tokens: Tensor", "Tensor");
    String table = script.weight(WeightNames.TOKEN_EMBEDDING, sizes.vocabulary(), width);
    String places = script.weight(WeightNames.POSITION_EMBEDDING, sizes.positions(), width);
    String h = script.let("torch.embedding(%s, %s)".formatted(table, script.indices("tokens")));
    h = script.add_(h, "torch.narrow(%s, 0, 0, torch.size(tokens, 1))".formatted(places));
    for (int i = 0; i < sizes.layers(); i++) {
      h = layer(script, sizes, h, "encoder.layers." + i);
    }
    script.result(script.layerNorm(h, "final_layer_norm", width, sizes.normEpsilon()));
    return script.finish();
  }

  private static String layer(
      ScriptWriter script, TextEncoderArchitecture sizes, String x, String name) {
    int width = sizes.width();
    String attention = name + ".self_attn";
    String n = script.layerNorm(x, name + ".layer_norm1", width, sizes.normEpsilon());
    String q = script.linear(n, attention + ".q_proj", width, width, true);
    String k = script.linear(n, attention + ".k_proj", width, width, true);
    String v = script.linear(n, attention + ".v_proj", width, width, true);
    String a =
        script.attention(
            script.heads(q, width, sizes.heads()),
            script.heads(k, width, sizes.heads()),
            script.heads(v, width, sizes.heads()),
            width,
            true);
    String h = script.add_(script.linear(a, attention + ".out_proj", width, width, true), x);
    n = script.layerNorm(h, name + ".layer_norm2", width, sizes.normEpsilon());
    String f = script.linear(n, name + ".mlp.fc1", width, sizes.feedForwardWidth(), true);
    f =
        script.let(
            switch (sizes.activation()) {
              case QUICK_GELU ->
                  "torch.mul_(%s, torch.sigmoid_(torch.mul(%s, 1.702)))".formatted(f, f);
              case GELU -> "torch.gelu_(%s)".formatted(f);
            });
    return script.add_(
        script.linear(f, name + ".mlp.fc2", sizes.feedForwardWidth(), width, true), h);
  }
}
