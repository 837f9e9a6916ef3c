package io.github.controlnet.core.models;

import io.github.controlnet.core.nn.Method;
import io.github.controlnet.core.nn.Routine;
import io.github.controlnet.core.nn.Type;
import io.github.controlnet.core.nn.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * A way through a U-Net or its ControlNet while a method is written.
 *
 * <p>Guidance branches have the same latents, so everything before the first cross-attention is
 * computed once and repeated there ({@link #expand}).
 */
final class Pass {
  /** Puts the values in place of what attention made of them, in some branches. */
  private static final Routine PERTURB =
      new Routine(
          "perturb",
          """
            def perturb(self: __torch__.Network, x: Tensor, values: Tensor, branches: int, perturbed: List[int]) -> Tensor:
              images = torch.floordiv(torch.size(x, 0), branches)
              for i in range(torch.len(perturbed)):
                at = torch.mul(perturbed[i], images)
                _0 = torch.copy_(torch.narrow(x, 0, at, images), torch.narrow(values, 0, at, images))
              return x
          """,
          Routine.Effect.CHANGES);

  /** A feature map that the decoder will read. */
  record Skip(Value map, int channels, boolean expanded) {}

  private final Method method;
  private final Value time;
  private final Function<Attention, Transformer.Text> text;
  private final List<Skip> skips = new ArrayList<>();
  private boolean expanded;
  private boolean perturbing;

  private Pass(
      Method method, Value time, Function<Attention, Transformer.Text> text, boolean expanded) {
    this.method = method;
    this.time = time;
    this.text = text;
    this.expanded = expanded;
  }

  /** In branches, which are given keys and values of the text as {@code context}. */
  static Pass inBranches(Method method, Value time) {
    Value context = method.input("context");
    int[] next = {0};
    return new Pass(
        method,
        time,
        attention -> new Transformer.Text(context.item(next[0]++), context.item(next[0]++)),
        false);
  }

  /** Without branches, keys and values of the text being computed on the way. */
  static Pass ofStates(Method method, Value time, Value states) {
    return new Pass(
        method,
        time,
        attention -> new Transformer.Text(attention.keys(states), attention.values(states)),
        true);
  }

  Value time() {
    return time;
  }

  Transformer.Text text(Attention attention) {
    return text.apply(attention);
  }

  /** The feature maps that the decoder has not read yet. */
  List<Skip> skips() {
    return skips;
  }

  void skip(Value map, int channels) {
    skips.add(new Skip(map, channels, expanded));
  }

  boolean isExpanded() {
    return expanded;
  }

  /** From here on values hold all branches. */
  void setExpanded() {
    expanded = true;
  }

  /** Repeats a tensor for each branch unless it already holds all of them. */
  Value expand(Skip skip) {
    return skip.expanded() ? skip.map() : expand(skip.map());
  }

  Value expand(Value x) {
    return method.run(Routine.EXPAND, Type.TENSOR, x.shape(), x, method.input("branches"));
  }

  /** Says whether self-attention is the identity in the branches {@code perturbed}. */
  void setPerturbing(boolean value) {
    perturbing = value;
  }

  Value perturbed(Value attended, Value values) {
    return perturbing
        ? method.run(
            PERTURB,
            Type.TENSOR,
            attended.shape(),
            attended,
            values,
            method.input("branches"),
            method.input("perturbed"))
        : attended;
  }

  void cut() {
    method.cut();
  }
}
