package io.github.controlnet.core.models;

import io.github.controlnet.core.nn.Graph;
import io.github.controlnet.core.nn.LayerNorm;
import io.github.controlnet.core.nn.Linear;
import io.github.controlnet.core.nn.Method;
import io.github.controlnet.core.nn.Parameter;
import io.github.controlnet.core.nn.Routine;
import io.github.controlnet.core.nn.Scope;
import io.github.controlnet.core.nn.Shape;
import io.github.controlnet.core.nn.Signature;
import io.github.controlnet.core.nn.Type;
import io.github.controlnet.core.nn.Value;
import io.github.controlnet.engine.TextEncoderSpec;
import io.github.controlnet.engine.WeightNames;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** CLIP's text model. */
public final class ClipText {
  /** Tokens [texts, length] to states, of the last layer but some. */
  public static final Signature ENCODE =
      Signature.of("encode", Signature.indices("tokens"), Signature.whole("skipped"));

  /** The same with some embeddings of tokens replaced. */
  public static final Signature ENCODE_REPLACED =
      Signature.of(
          "encode_replaced",
          Signature.indices("tokens"),
          Signature.whole("skipped"),
          Signature.indices("places"),
          Signature.tensor("vectors"));

  private static final Signature LAYERS =
      Signature.of("layers", Signature.tensor("x"), Signature.whole("skipped"));

  private final TextEncoderSpec spec;
  private final Parameter tokens;
  private final Parameter positions;
  private final List<Layer> layers;
  private final LayerNorm norm;

  private ClipText(Scope scope, TextEncoderSpec spec) {
    int width = spec.width();
    Shape.requireDivides("The text encoder", width, spec.heads(), "heads");
    this.spec = spec;
    this.tokens = scope.parameter(WeightNames.TOKEN_EMBEDDING, spec.vocabulary(), width);
    this.positions = scope.parameter(WeightNames.POSITION_EMBEDDING, spec.positions(), width);
    this.layers =
        IntStream.range(0, spec.layers())
            .mapToObj(i -> Layer.of(scope.at("encoder.layers." + i), spec))
            .toList();
    this.norm = LayerNorm.of(scope.at("final_layer_norm"), width, spec.normEpsilon());
  }

  private record Layer(
      LayerNorm norm1,
      Linear query,
      Linear key,
      Linear value,
      Linear out,
      LayerNorm norm2,
      Linear first,
      Linear second) {
    static Layer of(Scope scope, TextEncoderSpec spec) {
      int width = spec.width();
      Scope attention = scope.at("self_attn");
      return new Layer(
          LayerNorm.of(scope.at("layer_norm1"), width, spec.normEpsilon()),
          Linear.of(attention.at("q_proj"), width, width),
          Linear.of(attention.at("k_proj"), width, width),
          Linear.of(attention.at("v_proj"), width, width),
          Linear.of(attention.at("out_proj"), width, width),
          LayerNorm.of(scope.at("layer_norm2"), width, spec.normEpsilon()),
          Linear.of(scope.at("mlp.fc1"), width, spec.feedForwardWidth()),
          Linear.of(scope.at("mlp.fc2"), spec.feedForwardWidth(), width));
    }

    Value apply(Value x, TextEncoderSpec spec) {
      int width = spec.width();
      Value n = norm1.apply(x);
      Value q = query.apply(n);
      Value k = key.apply(n);
      Value v = value.apply(n);
      Value a =
          q.heads(width, spec.heads())
              .attendBefore(k.heads(width, spec.heads()), v.heads(width, spec.heads()), width);
      Value h = out.apply(a).plus(x);
      Value f = first.apply(norm2.apply(h));
      Value activated =
          switch (spec.activation()) {
            case QUICK_GELU -> f.times(f.times(1.702).sigmoid());
            case GELU -> f.gelu();
          };
      return second.apply(activated).plus(h);
    }
  }

  /** The network with its methods. */
  public static Graph graph(TextEncoderSpec spec) {
    Graph graph = new Graph();
    of(graph.scope(), spec).write(graph);
    return graph;
  }

  /**
   * Lists the tensors of a text encoder.
   *
   * @param spec its sizes
   * @return names to shapes, in the order in which the network uses them
   */
  public static Map<String, List<Long>> shapes(TextEncoderSpec spec) {
    Graph graph = new Graph();
    of(graph.scope(), spec);
    return graph.shapes();
  }

  private static ClipText of(Scope scope, TextEncoderSpec spec) {
    return new ClipText(scope, spec);
  }

  private void write(Graph graph) {
    writeLayers(graph.method(LAYERS));
    Method encode = graph.method(ENCODE);
    encode.result(states(encode, embedded(encode)));
    Method replacing = graph.method(ENCODE_REPLACED);
    Value h = embedded(replacing);
    Value rows = h.reshape(-1, spec.width());
    Value vectors = replacing.input("vectors", Shape.OPEN, spec.width()).toDevice();
    Value replaced = rows.indexCopy(0, replacing.input("places").indices(), vectors);
    replacing.result(states(replacing, replaced.reshape(h.size(0), h.size(1), spec.width())));
  }

  private Value embedded(Method method) {
    Value ids = method.input("tokens", Shape.OPEN, Shape.OPEN).indices();
    return method.read(tokens).embedding(ids);
  }

  private static Value states(Method method, Value embedded) {
    return method.run(
        Routine.of(LAYERS), Type.TENSOR, embedded.shape(), embedded, method.input("skipped"));
  }

  /** From token embeddings to states; computes layers that are skipped too, which costs little. */
  private void writeLayers(Method method) {
    Value x = method.input("x", Shape.OPEN, Shape.OPEN, spec.width());
    Value h = x.plus(method.read(positions).narrow(0, 0, x.size(1)));
    List<Value> outputs = new ArrayList<>();
    for (Layer layer : layers) {
      h = layer.apply(h, spec);
      outputs.add(h);
    }
    Value last = method.pick(outputs, method.input("skipped").from(spec.layers() - 1));
    method.result(norm.apply(last));
  }
}
