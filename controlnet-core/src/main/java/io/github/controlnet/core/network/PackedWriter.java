package io.github.controlnet.core.network;

import ai.djl.pytorch.engine.PtNDManager;
import io.github.controlnet.Device;
import io.github.controlnet.Precision;
import io.github.controlnet.core.internal.Closing;
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
   * The size hints say how much data to expect; the layout they lead to is the best for every size
   * that was tried, where none leads to another.
   */
  private static final String METHODS =
      """
        def pack_convolution(self: __torch__.Network, name: str, values: Tensor, stride: int, padding: int) -> NoneType:
          plain = torch.to_mkldnn(torch.to(values, %1$d))
          packed = torch.mkldnn_reorder_conv2d_weight(plain, [padding, padding], [stride, stride], [1, 1], 1, [2, torch.size(values, 1), 64, 64])
          _0 = torch._set_item(self.w, name, packed)
          return None
        def pack_linear(self: __torch__.Network, name: str, values: Tensor, row: int, rows: int) -> NoneType:
          _0 = torch._set_item(self.w, name, ops.mkldnn._reorder_linear_weight(torch.to(values, %1$d), 512))
          return None
        def pack_halves(self: __torch__.Network, name: str, values: Tensor, hidden: int, unused: int) -> NoneType:
          (self).pack_linear(name, torch.narrow(values, 0, 0, hidden), 0, 0)
          (self).pack_linear(torch.add(name, ".gate"), torch.narrow(values, 0, hidden, hidden), 0, 0)
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

  /** A convolution and a linear layer of one channel. */
  private static final String TRIAL =
      """
        def trial(self: __torch__.Network) -> NoneType:
          x = torch.ones([1, 16, 64, 64], dtype=%1$d)
          (self).pack_convolution("c", torch.ones([16, 16, 1, 1], dtype=6), 1, 0)
          y = ops.mkldnn._convolution_pointwise(x, (self.w)["c"], None, [0, 0], [1, 1], [1, 1], 1, "none", [], None)
          (self).pack_linear("l", torch.ones([16, 16], dtype=6), 0, 0)
          _0 = ops.mkldnn._linear_pointwise(torch.ones([4, 16], dtype=%1$d), (self.w)["l"], None, "gelu", [], "none")
          (self).clear()
          return None
      """;

  private final boolean attends;

  PackedWriter(int dtype, String device) {
    super(dtype, device);
    raw(METHODS.formatted(dtype));
    if (dtype == NumberType.FLOAT32) {
      raw(Winograd.METHODS);
    }
    attends = dtype == NumberType.BFLOAT16 && !Processor.hasTiles();
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
      String x, String name, int in, int out, int side, int stride, int padding, String bias) {
    String weight = name + ".weight";
    if (dtype() == NumberType.FLOAT32 && Winograd.pays(in, out, side, stride, padding)) {
      String packed = packed(new Packing("pack_winograd", 0, 0), weight, out, in, side, side);
      String added = bias.equals("None") ? "torch.zeros([" + out + "], dtype=6)" : bias;
      return let("(self).winograd(%s, %s, %s)".formatted(x, packed, added));
    }
    Packing packing = new Packing("pack_convolution", stride, padding);
    return let(
        "ops.mkldnn._convolution_pointwise(%s, %s, %s, [%d, %d], [%d, %d], [1, 1], 1, \"none\", [], None)"
            .formatted(
                x,
                packed(packing, weight, out, in, side, side),
                bias,
                padding,
                padding,
                stride,
                stride));
  }

  @Override
  public String linear(String x, String name, int in, int out, boolean bias) {
    String weight = packed(new Packing("pack_linear", 0, 0), name + ".weight", out, in);
    return let(
        linear(x, weight, bias ? operand(name + ".bias", out) : "None", "\"none\", [], None"));
  }

  @Override
  public String geglu(String x, String name, int in, int hidden) {
    String weight = name + ".weight";
    String value = packed(new Packing("pack_halves", hidden, 0), weight, 2L * hidden, in);
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
