package io.github.controlnet.annotators.networks;

import io.github.controlnet.core.nn.BatchNorm;
import io.github.controlnet.core.nn.Conv;
import io.github.controlnet.core.nn.ConvTransposed;
import io.github.controlnet.core.nn.Convolution;
import io.github.controlnet.core.nn.Derivation;
import io.github.controlnet.core.nn.Graph;
import io.github.controlnet.core.nn.GroupNorm;
import io.github.controlnet.core.nn.LayerNorm;
import io.github.controlnet.core.nn.Linear;
import io.github.controlnet.core.nn.Method;
import io.github.controlnet.core.nn.Shape;
import io.github.controlnet.core.nn.Signature;
import io.github.controlnet.core.nn.Type;
import io.github.controlnet.core.nn.Value;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * A network of one method, {@code run}, that takes a picture and gives tensors, and whose layers
 * are named in full.
 */
final class PictureGraph {
  static final double BATCH_EPSILON = 1e-5;

  private final Graph graph = new Graph();
  private final Method method;

  /**
   * Starts a network.
   *
   * @param others names of the tensors that it takes besides the picture
   */
  PictureGraph(String... others) {
    Signature.Argument[] arguments =
        Stream.concat(Stream.of("x"), Arrays.stream(others))
            .map(Signature::tensor)
            .toArray(Signature.Argument[]::new);
    this.method = graph.method(Signature.of("run", arguments).returning(Type.TENSORS));
  }

  /** The picture, [1, channels, rows, columns]. */
  Value picture(int channels) {
    return method.input("x", 1, channels, Shape.OPEN, Shape.OPEN).image();
  }

  Method method() {
    return method;
  }

  /** Ends the network with what it gives. */
  Graph giving(Value... outputs) {
    return giving(List.of(outputs));
  }

  /** Ends the network with what it gives. */
  Graph giving(List<Value> outputs) {
    method.results(outputs.stream().map(Value::export).toList());
    return graph;
  }

  /** A weight as a value. */
  Value weight(String name, long... shape) {
    return method.read(graph.scope().parameter(name, shape));
  }

  /** Has a weight computed when it is loaded, from then on under its name. */
  void derive(String name, Derivation derivation, long... shape) {
    graph.scope().derived(name, derivation, shape);
  }

  /** A weight that is computed when it is loaded, as a value. */
  Value derived(String name, Derivation derivation, long... shape) {
    return method.read(graph.scope().derived(name, derivation, shape));
  }

  Conv conv(String name, Convolution sizes) {
    return Conv.of(graph.scope().at(name), sizes);
  }

  /** A convolution whose kernel is computed when it is loaded. */
  Conv conv(String name, Convolution sizes, Derivation kernel) {
    derive(name + ".weight", kernel, sizes.kernels());
    return conv(name, sizes);
  }

  /** A convolution and batch norm as one convolution. */
  Conv convNorm(String name, String norm, Convolution sizes) {
    return convNorm(name, norm, sizes, BATCH_EPSILON);
  }

  /** A convolution and batch norm as one convolution. */
  Conv convNorm(String name, String norm, Convolution sizes, double epsilon) {
    FoldedNorm folded = new FoldedNorm(name, norm, sizes, epsilon);
    derive(name + ".weight", folded.kernel(), sizes.kernels());
    derive(name + ".bias", folded.bias(), sizes.out());
    return conv(name, sizes.withBias(true));
  }

  ConvTransposed convTranspose(String name, Convolution sizes, int outputPadding) {
    return ConvTransposed.of(graph.scope().at(name), sizes, outputPadding);
  }

  Linear linear(String name, int in, int out) {
    return Linear.of(graph.scope().at(name), in, out);
  }

  Linear linearWithoutBias(String name, int in, int out) {
    return Linear.withoutBias(graph.scope().at(name), in, out);
  }

  BatchNorm batchNorm(String name, int channels, double epsilon) {
    return BatchNorm.of(graph.scope().at(name), channels, epsilon);
  }

  GroupNorm groupNorm(String name, int channels, int groups, double epsilon) {
    return GroupNorm.of(graph.scope().at(name), channels, groups, epsilon);
  }

  LayerNorm layerNorm(String name, int width, double epsilon) {
    return LayerNorm.of(graph.scope().at(name), width, epsilon);
  }

  /** Two linear layers with GELU between them, {@code name.fc1} and {@code name.fc2}. */
  Value mlp(Value x, String name, int width, int hidden) {
    Value h = linear(name + ".fc1", width, hidden).apply(x).gelu();
    return linear(name + ".fc2", hidden, width).apply(h);
  }

  /** Two linear layers with ReLU between them, {@code name.linear1} and {@code name.linear2}. */
  Value feedForward(Value x, String name, int width, int hidden) {
    Value h = linear(name + ".linear1", width, hidden).apply(x).relu();
    return linear(name + ".linear2", hidden, width).apply(h);
  }
}
