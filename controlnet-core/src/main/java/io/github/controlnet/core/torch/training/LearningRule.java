package io.github.controlnet.core.torch.training;

import static io.github.controlnet.core.torch.Expression.call;

import io.github.controlnet.core.nn.Geglu;
import io.github.controlnet.core.nn.Op;
import io.github.controlnet.core.nn.Value;
import io.github.controlnet.core.torch.Emission;
import io.github.controlnet.core.torch.Expression;
import io.github.controlnet.core.torch.Rule;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is written differently where a gradient flows: a gated layer is one product, for two would
 * make two gradients of the whole weight.
 *
 * @param learned the values that a gradient flows through
 */
record LearningRule(Set<Value> learned) implements Rule {

  @Override
  public @Nullable Expression lower(Value value, Emission out) {
    if (!(value.op() instanceof Op.Gate gate) || !learned.contains(value)) {
      return null;
    }
    Geglu geglu = gate.geglu();
    int hidden = geglu.hidden();
    Expression bias = out.operand(geglu.projection().bias().orElseThrow());
    Expression kernel = out.operand(geglu.projection().kernel());
    Expression both = out.let(call("torch.linear", out.of(gate.x()), kernel, bias));
    Expression first = out.let(call("torch.narrow", both, -1, 0, hidden));
    Expression second = out.let(call("torch.gelu", call("torch.narrow", both, -1, hidden, hidden)));
    return call("torch.mul", first, second);
  }
}
