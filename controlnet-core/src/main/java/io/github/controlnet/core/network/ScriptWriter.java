package io.github.controlnet.core.network;

import io.github.controlnet.WeightsException;
import io.github.controlnet.core.network.ScriptSource.Segment;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Writes the TorchScript of a network, one operator a line, and notes which weights it reads.
 *
 * <p>Activations are channels-last; the methods that end in an underscore may change their first
 * argument, which must be a tensor that nothing else needs.
 */
public class ScriptWriter {
  /** Every module has these: how weights come in and go. */
  private static final String WEIGHT_METHODS =
      """
        def values(self: __torch__.Network, buffer: Tensor, floats: int, dtype: int, count: int, shape: List[int]) -> Tensor:
          read = torch.narrow(buffer, 0, 0, floats)
          if torch.eq(dtype, 6):
            x = torch.narrow(read, 0, 0, count)
          else:
            x = torch.narrow(torch.view_copy(read, dtype=dtype), 0, 0, count)
          return torch.reshape(x, shape)
        def allocate(self: __torch__.Network, name: str, shape: List[int], layout: int) -> NoneType:
          _0 = torch._set_item(self.w, name, torch.empty(shape, dtype=%1$d, device=%2$s, memory_format=layout))
          return None
        def fill(self: __torch__.Network, name: str, values: Tensor, row: int) -> NoneType:
          _0 = torch.copy_(torch.narrow((self.w)[name], 0, row, torch.size(values, 0)), values)
          return None
        def clear(self: __torch__.Network) -> NoneType:
          _0 = torch.clear(self.w)
          return None
        def export(self: __torch__.Network, x: Tensor) -> Tensor:
          return torch.contiguous(torch.to(x, torch.device("cpu"), 6))
        def expand(self: __torch__.Network, x: Tensor, branches: int) -> Tensor:
          if branches == 1:
            y = x
          else:
            y = torch.cat(torch.mul([x], branches))
          return y
      """;

  /** In the place of a tensor that is not there. */
  protected static final String NONE = "None";

  private final StringBuilder text = new StringBuilder(1 << 16);
  private final Map<String, List<Long>> weights = new LinkedHashMap<>();
  private final Map<String, Packing> packings = new LinkedHashMap<>();
  private final int dtype;
  private final String device;
  private final Map<String, List<Segment>> segments = new LinkedHashMap<>();
  private boolean divides;
  private Signature signature = new Signature("", "", "");
  private Lines lines = new Lines();
  private int variables;

  private record Signature(String name, String parameters, String result) {}

  /**
   * Starts a module.
   *
   * @param dtype the type of weights and activations
   * @param device where they are, as PyTorch writes it
   */
  public ScriptWriter(int dtype, String device) {
    this(dtype, dtype, device);
  }

  /**
   * Starts a module.
   *
   * @param storage the type that weights are loaded as
   * @param dtype the type of activations
   * @param device where they are, as PyTorch writes it
   */
  public ScriptWriter(int storage, int dtype, String device) {
    this.dtype = dtype;
    this.device = "torch.device(\"" + device + "\")";
    text.append("class Network(Module):\n")
        .append("  __parameters__ = []\n")
        .append("  __buffers__ = []\n")
        .append("  w : Dict[str, Tensor]\n")
        .append(WEIGHT_METHODS.formatted(storage, this.device));
  }

  /**
   * Divides the methods that follow at their cuts, so that not all weights need to be there at once
   * ({@link ScriptSource#segments()}).
   */
  final ScriptWriter divided() {
    divides = true;
    return this;
  }

  public ScriptSource finish() {
    boolean cut = segments.values().stream().anyMatch(parts -> parts.size() > 1);
    return new ScriptSource(
        text.toString(),
        Collections.unmodifiableMap(weights),
        Map.copyOf(packings),
        cut ? Map.copyOf(segments) : Map.of());
  }

  /** Starts a method that returns a tensor or, for {@code List[Tensor]}, several. */
  public void method(String name, String parameters, String result) {
    signature = new Signature(name, parameters, result);
    lines = new Lines();
  }

  /** Marks a place between two blocks, where a script may be divided. */
  public void cut() {
    if (divides) {
      lines.cut();
    }
  }

  /** Writes whole methods, between two others. */
  public void raw(String methods) {
    text.append(methods);
  }

  /** Ends a method. */
  public void result(String value) {
    lines.need(value);
    List<Segment> parts = new ArrayList<>();
    int last = lines.size() - 1;
    for (int i = 0; i <= last; i++) {
      String name = last == 0 ? signature.name : signature.name + "_" + i;
      String parameters = signature.parameters + (i == 0 ? "" : ", live: List[Tensor]");
      header(name, parameters, i == last ? signature.result : "List[Tensor]");
      List<String> taken = i == 0 ? List.of() : lines.crossing(i - 1);
      for (int j = 0; j < taken.size(); j++) {
        line(taken.get(j), "live[" + j + "]");
      }
      lines.segment(i).forEach(line -> line(line.variable(), line.expression()));
      String handed = "annotate(List[Tensor], " + list(lines.crossing(i)) + ")";
      text.append("    return ").append(i == last ? value : handed).append('\n');
      Set<String> needed = new LinkedHashSet<>(lines.weights(i));
      needed.retainAll(weights.keySet());
      parts.add(new Segment(name, needed));
    }
    segments.put(signature.name, parts);
  }

  private void header(String name, String parameters, String result) {
    text.append("  def ").append(name).append("(self: __torch__.Network, ");
    text.append(parameters).append(") -> ").append(result).append(":\n    w = self.w\n");
  }

  private void line(String variable, String expression) {
    text.append("    ").append(variable).append(" = ").append(expression).append('\n');
  }

  public String let(String expression) {
    String name = "v" + variables++;
    assign(name, expression);
    return name;
  }

  /** Writes a line. */
  protected void assign(String name, String expression) {
    lines.add(name, expression);
  }

  public String weight(String name, long... shape) {
    weights.put(name, Arrays.stream(shape).boxed().toList());
    return "w[\"" + name + "\"]";
  }

  /** A weight of a convolution or a linear layer, in the type of activations. */
  public String operand(String name, long... shape) {
    return weight(name, shape);
  }

  /** A weight that is laid out anew when it is loaded. */
  final String packed(Packing packing, String name, long... shape) {
    Packing before = packings.put(name, packing);
    if (before != null && !before.equals(packing)) {
      throw new IllegalStateException(
          "%s is read as %s and as %s".formatted(name, before, packing));
    }
    return weight(name, shape);
  }

  /** The type of activations. */
  public final int dtype() {
    return dtype;
  }

  /** The device, as an expression. */
  public final String device() {
    return device;
  }

  /** The names of all weights that are read. */
  public final Set<String> names() {
    return Collections.unmodifiableSet(weights.keySet());
  }

  public static String number(double value) {
    String plain = new BigDecimal(Double.toString(value)).toPlainString();
    return plain.contains(".") ? plain : plain + ".0";
  }

  public static void requireDivides(String what, int channels, int parts, String by) {
    if (parts < 1 || channels % parts != 0) {
      throw new WeightsException(
          "%s has %d channels, which %d %s do not divide; check the number of %s in config.json."
              .formatted(what, channels, parts, by, by));
    }
  }

  public String toDevice(String x) {
    return let("torch.to(" + x + ", " + device + ", " + dtype + ")");
  }

  /** Brings in a picture or latents. */
  public String image(String x) {
    return let("torch.contiguous(" + toDevice(x) + ", memory_format=2)");
  }

  public String indices(String x) {
    return let("torch.to(" + x + ", " + device + ", 4)");
  }

  public String export(String x) {
    return let("(self).export(" + x + ")");
  }

  /** A convolution, whose bias is {@code name.bias}. */
  public final String conv(String x, String name, Convolution convolution) {
    return conv(x, name, convolution, Activation.NONE);
  }

  /** A convolution, whose bias is {@code name.bias}, and an activation. */
  public final String conv(String x, String name, Convolution convolution, Activation activation) {
    return conv(x, name, convolution, bias(name, convolution), activation);
  }

  /** A convolution's bias, or "None". */
  protected final String bias(String name, Convolution convolution) {
    return convolution.bias() ? operand(name + ".bias", convolution.out()) : NONE;
  }

  /** A convolution with a bias that was computed, or "None". */
  public String conv(
      String x, String name, Convolution convolution, String bias, Activation activation) {
    String kernel = operand(name + ".weight", convolution.kernels());
    String h =
        let(
            "torch.conv2d(%s, %s, %s, [%5$d, %5$d], [%6$d, %6$d], [%7$d, %7$d], %4$d)"
                .formatted(
                    x,
                    kernel,
                    bias,
                    convolution.groups(),
                    convolution.stride(),
                    convolution.padding(),
                    convolution.dilation()));
    return activated(h, activation);
  }

  /**
   * Adds a convolution to a sum in place.
   *
   * @param sum a tensor that nothing else needs
   * @param activation what happens to the sum
   */
  public String addConv_(
      String sum, String x, String name, Convolution convolution, Activation activation) {
    return activated(add_(sum, conv(x, name, convolution)), activation);
  }

  /** A transposed convolution; the picture grows by the stride. */
  public String convTranspose(
      String x, String name, Convolution convolution, int outputPadding, Activation activation) {
    String kernel = operand(name + ".weight", convolution.transposedKernels());
    String bias = bias(name, convolution);
    String h =
        let(
            "torch.conv_transpose2d(%s, %s, %s, [%4$d, %4$d], [%5$d, %5$d], [%6$d, %6$d], %7$d)"
                .formatted(
                    x,
                    kernel,
                    bias,
                    convolution.stride(),
                    convolution.padding(),
                    outputPadding,
                    convolution.groups()));
    return activated(h, activation);
  }

  /** An activation in place. */
  protected final String activated(String x, Activation activation) {
    return activation.operator().isEmpty() ? x : let(activation.operator().formatted(x));
  }

  public final String linear(String x, String name, int in, int out, boolean bias) {
    return linear(x, name, in, out, bias ? operand(name + ".bias", out) : NONE);
  }

  /** A linear layer with a bias that was computed, or "None". */
  public String linear(String x, String name, int in, int out, String bias) {
    return let("torch.linear(%s, %s, %s)".formatted(x, operand(name + ".weight", out, in), bias));
  }

  public String groupNorm(String x, String name, int channels, int groups, double epsilon) {
    requireDivides(name, channels, groups, "groups");
    return let(
        "torch.group_norm(%s, %d, %s, %s, %s)"
            .formatted(
                x,
                groups,
                weight(name + ".weight", channels),
                weight(name + ".bias", channels),
                number(epsilon)));
  }

  public String layerNorm(String x, String name, int width, double epsilon) {
    return let(
        "torch.layer_norm(%s, [%d], %s, %s, %s)"
            .formatted(
                x,
                width,
                weight(name + ".weight", width),
                weight(name + ".bias", width),
                number(epsilon)));
  }

  public String silu_(String x) {
    return let("torch.silu_(" + x + ")");
  }

  public String add_(String x, String y) {
    return let("torch.add_(" + x + ", " + y + ")");
  }

  /**
   * GEGLU (Shazeer 2020, arXiv:2002.05202): the first half of the projection is the value, the
   * second the gate. Two products instead of one, since halves of one result would not be
   * contiguous.
   */
  public String geglu(String x, String name, int in, int hidden) {
    String weight = operand(name + ".weight", 2L * hidden, in);
    String bias = operand(name + ".bias", 2L * hidden);
    String gate = let("torch.gelu_(" + part(x, weight, bias, hidden, hidden) + ")");
    String value = let(part(x, weight, bias, 0, hidden));
    return let("torch.mul_(" + value + ", " + gate + ")");
  }

  private static String part(String x, String weight, String bias, int from, int count) {
    return "torch.linear(%s, torch.narrow(%s, 0, %d, %d), torch.narrow(%s, 0, %d, %d))"
        .formatted(x, weight, from, count, bias, from, count);
  }

  /** [n, length, width] to [n, heads, length, width / heads], a view. */
  public String heads(String x, int width, int heads) {
    return let(
        "torch.transpose(torch.reshape(%s, [torch.size(%s, 0), -1, %d, %d]), 1, 2)"
            .formatted(x, x, heads, width / heads));
  }

  /** Attention on tensors split into heads; the result is [n, length, width]. */
  public String attention(String q, String k, String v, int width, boolean causal) {
    String out = attended(q, k, v, causal);
    return let(
        "torch.reshape(torch.transpose(%s, 1, 2), [torch.size(%s, 0), -1, %d])"
            .formatted(out, out, width));
  }

  /** Attention on tensors split into heads, [n, heads, length, width / heads]. */
  protected String attended(String q, String k, String v, boolean causal) {
    return let(
        "torch.scaled_dot_product_attention(%s, %s, %s, None, 0., %s)"
            .formatted(q, k, v, causal ? "True" : "False"));
  }

  /** [n, channels, rows, columns] to [n, rows x columns, channels], a view. */
  public String toSequence(String x, int channels) {
    return let(
        "torch.reshape(torch.permute(%s, [0, 2, 3, 1]), [torch.size(%s, 0), -1, %d])"
            .formatted(x, x, channels));
  }

  /** Undoes {@link #toSequence} for a picture of the size of {@code like}. */
  public String toImage(String x, String like, int channels) {
    return let(
        "torch.permute(torch.reshape(%s, [torch.size(%s, 0), torch.size(%s, 2), torch.size(%s, 3), %d]), [0, 3, 1, 2])"
            .formatted(x, x, like, like, channels));
  }

  public String upsample(String x, String rows, String columns) {
    return let("torch.upsample_nearest2d(%s, [%s, %s], None, None)".formatted(x, rows, columns));
  }

  /**
   * A residual block.
   *
   * @param time the activated time embedding [1, timeWidth], or "" where there is none
   */
  public String residualBlock(
      String x,
      String name,
      int in,
      int out,
      int groups,
      double epsilon,
      String time,
      int timeWidth) {
    String h = silu_(groupNorm(x, name + ".norm1", in, groups, epsilon));
    h =
        time.isEmpty()
            ? conv(h, name + ".conv1", Convolution.of(in, out, 3))
            : timedConv(h, name, in, out, time, timeWidth);
    h = silu_(groupNorm(h, name + ".norm2", out, groups, epsilon));
    h = conv(h, name + ".conv2", Convolution.of(out, out, 3));
    return add_(h, in == out ? x : conv(x, name + ".conv_shortcut", Convolution.of(in, out, 1)));
  }

  /** The first convolution of a residual block, shifted by the time embedding. */
  protected String timedConv(String x, String name, int in, int out, String time, int timeWidth) {
    // one timestep for the whole batch: its projection joins the bias, not the feature map
    String projected = linear(time, name + ".time_emb_proj", timeWidth, out, true);
    String bias =
        let(
            "torch.add(%s, torch.select(%s, 0, 0))"
                .formatted(operand(name + ".conv1.bias", out), projected));
    return conv(x, name + ".conv1", Convolution.of(in, out, 3), bias, Activation.NONE);
  }

  /** The activated time embedding, [1, timeWidth], of the parameter {@code timestep}. */
  public String timeEmbedding(int channels, int timeWidth) {
    String row = let("torch.to(%s, %d)".formatted(waves(channels), dtype));
    String h = silu_(linear(row, "time_embedding.linear_1", channels, timeWidth, true));
    return silu_(linear(h, "time_embedding.linear_2", timeWidth, timeWidth, true));
  }

  /** Sinusoids of the parameter {@code timestep}, [1, channels]. */
  protected String waves(int channels) {
    String angles = let("torch.mul(%s, timestep)".formatted(frequencies(channels / 2)));
    return let(
        "torch.reshape(torch.cat([torch.cos(%s), torch.sin(%s)]), [1, %d])"
            .formatted(angles, angles, channels));
  }

  /** The frequencies of the sinusoids, [half]. */
  protected final String frequencies(int half) {
    String steps = let("torch.arange(%d, dtype=6, layout=None, device=%s)".formatted(half, device));
    return let(
        "torch.exp(torch.div(torch.mul(%s, %s), %d))"
            .formatted(steps, number(-Math.log(10000)), half));
  }

  public static String list(List<String> values) {
    return "[" + String.join(", ", new ArrayList<>(values)) + "]";
  }
}
