package io.github.controlnet.core.network;

import ai.djl.pytorch.engine.PtNDManager;
import io.github.controlnet.Device;
import io.github.controlnet.Precision;
import io.github.controlnet.core.internal.Closing;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes convolutions and linear layers with oneDNN's operators, whose weights are laid out once,
 * when they are loaded, the way the processor's kernels read them.
 *
 * <p>In float32, 3 x 3 convolutions of the wider feature maps are computed by {@link Winograd}.
 */
final class PackedWriter extends ScriptWriter {
  private static final Logger LOG = LoggerFactory.getLogger(PackedWriter.class);

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

  /**
   * Attention in bfloat16 by two products around a softmax, for each head and some queries at a
   * time, so that the scores stay in the cache. PyTorch's fused attention is a third slower where
   * bfloat16 is not computed in tiles (AMX), and no more exact; with few keys it is the faster one.
   */
  private static final String ATTEND =
      """
        def attend(self: __torch__.Network, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
          if torch.lt(torch.size(k, 2), 512):
            y = torch.scaled_dot_product_attention(q, k, v, None, 0., False)
          else:
            queries = torch.size(q, 2)
            heads = torch.size(q, 1)
            scaled = torch.mul(q, torch.pow(torch.size(q, 3), -0.5))
            y = torch.transpose(torch.empty([torch.size(q, 0), queries, heads, torch.size(v, 3)], dtype=15), 1, 2)
            for i in range(torch.size(q, 0)):
              for h in range(heads):
                asking = torch.contiguous(torch.select(torch.select(scaled, 0, i), 0, h))
                keys = torch.transpose(torch.contiguous(torch.select(torch.select(k, 0, i), 0, h)), 0, 1)
                values = torch.contiguous(torch.select(torch.select(v, 0, i), 0, h))
                out = torch.select(torch.select(y, 0, i), 0, h)
                for first in range(0, queries, 512):
                  rows = ops.prim.min(512, torch.sub(queries, first))
                  shares = torch.softmax(torch.mm(torch.narrow(asking, 0, first, rows), keys), -1)
                  _0 = torch.copy_(torch.narrow(out, 0, first, rows), torch.mm(shares, values))
          return y
      """;

  /**
   * Convolutions to one channel, plain without padding and transposed, as one product, which makes
   * as many maps as the kernel has places, and the sum of these, each moved by its place. oneDNN
   * keeps its units for several channels idle: 7 x 7 over 64 channels at 518 x 518 take 109 ms
   * there and 41 here.
   */
  private static final String SINGLE =
      """
        def single(self: __torch__.Network, x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
          side = torch.size(weight, 2)
          columns = torch.size(x, 3)
          places = torch.mul(torch.size(x, 2), columns)
          down = torch.sub(torch.add(torch.size(x, 2), 1), side)
          across = torch.sub(torch.add(columns, 1), side)
          kernels = torch.t(torch.reshape(weight, [torch.size(weight, 1), -1]))
          y = torch.expand(torch.reshape(bias, [1, 1, 1, 1]), [torch.size(x, 0), 1, down, across])
          y = torch.clone(y, memory_format=0)
          for n in range(torch.size(x, 0)):
            picture = torch.reshape(torch.permute(torch.select(x, 0, n), [1, 2, 0]), [places, -1])
            maps = torch.mm(kernels, torch.t(picture))
            sum = torch.select(torch.select(y, 0, n), 0, 0)
            for row in range(side):
              for column in range(side):
                from = torch.add(torch.mul(torch.add(torch.mul(row, side), column), places), torch.add(torch.mul(row, columns), column))
                _0 = torch.add_(sum, torch.as_strided(maps, [down, across], [columns, 1], from))
          return y
        def single_transposed(self: __torch__.Network, x: Tensor, weight: Tensor, bias: Tensor, stride: int, padding: int, extra: int) -> Tensor:
          side = torch.size(weight, 2)
          rows = torch.size(x, 2)
          columns = torch.size(x, 3)
          down = torch.add(torch.mul(torch.sub(rows, 1), stride), 1)
          across = torch.add(torch.mul(torch.sub(columns, 1), stride), 1)
          margin = torch.sub(torch.add(side, extra), 1)
          y = torch.expand(torch.reshape(bias, [1, 1, 1, 1]), [torch.size(x, 0), 1, torch.add(down, margin), torch.add(across, margin)])
          y = torch.clone(y, memory_format=0)
          kernels = torch.t(torch.reshape(weight, [torch.size(weight, 0), -1]))
          for n in range(torch.size(x, 0)):
            picture = torch.reshape(torch.permute(torch.select(x, 0, n), [1, 2, 0]), [torch.mul(rows, columns), -1])
            maps = torch.reshape(torch.mm(kernels, torch.t(picture)), [side, side, rows, columns])
            sum = torch.select(torch.select(y, 0, n), 0, 0)
            for row in range(side):
              for column in range(side):
                target = torch.slice(torch.slice(sum, 0, row, torch.add(row, down), stride), 1, column, torch.add(column, across), stride)
                _0 = torch.add_(target, torch.select(torch.select(maps, 0, row), 0, column))
          cut = torch.mul(padding, 2)
          inner = torch.narrow(torch.narrow(y, 2, padding, torch.sub(torch.size(y, 2), cut)), 3, padding, torch.sub(torch.size(y, 3), cut))
          return torch.contiguous(inner)
      """;

  /** A convolution and a linear layer of one channel. */
  private static final String TRIAL =
      """
        def trial(self: __torch__.Network) -> NoneType:
          x = torch.ones([1, 16, 64, 64], dtype=%1$d)
          (self).pack_convolution("c", torch.ones([16, 16, 1, 1], dtype=6), [1, 0, 1, 1])
          y = ops.mkldnn._convolution_pointwise(x, (self.w)["c"], None, [0, 0], [1, 1], [1, 1], 1, "none", [], None)
          (self).pack_linear("l", torch.ones([16, 16], dtype=6), annotate(List[int], []))
          _0 = ops.mkldnn._linear_pointwise(torch.ones([4, 16], dtype=%1$d), (self.w)["l"], None, "gelu", [], "none")
          (self).clear()
          return None
      """;

  private final boolean attends;

  PackedWriter(int dtype, String device) {
    this(dtype, device, Processor.hasTiles());
  }

  /** Starts a module for a processor with or without tiles of bfloat16. */
  PackedWriter(int dtype, String device, boolean tiles) {
    super(dtype, device);
    raw(METHODS.formatted(dtype));
    if (dtype == NumberType.FLOAT32) {
      raw(Winograd.METHODS);
      raw(SINGLE);
    }
    attends = dtype == NumberType.BFLOAT16 && !tiles;
    if (attends) {
      raw(ATTEND);
    }
  }

  /**
   * Tries whether this PyTorch has oneDNN's operators, and for this type on this processor.
   *
   * @return a module without weights, or nothing where the operators do not work
   */
  static Optional<ScriptModule> tried(PtNDManager manager, Precision precision, Device device) {
    if (!device.equals(Device.CPU)) {
      return Optional.empty();
    }
    int dtype = NumberType.of(precision);
    PackedWriter writer = new PackedWriter(dtype, device.toString());
    writer.raw(TRIAL.formatted(dtype));
    try {
      ScriptModule module = new ScriptModule(manager, writer.finish().text());
      try (Arguments none = module.arguments()) {
        module.call("trial", none);
        return Optional.of(module);
      } catch (RuntimeException e) {
        Closing.closeAfter(e, module);
        throw e;
      }
    } catch (RuntimeException e) {
      LOG.debug("oneDNN's operators are not there; going on without", e);
      return Optional.empty();
    }
  }

  @Override
  public String conv(
      String x, String name, Convolution convolution, String bias, Activation activation) {
    if (winograd(convolution)) {
      String packed = packed(Packing.of("pack_winograd"), name + ".weight", convolution.kernels());
      String added = biasOrZeros(bias, convolution.out());
      String h =
          let("(self).winograd(%s, %s, %s, %d)".formatted(x, packed, added, convolution.padding()));
      return activated(h, activation);
    }
    if (isSingle(convolution)) {
      String kernel = operand(name + ".weight", convolution.kernels());
      String h = let("(self).single(%s, %s, %s)".formatted(x, kernel, biasOrZeros(bias, 1)));
      return activated(h, activation);
    }
    if (isLinear(convolution)) {
      String weight = packedLinear(name, convolution.in(), convolution.out());
      String after = "\"%s\", %s, None".formatted(activation.fused(), activation.scalars());
      return channelsSecond(linear(channelsLast(x), weight, bias, after));
    }
    return let(
        "ops.mkldnn._convolution_pointwise(%s, %s, \"%s\", %s, None)"
            .formatted(
                x, operands(name, convolution, bias), activation.fused(), activation.scalars()));
  }

  @Override
  public String addConv_(
      String sum, String x, String name, Convolution convolution, Activation activation) {
    if (winograd(convolution) || isSingle(convolution)) {
      return super.addConv_(sum, x, name, convolution, activation);
    }
    String bias = bias(name, convolution);
    if (isLinear(convolution)) {
      String weight = packedLinear(name, convolution.in(), convolution.out());
      String both = channelsLast(x) + ", " + channelsLast(sum);
      return activated(channelsSecond(linear(both, weight, bias, "\"add\"")), activation);
    }
    boolean relu = activation.equals(Activation.RELU); // the only one that oneDNN fuses with a sum
    String h =
        let(
            "ops.mkldnn._convolution_pointwise_(%s, %s, %s, \"add\", None, %s, [], None)"
                .formatted(sum, x, operands(name, convolution, bias), relu ? "\"relu\"" : NONE));
    return relu ? h : activated(h, activation);
  }

  private static String biasOrZeros(String bias, int channels) {
    return bias.equals(NONE) ? "torch.zeros([" + channels + "], dtype=6)" : bias;
  }

  /** The packed kernel, the bias and how the kernel moves. */
  private String operands(String name, Convolution convolution, String bias) {
    String packed =
        packed(
            new Packing("pack_convolution", numbers(convolution)),
            name + ".weight",
            convolution.kernels());
    return "%s, %s, [%3$d, %3$d], [%4$d, %4$d], [%5$d, %5$d], %6$d"
        .formatted(
            packed,
            bias,
            convolution.padding(),
            convolution.stride(),
            convolution.dilation(),
            convolution.groups());
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

  private boolean isSingle(Convolution convolution) {
    Convolution single = Convolution.of(convolution.in(), 1, convolution.side()).padding(0);
    return dtype() == NumberType.FLOAT32
        && convolution.side() > 1
        && convolution.equals(single.withBias(convolution.bias()));
  }

  private boolean isSingleTransposed(Convolution convolution) {
    return dtype() == NumberType.FLOAT32
        && convolution.out() == 1
        && convolution.groups() == 1
        && convolution.dilation() == 1;
  }

  private String packedLinear(String name, int in, int out) {
    return packed(Packing.of("pack_linear"), name + ".weight", out, in);
  }

  /** [n, channels, rows, columns] to [n, rows, columns, channels]: the order in memory. */
  private static String channelsLast(String x) {
    return "torch.permute(" + x + ", [0, 2, 3, 1])";
  }

  private String channelsSecond(String x) {
    return let("torch.permute(" + x + ", [0, 3, 1, 2])");
  }

  private boolean winograd(Convolution convolution) {
    return dtype() == NumberType.FLOAT32 && Winograd.pays(convolution);
  }

  private static List<Long> numbers(Convolution convolution) {
    return List.of(
        (long) convolution.stride(),
        (long) convolution.padding(),
        (long) convolution.dilation(),
        (long) convolution.groups());
  }

  @Override
  public String convTranspose(
      String x, String name, Convolution convolution, int outputPadding, Activation activation) {
    if (isSingleTransposed(convolution)) {
      String kernel = operand(name + ".weight", convolution.transposedKernels());
      String h =
          let(
              "(self).single_transposed(%s, %s, %s, %d, %d, %d)"
                  .formatted(
                      x,
                      kernel,
                      biasOrZeros(bias(name, convolution), 1),
                      convolution.stride(),
                      convolution.padding(),
                      outputPadding));
      return activated(h, activation);
    }
    List<Long> numbers = new ArrayList<>(numbers(convolution));
    numbers.add((long) outputPadding);
    String packed =
        packed(
            new Packing("pack_transposed", numbers),
            name + ".weight",
            convolution.transposedKernels());
    return let(
        "ops.mkldnn._convolution_transpose_pointwise(%s, %s, %s, [%4$d, %4$d], [%5$d, %5$d], [%6$d, %6$d], [1, 1], %7$d, \"%8$s\", %9$s, None)"
            .formatted(
                x,
                packed,
                bias(name, convolution),
                convolution.padding(),
                outputPadding,
                convolution.stride(),
                convolution.groups(),
                activation.fused(),
                activation.scalars()));
  }

  @Override
  public String linear(String x, String name, int in, int out, String bias) {
    return let(linear(x, packedLinear(name, in, out), bias, "\"none\", [], None"));
  }

  @Override
  public String geglu(String x, String name, int in, int hidden) {
    String weight = name + ".weight";
    String value = packed(Packing.of("pack_halves", (long) hidden), weight, 2L * hidden, in);
    String bias = operand(name + ".bias", 2L * hidden);
    String part = "torch.narrow(" + bias + ", 0, %d, %d)";
    String gate =
        let(
            linear(
                x,
                "w[\"" + weight + ".gate\"]",
                part.formatted(hidden, hidden),
                "\"gelu\", [], \"none\""));
    return let(linear(x + ", " + gate, value, part.formatted(0, hidden), "\"mul\""));
  }

  @Override
  protected String attended(String q, String k, String v, boolean causal) {
    return attends && !causal
        ? let("(self).attend(%s, %s, %s)".formatted(q, k, v))
        : super.attended(q, k, v, causal);
  }

  private static String linear(String x, String weight, String bias, String after) {
    return "ops.mkldnn._linear_pointwise(%s, %s, %s, %s)".formatted(x, weight, bias, after);
  }
}
