package io.github.controlnet.core.torch.training;

import io.github.controlnet.core.models.ControlTraining;
import io.github.controlnet.core.nn.Dependence;
import io.github.controlnet.core.nn.Graph;
import io.github.controlnet.core.nn.LastUse;
import io.github.controlnet.core.nn.Method;
import io.github.controlnet.core.nn.Op;
import io.github.controlnet.core.nn.Parameter;
import io.github.controlnet.core.nn.Value;
import io.github.controlnet.core.torch.Emission;
import io.github.controlnet.core.torch.Lines;
import io.github.controlnet.core.torch.NumberType;
import io.github.controlnet.core.torch.ScriptSource;
import io.github.controlnet.core.torch.Target;
import io.github.controlnet.engine.Precision;
import io.github.controlnet.engine.TrainingSpec;
import io.github.controlnet.exception.InvalidRequestException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Writes a training step of a ControlNet: control, U-Net, loss and gradients in one method, the
 * update of AdamW in another.
 */
final class TrainingScript {
  /**
   * {@code update} returns the lists that it changes for no other reason than to be run:
   * TorchScript drops operators on lists whose elements nothing reads afterwards.
   */
  private static final String METHODS =
      """
        def prepare(self: __torch__.Network, marker: Tensor) -> Tensor:
          w = self.w
          frozen = %1$s
          for i in range(torch.len(frozen)):
            name = frozen[i]
            value = w[name]
            torch._set_item(w, name, torch.to(value, %4$s, False, True))
          plain = %2$s
          for i in range(torch.len(plain)):
            name = plain[i]
            torch._set_item(w, name, torch.clone(w[name]))
          names = %3$s
          for i in range(torch.len(names)):
            name = names[i]
            master = torch.requires_grad_(torch.clone(w[name]), True)
            torch._set_item(w, name, master)
            (self).restore(torch.add("first.", name), torch.detach(master), 0.)
            (self).restore(torch.add("second.", name), torch.detach(master), 0.)
            %5$s
          return marker
        def restore(self: __torch__.Network, key: str, master: Tensor, share: float) -> NoneType:
          w = self.w
          if torch.__contains__(w, key):
            torch._set_item(w, key, torch.clone(w[key]))
          else:
            torch._set_item(w, key, torch.mul(master, share))
          return None
        def norm(self: __torch__.Network) -> Tensor:
          w = self.w
          return torch.linalg_vector_norm(torch.stack(torch._foreach_norm(%6$s, 2.)))
        def update(self: __torch__.Network, scale: float, rate: float, first: float, second: float, decay: float, epsilon: float, step: float, share: float) -> List[List[Tensor]]:
          w = self.w
          names = %3$s
          masters = %7$s
          gradients = %6$s
          firsts = %8$s
          seconds = %9$s
          averages = %11$s
          if torch.ne(scale, 1.):
            torch._foreach_mul_(gradients, scale)
          else:
            pass
          steps = torch.mul([torch.full([], step, dtype=6)], torch.len(names))
          torch._fused_adamw_(masters, gradients, firsts, seconds, annotate(List[Tensor], []), steps, lr=rate, beta1=first, beta2=second, weight_decay=decay, eps=epsilon, amsgrad=False, maximize=False)
          %10$s
          (self).forget(names)
          return [masters, gradients, firsts, seconds, averages]
        def forget(self: __torch__.Network, names: List[str]) -> NoneType:
          w = self.w
          for i in range(torch.len(names)):
            _0 = torch.pop(w, torch.add("gradient.", names[i]))
          return None
        def read(self: __torch__.Network, name: str) -> Tensor:
          return (self).export(torch.detach((self.w)[name]))
      """;

  private TrainingScript() {}

  /** A script and the names of the weights that learn, with their scope. */
  record Result(ScriptSource source, List<String> learning) {}

  static Result write(TrainingSpec spec, String device) {
    int dtype = number(spec.precision());
    Graph network =
        new ControlTraining(spec.unet(), spec.control(), spec.absolute(), spec.onlyMiddle())
            .graph();
    Method method = network.methods().get(0);
    Predicate<Parameter> learns = parameter -> spec.learns(parameter.name());
    Set<Value> learned = Dependence.on(learns, method);
    Target target = Target.learning(dtype, device, learns, new LearningRule(learned));
    Set<Value> changing = new HashSet<>(LastUse.in(method));
    changing.removeAll(learned);
    List<List<Value>> segments =
        spec.recompute() ? segments(method, learned) : List.of(method.values());
    Emission out = new Emission(target);
    Lines lines = out.lower(method, segments, changing);
    StringBuilder text = new StringBuilder(target.header(network));
    GradientScript gradients = new GradientScript(method, lines, spec::learns, text);
    gradients.accumulate(out.of(method.results().get(0)).print());
    List<String> learning = gradients.learning();
    text.append(methods(out, operands(method), spec, learning, dtype));
    return new Result(
        new ScriptSource(text.toString(), out.weights(), Map.of(), Map.of()), learning);
  }

  /** The values between the cuts; before anything learns there is nothing to compute again. */
  private static List<List<Value>> segments(Method method, Set<Value> learned) {
    List<List<Value>> segments = new ArrayList<>();
    boolean frozen = false;
    for (List<Value> segment : method.segments()) {
      boolean alsoFrozen = segment.stream().noneMatch(learned::contains);
      if (frozen && alsoFrozen) {
        segments.get(segments.size() - 1).addAll(segment);
      } else {
        segments.add(new ArrayList<>(segment));
      }
      frozen = alsoFrozen;
    }
    return segments;
  }

  /** The weights of convolutions and linear layers. */
  private static Set<String> operands(Method method) {
    return method.values().stream()
        .map(Value::op)
        .filter(op -> !(op instanceof Op.Read))
        .flatMap(op -> op.parameters().stream())
        .map(Parameter::name)
        .collect(Collectors.toSet());
  }

  private static String methods(
      Emission out, Set<String> operands, TrainingSpec spec, List<String> learning, int dtype) {
    List<String> reduced = new ArrayList<>();
    List<String> plain = new ArrayList<>();
    for (String name : out.weights().keySet()) {
      if (!learning.contains(name)) {
        (operands.contains(name) ? reduced : plain).add(name);
      }
    }
    return METHODS.formatted(
        GradientScript.names(reduced),
        GradientScript.names(plain),
        GradientScript.names(learning),
        dtype,
        spec.averages()
            ? "(self).restore(torch.add(\"average.\", name), torch.detach(master), 1.)"
            : "",
        of("gradient.", learning),
        of("", learning),
        of("first.", learning),
        of("second.", learning),
        spec.averages() ? "torch._foreach_lerp_(averages, masters, share)" : "",
        spec.averages() ? of("average.", learning) : "annotate(List[Tensor], [])");
  }

  private static int number(Precision precision) {
    return switch (precision) {
      case FLOAT32 -> NumberType.FLOAT32;
      case BFLOAT16 -> NumberType.BFLOAT16;
      case FLOAT16, AUTO ->
          throw new InvalidRequestException(
              "A training computes in float32 or bfloat16, not in %s."
                  .formatted(precision.name().toLowerCase(Locale.ROOT)));
    };
  }

  private static String of(String prefix, List<String> names) {
    return GradientScript.weights(names.stream().map(name -> prefix + name).toList());
  }
}
