package io.github.controlnet.core.torch;

import static io.github.controlnet.core.torch.Emission.NONE;
import static io.github.controlnet.core.torch.Expression.call;
import static io.github.controlnet.core.torch.Expression.list;
import static io.github.controlnet.core.torch.Expression.text;
import static io.github.controlnet.core.torch.Expression.twice;

import io.github.controlnet.core.nn.Activation;
import io.github.controlnet.core.nn.Convolution;
import io.github.controlnet.core.nn.Geglu;
import io.github.controlnet.core.nn.Op;
import io.github.controlnet.core.nn.Operator;
import io.github.controlnet.core.nn.Parameter;
import io.github.controlnet.core.nn.Routine;
import io.github.controlnet.core.nn.Type;
import io.github.controlnet.core.nn.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Writes every operator with PyTorch's own. Activations are channels-last. */
final class AtenRule implements Rule {

  @Override
  public Expression lower(Value value, Emission out) {
    Op op = value.op();
    if (op instanceof Op.Input input) {
      return text(input.name());
    }
    if (op instanceof Op.Read read) {
      return out.weight(read.parameter());
    }
    if (op instanceof Op.Item item) {
      return new Expression.Element(out.of(item.list()), text(Integer.toString(item.index())));
    }
    if (op instanceof Op.Pick pick) {
      Expression all = out.let(list(pick.values().stream().map(out::of).toArray()));
      return new Expression.Element(all, out.of(pick.index()));
    }
    if (op instanceof Op.Apply apply) {
      return apply(value, apply, out);
    }
    if (op instanceof Op.Run run) {
      return run(value, run, out);
    }
    if (op instanceof Op.Convolve conv) {
      return finished(value, conv, convolved(conv, out), out);
    }
    if (op instanceof Op.ConvolveTransposed conv) {
      return activated(transposed(conv, out), conv.activation(), out);
    }
    if (op instanceof Op.Project project) {
      Expression bias = bias(project, out);
      return call(
          "torch.linear", out.of(project.x()), out.operand(project.linear().kernel()), bias);
    }
    if (op instanceof Op.Gate gate) {
      return gated(out.of(gate.x()), gate.geglu(), out);
    }
    if (op instanceof Op.Attend attend) {
      return call(
          "torch.scaled_dot_product_attention",
          out.of(attend.query()),
          out.of(attend.key()),
          out.of(attend.value()),
          attend.scores().map(out::of).orElse(NONE),
          text("0."),
          attend.causal());
    }
    return waves((Op.Sinusoids) op, out);
  }

  private static Expression apply(Value value, Op.Apply apply, Emission out) {
    String name = "torch." + apply.operator().name().toLowerCase(Locale.ROOT);
    List<Expression> operands = apply.operands().stream().map(out::of).toList();
    String result = apply.operator() == Operator.EMBEDDING_BAG ? "[0]" : "";
    return new Expression.Call(out.overwrites(value) ? name + "_" : name, operands, result);
  }

  private static Expression run(Value value, Op.Run run, Emission out) {
    List<Expression> operands = new ArrayList<>(run.operands().stream().map(out::of).toList());
    boolean changes = run.routine().effect() == Routine.Effect.CHANGES;
    if (changes && !out.overwrites(value)) {
      operands.set(0, out.let(call("torch.clone", operands.get(0))));
    }
    return new Expression.Call("(self)." + run.routine().name(), operands, "");
  }

  /** The bias of a convolution with what is added to it. */
  static Expression bias(Op.Convolve conv, Emission out) {
    Expression bias = bias(conv.conv().bias(), out);
    return conv.shift().isEmpty()
        ? bias
        : out.let(call("torch.add", bias, call("torch.select", out.of(conv.shift().get()), 0, 0)));
  }

  static Expression bias(Op.Project project, Emission out) {
    return project.bias().isPresent()
        ? out.of(project.bias().get())
        : bias(project.linear().bias(), out);
  }

  static Expression bias(Optional<Parameter> bias, Emission out) {
    return bias.isPresent() ? out.operand(bias.get()) : NONE;
  }

  private static Expression convolved(Op.Convolve conv, Emission out) {
    Convolution sizes = conv.conv().sizes();
    Expression bias = bias(conv, out);
    return call(
        "torch.conv2d",
        out.of(conv.x()),
        out.operand(conv.conv().kernel()),
        bias,
        twice(sizes.stride()),
        twice(sizes.padding()),
        twice(sizes.dilation()),
        sizes.groups());
  }

  private static Expression transposed(Op.ConvolveTransposed conv, Emission out) {
    Convolution sizes = conv.conv().sizes();
    Expression kernel = out.operand(conv.conv().kernel());
    return call(
        "torch.conv_transpose2d",
        out.of(conv.x()),
        kernel,
        bias(conv.conv().bias(), out),
        twice(sizes.stride()),
        twice(sizes.padding()),
        twice(conv.conv().outputPadding()),
        sizes.groups());
  }

  /** What follows a convolution: its sum with another tensor and the activation. */
  static Expression finished(Value value, Op.Convolve conv, Expression convolved, Emission out) {
    if (conv.sum().isEmpty()) {
      return activated(convolved, conv.activation(), out);
    }
    Expression h = out.let(convolved);
    String add = out.overwrites(value) ? "torch.add_" : "torch.add";
    return activated(call(add, out.of(conv.sum().get()), h), conv.activation(), out);
  }

  /** An activation in place of what an expression gives. */
  static Expression activated(Expression expression, Activation activation, Emission out) {
    if (activation.kind() == Activation.Kind.NONE) {
      return expression;
    }
    List<Object> operands = new ArrayList<>(List.of(out.let(expression)));
    operands.addAll(activation.numbers());
    String name = activation.kind().name().toLowerCase(Locale.ROOT);
    return call("torch." + name + "_", operands.toArray());
  }

  /** Two products instead of one, since halves of one result would not be contiguous. */
  private static Expression gated(Expression x, Geglu geglu, Emission out) {
    Expression weight = out.operand(geglu.projection().kernel());
    Expression bias = bias(geglu.projection().bias(), out);
    int hidden = geglu.hidden();
    Expression gate = out.let(call("torch.gelu_", part(x, weight, bias, hidden, hidden)));
    Expression value = out.let(part(x, weight, bias, 0, hidden));
    return call("torch.mul_", value, gate);
  }

  private static Expression part(
      Expression x, Expression weight, Expression bias, int from, int count) {
    return call(
        "torch.linear",
        x,
        call("torch.narrow", weight, 0, from, count),
        call("torch.narrow", bias, 0, from, count));
  }

  private static Expression waves(Op.Sinusoids waves, Emission out) {
    Expression timestep = out.of(waves.timestep());
    Expression frequencies = frequencies(waves.channels() / 2, out);
    if (waves.timestep().type() == Type.REAL) {
      Expression angles = out.let(call("torch.mul", frequencies, timestep));
      Expression both = list(call("torch.cos", angles), call("torch.sin", angles));
      return call("torch.reshape", call("torch.cat", both), list(1, waves.channels()));
    }
    Expression rows =
        call(
            "torch.unsqueeze",
            call("torch.to", timestep, out.target().deviceExpression(), NumberType.FLOAT32),
            1);
    Expression angles = out.let(call("torch.mul", rows, call("torch.unsqueeze", frequencies, 0)));
    return call("torch.cat", list(call("torch.cos", angles), call("torch.sin", angles)), 1);
  }

  /** [half]. */
  private static Expression frequencies(int half, Emission out) {
    Expression steps =
        out.let(
            call(
                "torch.arange",
                half,
                new Expression.Named("dtype", Expression.of(NumberType.FLOAT32)),
                new Expression.Named("layout", NONE),
                new Expression.Named("device", out.target().deviceExpression())));
    return out.let(
        call("torch.exp", call("torch.div", call("torch.mul", steps, -Math.log(10000)), half)));
  }
}
