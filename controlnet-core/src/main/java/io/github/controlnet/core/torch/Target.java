package io.github.controlnet.core.torch;

import ai.djl.pytorch.engine.PtNDManager;
import io.github.controlnet.core.internal.Closing;
import io.github.controlnet.core.nn.Graph;
import io.github.controlnet.core.nn.Method;
import io.github.controlnet.core.nn.Op;
import io.github.controlnet.core.nn.Operand;
import io.github.controlnet.core.nn.Parameter;
import io.github.controlnet.core.nn.Routine;
import io.github.controlnet.core.nn.Signature;
import io.github.controlnet.core.nn.Type;
import io.github.controlnet.core.nn.Value;
import io.github.controlnet.core.torch.ScriptSource.Segment;
import io.github.controlnet.engine.Device;
import io.github.controlnet.engine.Precision;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a network is written for: number types, a device and the rules by which operators become
 * TorchScript, of which the first that applies is taken.
 *
 * @param storage the type that weights are loaded as
 * @param dtype the type of activations
 * @param device where they are, as PyTorch writes it
 * @param rules the first ones are tried first
 * @param divided whether methods are divided at their cuts, so that not all weights need to be
 *     there at once ({@link ScriptSource#segments()})
 * @param converted which weights of convolutions and linear layers are stored in another type than
 *     that of activations, and converted when they are used
 */
public record Target(
    int storage,
    int dtype,
    String device,
    List<Rule> rules,
    boolean divided,
    Predicate<Parameter> converted) {
  private static final Logger LOG = LoggerFactory.getLogger(Target.class);

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

  /** Copies the rules. */
  public Target {
    rules = List.copyOf(rules);
  }

  /** PyTorch's own operators. */
  public static Target aten(int dtype, String device) {
    return new Target(dtype, dtype, device, List.of(new AtenRule()), false, parameter -> false);
  }

  /** The fastest operators on a processor with oneDNN. */
  static Target oneDnn(int dtype) {
    return oneDnn(dtype, Processor.hasTiles());
  }

  /** The fastest operators on a processor with oneDNN, with or without tiles of bfloat16. */
  public static Target oneDnn(int dtype, boolean tiles) {
    List<Rule> rules = new ArrayList<>();
    if (dtype == NumberType.FLOAT32) {
      rules.add(new SingleChannelRule());
      rules.add(new WinogradRule());
    }
    if (dtype == NumberType.BFLOAT16 && !tiles) {
      rules.add(new BlocksAttentionRule());
    }
    rules.add(new OneDnnRule(dtype));
    rules.add(new AtenRule());
    return new Target(dtype, dtype, Device.CPU.toString(), rules, false, parameter -> false);
  }

  /**
   * PyTorch's own operators for a network that learns: weights are float32.
   *
   * @param dtype the type of activations
   * @param learns tells which weights are kept in float32 and converted when they are used
   * @param rule is tried first
   */
  public static Target learning(int dtype, String device, Predicate<Parameter> learns, Rule rule) {
    List<Rule> rules = List.of(rule, new AtenRule());
    return new Target(NumberType.FLOAT32, dtype, device, rules, false, learns);
  }

  /** Returns the same for modules that need not hold all weights at once. */
  Target streaming() {
    return new Target(storage, dtype, device, rules, true, converted);
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
    String text = oneDnn(dtype).header(new Graph()) + TRIAL.formatted(dtype);
    try {
      ScriptModule module = new ScriptModule(manager, text);
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

  /** The device, as an expression. */
  Expression deviceExpression() {
    return Expression.text("torch.device(\"" + device + "\")");
  }

  Expression symbol(Operand.Symbol symbol) {
    return switch (symbol) {
      case NONE -> Emission.NONE;
      case DEVICE -> deviceExpression();
      case ACTIVATIONS -> Expression.of(dtype);
      case FLOAT32 -> Expression.of(NumberType.FLOAT32);
      case INT32 -> Expression.of(NumberType.INT32);
      case INT64 -> Expression.of(NumberType.INT64);
      case CHANNELS_LAST -> Expression.of(2);
    };
  }

  boolean converts(Parameter parameter) {
    return dtype != storage && converted.test(parameter);
  }

  Expression lower(Value value, Emission out) {
    for (Rule rule : rules) {
      Expression expression = rule.lower(value, out);
      if (expression != null) {
        return expression;
      }
    }
    throw new IllegalStateException("no rule writes " + value);
  }

  /** Returns the class up to its own methods: what all modules have, and what the rules call. */
  public String header(Graph graph) {
    StringBuilder text = new StringBuilder(1 << 16);
    text.append("class Network(Module):\n")
        .append("  __parameters__ = []\n")
        .append("  __buffers__ = []\n")
        .append("  w : Dict[str, Tensor]\n")
        .append(WEIGHT_METHODS.formatted(storage, deviceExpression().print()));
    List<String> methods = new ArrayList<>(rules.stream().map(Rule::methods).toList());
    Collections.reverse(methods);
    methods.forEach(text::append);
    graph.methods().stream()
        .flatMap(method -> method.values().stream())
        .map(Value::op)
        .filter(Op.Run.class::isInstance)
        .map(op -> ((Op.Run) op).routine())
        .distinct()
        .map(Routine::torch)
        .forEach(text::append);
    return text.toString();
  }

  /** Writes a network. */
  public ScriptSource lower(Graph graph) {
    StringBuilder text = new StringBuilder(header(graph));
    Emission out = new Emission(this);
    Map<String, List<Segment>> segments = new LinkedHashMap<>();
    for (Method method : graph.methods()) {
      segments.put(method.signature().name(), write(method, out, text));
    }
    boolean cut = segments.values().stream().anyMatch(parts -> parts.size() > 1);
    return new ScriptSource(
        text.toString(), out.weights(), out.packings(), cut ? Map.copyOf(segments) : Map.of());
  }

  private static List<Segment> write(Method method, Emission out, StringBuilder text) {
    Lines lines = out.lower(method);
    Signature signature = method.signature();
    List<Segment> parts = new ArrayList<>();
    int last = lines.size() - 1;
    for (int i = 0; i <= last; i++) {
      String name = last == 0 ? signature.name() : signature.name() + "_" + i;
      String parameters = parameters(signature) + (i == 0 ? "" : ", live: List[Tensor]");
      Type type = i == last ? signature.result() : Type.TENSORS;
      text.append(
          "  def %s(self: __torch__.Network, %s) -> %s:\n    w = self.w\n"
              .formatted(name, parameters, type(type)));
      List<String> taken = i == 0 ? List.of() : lines.crossing(i - 1);
      for (int j = 0; j < taken.size(); j++) {
        text.append(new Lines.Line(taken.get(j), Expression.text("live[" + j + "]")));
      }
      lines.segment(i).forEach(text::append);
      List<? extends Expression> handed =
          i == last
              ? method.results().stream().map(out::of).toList()
              : lines.crossing(i).stream().map(Expression.Variable::new).toList();
      Expression result = type == Type.TENSORS ? Expression.tensors(handed) : handed.get(0);
      text.append("    return ").append(result.print()).append('\n');
      Set<String> needed = new LinkedHashSet<>(lines.weights(i));
      needed.retainAll(out.weights().keySet());
      parts.add(new Segment(name, needed));
    }
    return parts;
  }

  /** The parameters of a method as TorchScript writes them. */
  public static String parameters(Signature signature) {
    return signature.arguments().stream()
        .map(argument -> argument.name() + ": " + type(argument.type()))
        .collect(Collectors.joining(", "));
  }

  private static String type(Type type) {
    return switch (type) {
      case TENSOR, INDICES, MASK -> "Tensor";
      case TENSORS -> "List[Tensor]";
      case WHOLE -> "int";
      case REAL -> "float";
      case WHOLES -> "List[int]";
      case REALS -> "List[float]";
    };
  }
}
