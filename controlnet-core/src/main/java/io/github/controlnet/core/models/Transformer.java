package io.github.controlnet.core.models;

import io.github.controlnet.core.nn.Conv;
import io.github.controlnet.core.nn.Convolution;
import io.github.controlnet.core.nn.Geglu;
import io.github.controlnet.core.nn.GroupNorm;
import io.github.controlnet.core.nn.LayerNorm;
import io.github.controlnet.core.nn.Linear;
import io.github.controlnet.core.nn.Scope;
import io.github.controlnet.core.nn.Shape;
import io.github.controlnet.core.nn.Value;
import io.github.controlnet.engine.UNetSpec;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Blocks of attention to the feature map itself and to the text.
 *
 * @param in from channels to tokens, a linear layer or a convolution of single pixels
 * @param out and back
 */
record Transformer(
    int channels, GroupNorm norm, Projection in, List<Block> blocks, Projection out) {
  /** Epsilon of the transformers' group norm; the residual blocks' own is in the specification. */
  private static final double NORM_EPSILON = 1e-6;

  private static final double LAYER_NORM_EPSILON = 1e-5;
  private static final int EXPANSION = 4;

  /** A layer that files store as a convolution or as a linear one. */
  private record Projection(boolean linear, UnaryOperator<Value> layer) {
    static Projection of(Scope scope, int channels, boolean linear) {
      return linear
          ? new Projection(true, Linear.of(scope, channels, channels)::apply)
          : new Projection(false, Conv.of(scope, Convolution.of(channels, channels, 1))::apply);
    }

    Value apply(Value x) {
      return layer.apply(x);
    }
  }

  /** One block. */
  record Block(
      LayerNorm norm1,
      Attention self,
      LayerNorm norm2,
      Attention cross,
      LayerNorm norm3,
      Geglu hidden,
      Linear last) {
    static Block of(Scope scope, int channels, int heads, int context) {
      return new Block(
          LayerNorm.of(scope.at("norm1"), channels, LAYER_NORM_EPSILON),
          Attention.of(scope.at("attn1"), channels, channels, heads),
          LayerNorm.of(scope.at("norm2"), channels, LAYER_NORM_EPSILON),
          Attention.of(scope.at("attn2"), channels, context, heads),
          LayerNorm.of(scope.at("norm3"), channels, LAYER_NORM_EPSILON),
          Geglu.of(scope.at("ff.net.0.proj"), channels, EXPANSION * channels),
          Linear.of(scope.at("ff.net.2"), EXPANSION * channels, channels));
    }

    private Value toItself(Value x, Pass pass) {
      Value n = norm1.apply(x);
      Value query = self.query().apply(n);
      Value key = self.key().apply(n);
      Value value = self.value().apply(n);
      int heads = self.heads();
      Value a =
          query
              .heads(self.width(), heads)
              .attend(
                  key.heads(self.width(), heads), value.heads(self.width(), heads), self.width());
      return self.out().apply(pass.perturbed(a, value)).plus(x);
    }

    private Value toText(Value x, Pass pass) {
      Value query = cross.queries(norm2.apply(x));
      Text text = pass.text(cross);
      Value a = query.attend(text.keys(), text.values(), cross.width());
      return cross.out().apply(a).plus(x);
    }

    private Value feedForward(Value x) {
      return last.apply(hidden.apply(norm3.apply(x))).plus(x);
    }
  }

  /** Keys and values of the text for one attention. */
  record Text(Value keys, Value values) {}

  static Transformer of(Scope scope, int channels, int depth, int heads, UNetSpec spec) {
    Shape.requireDivides(scope.layer(), channels, heads, "heads");
    boolean linear = spec.linearProjection();
    GroupNorm norm = GroupNorm.of(scope.at("norm"), channels, spec.groups(), NORM_EPSILON);
    Projection in = Projection.of(scope.at("proj_in"), channels, linear);
    List<Block> blocks =
        IntStream.range(0, depth)
            .mapToObj(i -> scope.at("transformer_blocks." + i))
            .map(block -> Block.of(block, channels, heads, spec.contextWidth()))
            .toList();
    return new Transformer(
        channels, norm, in, blocks, Projection.of(scope.at("proj_out"), channels, linear));
  }

  Value apply(Value x, Pass pass) {
    Value input = x;
    Value h = norm.apply(x);
    h = in.linear() ? in.apply(h.toSequence(channels)) : in.apply(h).toSequence(channels);
    for (Block block : blocks) {
      h = block.toItself(h, pass);
      if (!pass.isExpanded()) {
        h = pass.expand(h);
        input = pass.expand(input);
        pass.setExpanded();
      }
      h = block.feedForward(block.toText(h, pass));
    }
    h =
        out.linear()
            ? out.apply(h).toImage(input, channels)
            : out.apply(h.toImage(input, channels));
    return h.plus(input);
  }

  Stream<Attention> crossAttentions() {
    return blocks.stream().map(Block::cross);
  }
}
