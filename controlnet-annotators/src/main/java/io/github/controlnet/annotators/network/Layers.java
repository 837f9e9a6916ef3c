package io.github.controlnet.annotators.network;

import static io.github.controlnet.core.network.ScriptWriter.number;

import io.github.controlnet.core.network.ScriptWriter;
import java.util.List;

/**
 * The layers that the annotators' networks are made of. The methods that end in an underscore
 * change their argument.
 */
final class Layers {
  private static final double BATCH_EPSILON = 1e-5;

  private final ScriptWriter script;

  Layers(ScriptWriter script) {
    this.script = script;
  }

  /** Starts the method {@code run} and brings the picture in. */
  String begin() {
    script.method("run", "x: Tensor", "List[Tensor]");
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

  String conv(String x, String name, Conv conv) {
    String bias = conv.bias() ? script.weight(name + ".bias", conv.out()) : "None";
    if (conv.groups() == 1 && conv.dilation() == 1) {
      return script.conv(
          x, name, conv.in(), conv.out(), conv.side(), conv.stride(), conv.padding(), bias);
    }
    String kernel =
        script.weight(
            name + ".weight", conv.out(), conv.in() / conv.groups(), conv.side(), conv.side());
    return convWith(x, kernel, bias, conv);
  }

  /** A convolution with a kernel that was computed. */
  String convWith(String x, String kernel, String bias, Conv conv) {
    return let(
        "torch.conv2d(%s, %s, %s, [%5$d, %5$d], [%6$d, %6$d], [%7$d, %7$d], %4$d)",
        x, kernel, bias, conv.groups(), conv.stride(), conv.padding(), conv.dilation());
  }

  String convRelu(String x, String name, Conv conv) {
    return relu_(conv(x, name, conv));
  }

  /** A transposed convolution; the picture grows by the stride. */
  String convTranspose(String x, String name, Conv conv, int outputPadding) {
    String kernel =
        script.weight(
            name + ".weight", conv.in(), conv.out() / conv.groups(), conv.side(), conv.side());
    String bias = conv.bias() ? script.weight(name + ".bias", conv.out()) : "None";
    return let(
        "torch.conv_transpose2d(%s, %s, %s, [%4$d, %4$d], [%5$d, %5$d], [%6$d, %6$d], %7$d)",
        x, kernel, bias, conv.stride(), conv.padding(), outputPadding, conv.groups());
  }

  String linear(String x, String name, int in, int out) {
    return script.linear(x, name, in, out, true);
  }

  String batchNorm(String x, String name, int channels) {
    return batchNorm(x, name, channels, BATCH_EPSILON);
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

  String layerNorm(String x, String name, int width, double epsilon) {
    return script.layerNorm(x, name, width, epsilon);
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
}
