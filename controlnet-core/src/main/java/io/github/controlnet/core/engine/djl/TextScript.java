package io.github.controlnet.core.engine.djl;

import io.github.controlnet.core.network.ScriptSource;
import io.github.controlnet.core.network.ScriptWriter;
import io.github.controlnet.spi.engine.TextEncoderSpec;
import io.github.controlnet.spi.engine.WeightNames;
import java.util.ArrayList;
import java.util.List;

/** Writes CLIP's text model. */
final class TextScript {
  private TextScript() {}

  static ScriptSource write(TextEncoderSpec sizes, ScriptWriter script) {
    int width = sizes.width();
    ScriptWriter.requireDivides("The text encoder", width, sizes.heads(), "heads");
    layers(script, sizes);
    script.method("encode", "tokens: Tensor, skipped: int", "Tensor");
    script.result("(self).layers(" + embedded(script, sizes) + ", skipped)");
    script.method(
        "encode_replaced",
        "tokens: Tensor, skipped: int, places: Tensor, vectors: Tensor",
        "Tensor");
    String h = embedded(script, sizes);
    String rows = script.let("torch.reshape(%s, [-1, %d])".formatted(h, width));
    String vectors = script.toDevice("vectors");
    script.let(
        "torch.index_copy_(%s, 0, %s, %s)".formatted(rows, script.indices("places"), vectors));
    script.result("(self).layers(torch.reshape(%s, torch.size(%s)), skipped)".formatted(rows, h));
    script.method("take", "states: Tensor", "Tensor");
    // a copy: the memory of an argument ends with the call
    script.result("torch.clone(" + script.toDevice("states") + ")");
    return script.finish();
  }

  private static String embedded(ScriptWriter script, TextEncoderSpec sizes) {
    String table = script.weight(WeightNames.TOKEN_EMBEDDING, sizes.vocabulary(), sizes.width());
    return script.let("torch.embedding(%s, %s)".formatted(table, script.indices("tokens")));
  }

  /** From token embeddings to states; computes layers that are skipped too, which costs little. */
  private static void layers(ScriptWriter script, TextEncoderSpec sizes) {
    int width = sizes.width();
    script.method("layers", "x: Tensor, skipped: int", "Tensor");
    String places = script.weight(WeightNames.POSITION_EMBEDDING, sizes.positions(), width);
    String h =
        script.let("torch.add(x, torch.narrow(%s, 0, 0, torch.size(x, 1)))".formatted(places));
    List<String> outputs = new ArrayList<>();
    for (int i = 0; i < sizes.layers(); i++) {
      h = layer(script, sizes, h, "encoder.layers." + i);
      outputs.add(h);
    }
    String all = script.let(ScriptWriter.list(outputs));
    String last = script.let("%s[torch.sub(%d, skipped)]".formatted(all, sizes.layers() - 1));
    script.result(script.layerNorm(last, "final_layer_norm", width, sizes.normEpsilon()));
  }

  private static String layer(ScriptWriter script, TextEncoderSpec sizes, String x, String name) {
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
