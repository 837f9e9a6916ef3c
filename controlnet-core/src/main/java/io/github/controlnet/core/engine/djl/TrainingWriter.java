package io.github.controlnet.core.engine.djl;

import io.github.controlnet.core.network.Convolution;
import io.github.controlnet.core.network.Lines;
import io.github.controlnet.core.network.NumberType;
import io.github.controlnet.core.network.ScriptWriter;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Writes networks for training: two in one module, told apart by a scope before each weight's name;
 * a timestep for each image; nothing changed in place that a gradient needs.
 *
 * <p>The lines of the forward pass are collected first. {@link #accumulate} then writes them as one
 * method, or divided at the {@linkplain #cut cuts} into methods that are run again for the backward
 * pass, so that only what crosses a cut is kept (Chen et al. 2016, arXiv:1604.06174).
 */
final class TrainingWriter extends ScriptWriter {
  private final Predicate<String> learns;
  private final Lines lines = new Lines();
  private final Set<String> operands = new LinkedHashSet<>();
  private String scope = "";
  private boolean inPlace;

  /**
   * Starts a module.
   *
   * @param dtype the type of activations; weights are float32
   * @param learns tells, by a weight's name with its scope, whether it learns
   */
  TrainingWriter(int dtype, String device, Predicate<String> learns) {
    super(NumberType.FLOAT32, dtype, device);
    this.learns = learns;
  }

  /** Sets what stands before the names of the weights that follow. */
  void scope(String prefix) {
    scope = prefix;
  }

  /** Says whether no gradient flows through what follows, so that it may be changed in place. */
  void inPlace(boolean allowed) {
    inPlace = allowed;
  }

  @Override
  protected void assign(String name, String expression) {
    lines.add(name, expression);
  }

  @Override
  public void cut() {
    if (!inPlace) {
      lines.cut();
    }
  }

  @Override
  public String weight(String name, long... shape) {
    return super.weight(scope + name, shape);
  }

  @Override
  public String operand(String name, long... shape) {
    String weight = weight(name, shape);
    operands.add(scope + name);
    return dtype() != NumberType.FLOAT32 && learns.test(scope + name)
        ? let("torch.to(" + weight + ", " + dtype() + ")")
        : weight;
  }

  @Override
  public String silu_(String x) {
    return inPlace ? super.silu_(x) : let("torch.silu(" + x + ")");
  }

  @Override
  public String add_(String x, String y) {
    return inPlace ? super.add_(x, y) : let("torch.add(" + x + ", " + y + ")");
  }

  @Override
  public String geglu(String x, String name, int in, int hidden) {
    if (inPlace) {
      return super.geglu(x, name, in, hidden);
    }
    // one product: two would make two gradients of the whole weight
    String both = linear(x, name, in, 2 * hidden, true);
    String value = let("torch.narrow(%s, -1, 0, %d)".formatted(both, hidden));
    String gate = let("torch.gelu(torch.narrow(%s, -1, %d, %d))".formatted(both, hidden, hidden));
    return let("torch.mul(" + value + ", " + gate + ")");
  }

  /** Sinusoids of the parameter {@code timestep}, [images, channels]. */
  @Override
  protected String waves(int channels) {
    String angles =
        let(
            "torch.mul(torch.unsqueeze(torch.to(timestep, %s, 6), 1), torch.unsqueeze(%s, 0))"
                .formatted(device(), frequencies(channels / 2)));
    return let("torch.cat([torch.cos(%s), torch.sin(%s)], 1)".formatted(angles, angles));
  }

  @Override
  protected String timedConv(String x, String name, int in, int out, String time, int timeWidth) {
    String h = conv(x, name + ".conv1", Convolution.of(in, out, 3));
    String projected = linear(time, name + ".time_emb_proj", timeWidth, out, true);
    return add_(h, "torch.unsqueeze(torch.unsqueeze(" + projected + ", -1), -1)");
  }

  /** Tells whether a weight belongs to a convolution or a linear layer. */
  boolean isOperand(String name) {
    return operands.contains(name);
  }

  /** Returns the weights that learn and are read, in the order of reading. */
  List<String> learning() {
    return lines.all().stream()
        .flatMap(line -> line.weights().stream())
        .filter(learns)
        .distinct()
        .toList();
  }

  /**
   * Writes the method {@code accumulate}, which computes the loss and adds its gradients to those
   * collected.
   *
   * @param parameters its tensors, by name
   * @param loss the variable with the loss
   */
  void accumulate(List<String> parameters, String loss, boolean recompute) {
    raw("  def accumulate(self: __torch__.Network, %s) -> Tensor:\n".formatted(typed(parameters)));
    raw("    w = self.w\n    torch.set_grad_enabled(True)\n");
    if (recompute && lines.size() > 1) {
      accumulateDivided(parameters, loss);
    } else {
      print(lines.all());
      List<String> learning = learning();
      raw(
          "    (self).collect(torch.grad([%s], %s, None, None, False, False), %s)\n"
              .formatted(loss, weights(learning), names(learning)));
    }
    raw("    return torch.detach(%s)\n".formatted(loss));
    raw(COLLECT);
    if (recompute && lines.size() > 1) {
      for (int i = 0; i < lines.size(); i++) {
        segmentMethod(i, parameters);
      }
    }
  }

  /**
   * Gradients are kept in the memory order of their weights: the fused update reads both, and the
   * moments, as plain rows of numbers.
   */
  private static final String COLLECT =
      """
        def collect(self: __torch__.Network, gradients: List[Optional[Tensor]], names: List[str]) -> NoneType:
          w = self.w
          for i in range(torch.len(names)):
            given = gradients[i]
            gradient = ops.prim.unchecked_unwrap_optional(given)
            key = torch.add("gradient.", names[i])
            if torch.eq(torch.dim(gradient), 4):
              ordered = torch.contiguous(gradient, memory_format=2)
            else:
              ordered = torch.contiguous(gradient)
            if torch.__contains__(w, key):
              _0 = torch.add_(w[key], ordered)
            else:
              torch._set_item(w, key, ordered)
          return None
      """;

  private void print(List<Lines.Line> some) {
    for (Lines.Line line : some) {
      raw("    " + line.variable() + " = " + line.expression() + "\n");
    }
  }

  private void accumulateDivided(List<String> parameters, String loss) {
    Set<String> differentiable = differentiable();
    int last = lines.size() - 1;
    String handed = String.join(", ", parameters);
    raw("    torch.set_grad_enabled(False)\n");
    for (int i = 0; i < last; i++) {
      call(i, handed, lines.inputs(i), lines.outputs(i));
    }
    raw("    torch.set_grad_enabled(True)\n");
    Map<String, String> gradients = new LinkedHashMap<>();
    for (int i = last; i >= 0; i--) {
      List<String> outputs =
          i == last
              ? List.of(loss)
              : lines.outputs(i).stream().filter(differentiable::contains).toList();
      if (outputs.isEmpty()) {
        continue;
      }
      // inputs become leaves again, so that the gradient stops at the cut
      List<String> leaves = lines.inputs(i).stream().filter(differentiable::contains).toList();
      for (String leaf : leaves) {
        raw("    %s = torch.requires_grad_(torch.detach(%s), True)\n".formatted(leaf, leaf));
      }
      String kept = i == last ? "" : "_again";
      List<String> results = i == last ? List.of(loss) : lines.outputs(i);
      raw("    r%d = (self).segment_%d(%s, %s)\n".formatted(i, i, handed, list(lines.inputs(i))));
      for (int j = 0; j < results.size(); j++) {
        raw("    %s%s = r%d[%d]\n".formatted(results.get(j), kept, i, j));
      }
      List<String> learning = segmentLearning(i);
      String incoming =
          i == last
              ? "None"
              : "annotate(List[Optional[Tensor]], "
                  + list(outputs.stream().map(name -> required(gradients, name)).toList())
                  + ")";
      raw(
          "    g%d = torch.grad(%s, torch.add(annotate(List[Tensor], %s), annotate(List[Tensor], %s)), %s, None, False, False)\n"
              .formatted(
                  i,
                  list(outputs.stream().map(name -> name + kept).toList()),
                  list(leaves),
                  weights(learning),
                  incoming));
      for (int j = 0; j < leaves.size(); j++) {
        String leaf = leaves.get(j);
        String part = "d%d_%d".formatted(i, j);
        raw("    %s_optional = g%d[%d]\n".formatted(part, i, j));
        raw("    %s = ops.prim.unchecked_unwrap_optional(%s_optional)\n".formatted(part, part));
        String before = gradients.get(leaf);
        if (before != null) {
          raw("    %s_sum = torch.add(%s, %s)\n".formatted(part, before, part));
          part += "_sum";
        }
        gradients.put(leaf, part);
      }
      raw(
          "    (self).collect(torch.slice(g%d, %d), %s)\n"
              .formatted(i, leaves.size(), names(learning)));
    }
  }

  private static String required(Map<String, String> gradients, String name) {
    String gradient = gradients.get(name);
    if (gradient == null) {
      throw new IllegalStateException("nothing reads " + name);
    }
    return gradient;
  }

  private void call(int segment, String handed, List<String> inputs, List<String> outputs) {
    raw("    o%d = (self).segment_%d(%s, %s)\n".formatted(segment, segment, handed, list(inputs)));
    for (int j = 0; j < outputs.size(); j++) {
      raw("    %s = o%d[%d]\n".formatted(outputs.get(j), segment, j));
    }
  }

  private void segmentMethod(int index, List<String> parameters) {
    raw(
        "  def segment_%d(self: __torch__.Network, %s, x: List[Tensor]) -> List[Tensor]:\n    w = self.w\n"
            .formatted(index, typed(parameters)));
    List<String> inputs = lines.inputs(index);
    for (int i = 0; i < inputs.size(); i++) {
      raw("    %s = x[%d]\n".formatted(inputs.get(i), i));
    }
    List<Lines.Line> segment = lines.segment(index);
    print(segment);
    List<String> results =
        index == lines.size() - 1
            ? List.of(segment.get(segment.size() - 1).variable())
            : lines.outputs(index);
    raw("    return annotate(List[Tensor], %s)\n".formatted(list(results)));
  }

  private List<String> segmentLearning(int index) {
    return lines.weights(index).stream().filter(learns).toList();
  }

  private static String typed(List<String> parameters) {
    return parameters.stream().map(name -> name + ": Tensor").collect(Collectors.joining(", "));
  }

  static String weights(List<String> names) {
    return list(names.stream().map(name -> "w[\"" + name + "\"]").toList());
  }

  static String names(List<String> names) {
    return "annotate(List[str], "
        + list(names.stream().map(name -> "\"" + name + "\"").toList())
        + ")";
  }

  /** The variables that depend on a weight that learns. */
  private Set<String> differentiable() {
    Set<String> found = new HashSet<>();
    for (Lines.Line line : lines.all()) {
      if (line.weights().stream().anyMatch(learns)
          || line.reads().stream().anyMatch(found::contains)) {
        found.add(line.variable());
      }
    }
    return found;
  }
}
