package io.github.controlnet.core.torch.training;

import static java.util.stream.Collectors.joining;

import io.github.controlnet.core.nn.Method;
import io.github.controlnet.core.nn.Signature.Argument;
import io.github.controlnet.core.torch.Lines;
import io.github.controlnet.core.torch.Target;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Writes the lines of a forward pass with its gradients: as one method, or divided at the cuts into
 * methods that are run again for the backward pass, so that only what crosses a cut is kept (Chen
 * et al. 2016, arXiv:1604.06174).
 */
final class GradientScript {
  private final Method method;
  private final Lines lines;
  private final Predicate<String> learns;
  private final StringBuilder text;

  /**
   * Starts.
   *
   * @param method the forward pass
   * @param lines of it
   * @param learns tells, by a weight's name with its scope, whether it learns
   * @param text gets the methods
   */
  GradientScript(Method method, Lines lines, Predicate<String> learns, StringBuilder text) {
    this.method = method;
    this.lines = lines;
    this.learns = learns;
    this.text = text;
  }

  /** Returns the weights that learn and are read, in the order of reading. */
  List<String> learning() {
    return lines.all().stream()
        .flatMap(line -> line.expression().weights())
        .filter(learns)
        .distinct()
        .toList();
  }

  /**
   * Writes the method {@code accumulate}, which computes the loss and adds its gradients to those
   * collected.
   *
   * @param loss the variable with the loss
   */
  void accumulate(String loss) {
    raw(
        "  def accumulate(self: __torch__.Network, %s) -> Tensor:\n"
            .formatted(Target.parameters(method.signature())));
    raw("    w = self.w\n    torch.set_grad_enabled(True)\n");
    if (lines.size() > 1) {
      accumulateDivided(loss);
    } else {
      print(lines.all());
      List<String> learning = learning();
      raw(
          "    (self).collect(torch.grad([%s], %s, None, None, False, False), %s)\n"
              .formatted(loss, weights(learning), names(learning)));
    }
    raw("    return torch.detach(%s)\n".formatted(loss));
    raw(COLLECT);
    if (lines.size() > 1) {
      for (int i = 0; i < lines.size(); i++) {
        segmentMethod(i);
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
    some.forEach(text::append);
  }

  private void accumulateDivided(String loss) {
    Set<String> differentiable = differentiable();
    int last = lines.size() - 1;
    String handed =
        method.signature().arguments().stream().map(Argument::name).collect(joining(", "));
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

  private void segmentMethod(int index) {
    raw(
        "  def segment_%d(self: __torch__.Network, %s, x: List[Tensor]) -> List[Tensor]:\n    w = self.w\n"
            .formatted(index, Target.parameters(method.signature())));
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
      if (line.expression().weights().anyMatch(learns)
          || line.expression().variables().anyMatch(found::contains)) {
        found.add(line.variable());
      }
    }
    return found;
  }

  private static String list(List<String> values) {
    return "[" + String.join(", ", values) + "]";
  }

  private void raw(String some) {
    text.append(some);
  }
}
