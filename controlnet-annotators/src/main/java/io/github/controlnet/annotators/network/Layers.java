package io.github.controlnet.annotators.network;

import static io.github.controlnet.core.network.ScriptWriter.number;
import static java.util.stream.Collectors.joining;

import io.github.controlnet.core.network.Activation;
import io.github.controlnet.core.network.Convolution;
import io.github.controlnet.core.network.ScriptSource;
import io.github.controlnet.core.network.ScriptWriter;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The layers that the annotators' networks are made of. The methods that end in an underscore
 * change their argument.
 */
public final class Layers {
  static final double BATCH_EPSILON = 1e-5;

  private final ScriptWriter script;
  private final Map<String, Derivation> derivations = new LinkedHashMap<>();

  /** Starts a network, with a writer's operators. */
  public Layers(ScriptWriter script) {
    this.script = script;
  }

  /**
   * Starts the method {@code run} and brings the picture in.
   *
   * @param others names of the tensors that it takes besides the picture
   */
  String begin(String... others) {
    String more = Arrays.stream(others).map(", %s: Tensor"::formatted).collect(joining());
    script.method("run", "x: Tensor" + more, "List[Tensor]");
    return script.image("x");
  }

  void end(String... outputs) {
    script.result(ScriptWriter.list(List.of(outputs).stream().map(script::export).toList()));
  }

  /** Names the value of an expression, whose places are filled in as {@link String#format} does. */
  @SuppressWarnings("AnnotateFormatMethod") // that annotation is in no dependency
  String let(String expression, Object... arguments) {
    return script.let(expression.formatted(arguments));
  }

  String weight(String name, long... shape) {
    return script.weight(name, shape);
  }

  /** Has a weight computed when it is loaded, from then on under its name. */
  void derive(String name, Derivation derivation) {
    derivations.put(name, derivation);
  }

  /** A weight that is computed when it is loaded. */
  String derived(String name, Derivation derivation) {
    derive(name, derivation);
    return weight(name, derivation.shape().stream().mapToLong(Long::longValue).toArray());
  }

  String conv(String x, String name, Convolution conv) {
    return script.conv(x, name, conv);
  }

  String conv(String x, String name, Convolution conv, Activation activation) {
    return script.conv(x, name, conv, activation);
  }

  String convRelu(String x, String name, Convolution conv) {
    return script.conv(x, name, conv, Activation.RELU);
  }

  /** A convolution whose kernel is computed when it is loaded. */
  String conv(String x, String name, Convolution conv, Derivation kernel, Activation activation) {
    derive(name + ".weight", kernel);
    return script.conv(x, name, conv, activation);
  }

  /** A convolution, batch norm and an activation. */
  String convNorm(String x, String name, String norm, Convolution conv, Activation activation) {
    return convNorm(x, name, norm, conv, BATCH_EPSILON, activation);
  }

  /** A convolution, batch norm and an activation. */
  String convNorm(
      String x, String name, String norm, Convolution conv, double epsilon, Activation activation) {
    fold(name, norm, conv, epsilon);
    return script.conv(x, name, conv.withBias(true), activation);
  }

  /** Adds a convolution and batch norm to a sum that nobody else needs. */
  String addConvNorm_(
      String sum,
      String x,
      String name,
      String norm,
      Convolution conv,
      double epsilon,
      Activation activation) {
    fold(name, norm, conv, epsilon);
    return script.addConv_(sum, x, name, conv.withBias(true), activation);
  }

  private void fold(String name, String norm, Convolution conv, double epsilon) {
    FoldedNorm folded = new FoldedNorm(name, norm, conv, epsilon);
    derive(name + ".weight", folded.kernel());
    derive(name + ".bias", folded.bias());
  }

  /** A transposed convolution; the picture grows by the stride. */
  String convTranspose(String x, String name, Convolution conv, int outputPadding) {
    return convTranspose(x, name, conv, outputPadding, Activation.NONE);
  }

  String convTranspose(
      String x, String name, Convolution conv, int outputPadding, Activation activation) {
    return script.convTranspose(x, name, conv, outputPadding, activation);
  }

  String linear(String x, String name, int in, int out) {
    return script.linear(x, name, in, out, true);
  }

  /** A linear layer with a bias that was computed, or "None". */
  String linear(String x, String name, int in, int out, String bias) {
    return script.linear(x, name, in, out, bias);
  }

  String batchNorm(String x, String name, int channels, double epsilon) {
    return let(
        "torch.batch_norm(%s, %s, %s, %s, %s, False, 0., %s, False)",
        x,
        script.weight(name + ".weight", channels),
        script.weight(name + ".bias", channels),
        script.weight(name + ".running_mean", channels),
        script.weight(name + ".running_var", channels),
        number(epsilon));
  }

  /**
   * Each channel of each picture by its own mean and variance, without weights. As a group norm
   * with groups of one channel it is ten times as fast on channels-last pictures, which it leaves
   * so.
   */
  String instanceNorm(String x) {
    return let("torch.group_norm(%s, torch.size(%s, 1), None, None, 1e-05)", x, x);
  }

  /** Two linear layers with GELU between them, {@code name.fc1} and {@code name.fc2}. */
  String mlp(String x, String name, int width, int hidden) {
    String h = let("torch.gelu_(%s)", linear(x, name + ".fc1", width, hidden));
    return linear(h, name + ".fc2", hidden, width);
  }

  /** Two linear layers with ReLU between them, {@code name.linear1} and {@code name.linear2}. */
  String feedForward(String x, String name, int width, int hidden) {
    String h = relu_(linear(x, name + ".linear1", width, hidden));
    return linear(h, name + ".linear2", hidden, width);
  }

  String layerNorm(String x, String name, int width, double epsilon) {
    return script.layerNorm(x, name, width, epsilon);
  }

  /** One of several tensors that lie beside each other on axis 2, a view. */
  String part(String all, int number, int width) {
    return let("torch.narrow(%s, 2, %d, %d)", all, number * width, width);
  }

  /** [1, count, width] to [1, heads, count, width / heads], a view. */
  String heads(String x, int width, int heads) {
    return script.heads(x, width, heads);
  }

  /**
   * Attention of heads.
   *
   * @param scores what is added to the scores, or "None"
   * @return [1, count, width]
   */
  String attention(String q, String k, String v, int width, String scores) {
    String h = let("torch.scaled_dot_product_attention(%s, %s, %s, %s)", q, k, v, scores);
    return let("torch.reshape(torch.transpose(%s, 1, 2), [1, -1, %d])", h, width);
  }

  String relu_(String x) {
    return let("torch.relu_(%s)", x);
  }

  String relu(String x) {
    return let("torch.relu(%s)", x);
  }

  String sigmoid(String x) {
    return let("torch.sigmoid(%s)", x);
  }

  String add(String x, String y) {
    return let("torch.add(%s, %s)", x, y);
  }

  String add_(String x, String y) {
    return script.add_(x, y);
  }

  String mul(String x, String y) {
    return let("torch.mul(%s, %s)", x, y);
  }

  String cat(String... parts) {
    return let("torch.cat([%s], 1)", String.join(", ", parts));
  }

  String reflectionPad(String x, int width) {
    return let("torch.reflection_pad2d(%s, [%2$d, %2$d, %2$d, %2$d])", x, width);
  }

  String maxPool(String x, int side, int stride, int padding) {
    return let(
        "torch.max_pool2d(%s, [%2$d, %2$d], [%3$d, %3$d], [%4$d, %4$d], [1, 1], False)",
        x, side, stride, padding);
  }

  String rows(String x) {
    return let("torch.size(%s, 2)", x);
  }

  String columns(String x) {
    return let("torch.size(%s, 3)", x);
  }

  String twice(String whole) {
    return let("torch.mul(%s, 2)", whole);
  }

  /** Bilinear, to rows and columns. */
  String resize(String x, String rows, String columns, boolean alignCorners) {
    return let(
        "torch.upsample_bilinear2d(%s, [%s, %s], %s, None, None)",
        x, rows, columns, alignCorners ? "True" : "False");
  }

  String resizeLike(String x, String like, boolean alignCorners) {
    return resize(x, rows(like), columns(like), alignCorners);
  }

  /** Bilinear, to twice the size. */
  String enlarge(String x, boolean alignCorners) {
    return resize(x, twice(rows(x)), twice(columns(x)), alignCorners);
  }

  ScriptWriter script() {
    return script;
  }

  /** The script, once it is written. */
  public ScriptSource finish() {
    return script.finish();
  }

  /** The weights that are computed when they are loaded. */
  Map<String, Derivation> derivations() {
    return Collections.unmodifiableMap(derivations);
  }
}
