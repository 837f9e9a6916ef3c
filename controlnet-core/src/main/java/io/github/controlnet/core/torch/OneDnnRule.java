package io.github.controlnet.core.torch;

import static io.github.controlnet.core.torch.Emission.NONE;
import static io.github.controlnet.core.torch.Expression.call;
import static io.github.controlnet.core.torch.Expression.list;
import static io.github.controlnet.core.torch.Expression.quoted;
import static io.github.controlnet.core.torch.Expression.text;
import static io.github.controlnet.core.torch.Expression.twice;

import io.github.controlnet.core.nn.Activation;
import io.github.controlnet.core.nn.Convolution;
import io.github.controlnet.core.nn.Geglu;
import io.github.controlnet.core.nn.Op;
import io.github.controlnet.core.nn.Parameter;
import io.github.controlnet.core.nn.Value;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes convolutions and linear layers with oneDNN's operators, whose weights are laid out once,
 * when they are loaded, the way the processor's kernels read them.
 *
 * @param dtype the type of weights and activations
 */
record OneDnnRule(int dtype) implements Rule {
  /**
   * From float32 oneDNN converts while it copies; from other types it cannot, or slowly.
   *
   * <p>The size hints say how much data to expect; the layout they lead to is the best for every
   * size that was tried, where none leads to another; that of single pixels, for which it is not,
   * is a linear layer ({@link #isLinear}).
   */
  private static final String METHODS =
      """
        def pack_convolution(self: __torch__.Network, name: str, values: Tensor, numbers: List[int]) -> NoneType:
          stride, padding, dilation, groups, = numbers
          if torch.eq(ops.prim.dtype(values), 6):
            plain = torch.to_mkldnn(values, %1$d)
          else:
            plain = torch.to_mkldnn(torch.to(values, %1$d))
          channels = torch.mul(torch.size(values, 1), groups)
          packed = torch.mkldnn_reorder_conv2d_weight(plain, [padding, padding], [stride, stride], [dilation, dilation], groups, [2, channels, 64, 64])
          _0 = torch._set_item(self.w, name, packed)
          return None
        def pack_transposed(self: __torch__.Network, name: str, values: Tensor, numbers: List[int]) -> NoneType:
          stride, padding, dilation, groups, extra, = numbers
          packed = ops.mkldnn._reorder_convolution_transpose_weight(torch.to(values, %1$d), [padding, padding], [extra, extra], [stride, stride], [dilation, dilation], groups, [1, torch.size(values, 0), 64, 64])
          _0 = torch._set_item(self.w, name, packed)
          return None
        def pack_linear(self: __torch__.Network, name: str, values: Tensor, numbers: List[int]) -> NoneType:
          _0 = torch._set_item(self.w, name, ops.mkldnn._reorder_linear_weight(torch.to(values, %1$d), 512))
          return None
        def pack_halves(self: __torch__.Network, name: str, values: Tensor, numbers: List[int]) -> NoneType:
          hidden = numbers[0]
          (self).pack_linear(name, torch.narrow(values, 0, 0, hidden), numbers)
          (self).pack_linear(torch.add(name, ".gate"), torch.narrow(values, 0, hidden, hidden), numbers)
          return None
      """;

  @Override
  public String methods() {
    return METHODS.formatted(dtype);
  }

  @Override
  public @Nullable Expression lower(Value value, Emission out) {
    Op op = value.op();
    if (op instanceof Op.Convolve conv) {
      return isLinear(conv.conv().sizes()) ? pixels(conv, out) : convolved(value, conv, out);
    }
    if (op instanceof Op.ConvolveTransposed conv) {
      return transposed(conv, out);
    }
    if (op instanceof Op.Project project) {
      Expression bias = AtenRule.bias(project, out);
      Expression weight = packedLinear(project.linear().kernel(), out);
      return linear(out.of(project.x()), weight, bias, quoted("none"), list(), NONE);
    }
    return op instanceof Op.Gate gate ? gated(out.of(gate.x()), gate.geglu(), out) : null;
  }

  private static Expression convolved(Value value, Op.Convolve conv, Emission out) {
    Expression x = out.of(conv.x());
    List<Object> operands = new ArrayList<>(List.of(x));
    operands.addAll(operands(conv, out));
    Activation activation = conv.activation();
    if (conv.sum().isEmpty() || !out.overwrites(value)) {
      boolean alone = conv.sum().isEmpty();
      operands.addAll(after(alone ? activation : Activation.NONE));
      Expression h = call("ops.mkldnn._convolution_pointwise", operands.toArray());
      return alone ? h : AtenRule.finished(value, conv, h, out);
    }
    operands.add(0, out.of(conv.sum().get()));
    boolean relu = activation.equals(Activation.RELU); // the only one that oneDNN fuses with a sum
    operands.addAll(List.of(quoted("add"), NONE, relu ? quoted("relu") : NONE, list(), NONE));
    Expression h = call("ops.mkldnn._convolution_pointwise_", operands.toArray());
    return relu ? h : AtenRule.activated(h, activation, out);
  }

  /** A convolution of single pixels. */
  private static Expression pixels(Op.Convolve conv, Emission out) {
    Expression bias = AtenRule.bias(conv, out);
    Expression weight = packedLinear(conv.conv().kernel(), out);
    Expression x = channelsLast(out.of(conv.x()));
    if (conv.sum().isEmpty()) {
      List<Object> operands = new ArrayList<>(List.of(x, weight, bias));
      operands.addAll(after(conv.activation()));
      return channelsSecond(out.let(linear(operands.toArray())));
    }
    Expression sum = channelsLast(out.of(conv.sum().get()));
    Expression h = channelsSecond(out.let(linear(x, sum, weight, bias, quoted("add"))));
    return AtenRule.activated(h, conv.activation(), out);
  }

  /** The packed kernel, the bias and how the kernel moves. */
  private static List<Object> operands(Op.Convolve conv, Emission out) {
    Convolution sizes = conv.conv().sizes();
    Expression bias = AtenRule.bias(conv, out);
    return List.of(
        out.packed(new Packing("pack_convolution", numbers(sizes)), conv.conv().kernel()),
        bias,
        twice(sizes.padding()),
        twice(sizes.stride()),
        twice(sizes.dilation()),
        sizes.groups());
  }

  /** The activation, what it needs to know, and how it is computed. */
  private static List<Expression> after(Activation activation) {
    String name =
        switch (activation.kind()) {
          case NONE -> "none";
          case RELU -> "relu";
          case SILU -> "swish";
          case HARDTANH -> "hardtanh";
          case LEAKY_RELU -> "leaky_relu";
        };
    Expression scalars = list(activation.numbers().toArray());
    // the type has to be told where there are some
    boolean none = activation.numbers().isEmpty();
    return List.of(
        quoted(name),
        none ? scalars : call("annotate", text("List[Optional[number]]"), scalars),
        NONE);
  }

  /**
   * A convolution of single pixels is a linear layer, and computed as one: as fast, and its packed
   * weights suit every size, while those of the convolution are laid out anew at each call of
   * another size than packing was told (1024 channels at 32 x 32: 33 ms instead of 10).
   */
  private static boolean isLinear(Convolution convolution) {
    Convolution pixels = Convolution.of(convolution.in(), convolution.out(), 1);
    return convolution.equals(pixels.withBias(convolution.bias()));
  }

  private static Expression packedLinear(Parameter kernel, Emission out) {
    // of a convolution too the rows and columns alone
    return out.packed(Packing.of("pack_linear"), kernel, kernel.shape().subList(0, 2));
  }

  /** [n, channels, rows, columns] to [n, rows, columns, channels]: the order in memory. */
  private static Expression channelsLast(Expression x) {
    return call("torch.permute", x, list(0, 2, 3, 1));
  }

  private static Expression channelsSecond(Expression x) {
    return call("torch.permute", x, list(0, 3, 1, 2));
  }

  private static List<Long> numbers(Convolution sizes) {
    return List.of(
        (long) sizes.stride(),
        (long) sizes.padding(),
        (long) sizes.dilation(),
        (long) sizes.groups());
  }

  private static Expression transposed(Op.ConvolveTransposed conv, Emission out) {
    Convolution sizes = conv.conv().sizes();
    int outputPadding = conv.conv().outputPadding();
    List<Long> numbers = new ArrayList<>(numbers(sizes));
    numbers.add((long) outputPadding);
    Expression packed = out.packed(new Packing("pack_transposed", numbers), conv.conv().kernel());
    List<Object> operands =
        new ArrayList<>(
            List.of(
                out.of(conv.x()),
                packed,
                AtenRule.bias(conv.conv().bias(), out),
                twice(sizes.padding()),
                twice(outputPadding),
                twice(sizes.stride()),
                twice(1),
                sizes.groups()));
    operands.addAll(after(conv.activation()));
    return call("ops.mkldnn._convolution_transpose_pointwise", operands.toArray());
  }

  private static Expression gated(Expression x, Geglu geglu, Emission out) {
    Parameter kernel = geglu.projection().kernel();
    int hidden = geglu.hidden();
    Expression value = out.packed(Packing.of("pack_halves", (long) hidden), kernel);
    Expression bias = AtenRule.bias(geglu.projection().bias(), out);
    Expression gate =
        out.let(
            linear(
                x,
                new Expression.Weight(kernel.name() + ".gate"),
                call("torch.narrow", bias, 0, hidden, hidden),
                quoted("gelu"),
                list(),
                quoted("none")));
    return linear(x, gate, value, call("torch.narrow", bias, 0, 0, hidden), quoted("mul"));
  }

  private static Expression linear(Object... operands) {
    return call("ops.mkldnn._linear_pointwise", operands);
  }
}
