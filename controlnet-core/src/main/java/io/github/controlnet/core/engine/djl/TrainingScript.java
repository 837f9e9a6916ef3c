package io.github.controlnet.core.engine.djl;

import io.github.controlnet.core.network.Convolution;
import io.github.controlnet.core.network.NumberType;
import io.github.controlnet.core.network.ScriptSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Writes a training step of a ControlNet: control, U-Net, loss and gradients in one method, the
 * update of AdamW in another.
 */
final class TrainingScript {
  /** The tensors of {@code accumulate}, in order. */
  static final List<String> PARAMETERS =
      List.of("latents", "timestep", "states", "hint", "target", "weight");

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

  static Result write(TrainingGraph graph, String device) {
    int dtype = graph.bfloat16() ? NumberType.BFLOAT16 : NumberType.FLOAT32;
    TrainingWriter script = new TrainingWriter(dtype, device, graph::learns);
    String loss = forward(script, graph);
    script.accumulate(PARAMETERS, loss, graph.recompute());
    List<String> learning = script.learning();
    script.raw(methods(script, graph, learning, dtype));
    return new Result(script.finish(), learning);
  }

  private static String forward(TrainingWriter script, TrainingGraph graph) {
    int width = graph.unet().levels().get(0).channels();
    Optional<String> states = Optional.of(script.toDevice("states"));
    String latents = script.image("latents");

    script.scope(TrainingGraph.UNET);
    script.inPlace(true);
    TrunkScript unet = new TrunkScript(script, graph.unet(), states);
    unet.time();
    String first =
        script.conv(latents, "conv_in", Convolution.of(graph.unet().inChannels(), width, 3));
    String encoded = unet.middle(unet.encode(first));
    script.inPlace(false);
    script.cut();

    script.scope(TrainingGraph.CONTROL);
    TrunkScript control = new TrunkScript(script, graph.control().trunk(), states);
    String hint = ControlScript.hintBlock(script, graph.control(), "hint", width);
    control.time();
    String h =
        script.conv(
            latents, "conv_in", Convolution.of(graph.control().trunk().inChannels(), width, 3));
    h = control.encode(script.add_(h, hint));
    String middle =
        pooled(
            script,
            graph,
            ControlScript.middleResidual(script, graph.control(), control.middle(h)));
    script.cut();
    script.scope(TrainingGraph.UNET);
    String prediction =
        UNetScript.decode(
            script,
            unet,
            graph.unet(),
            encoded,
            (x, index) -> {
              if (index == graph.unet().sites().size() - 1) {
                return script.add_(x, middle);
              }
              if (graph.onlyMiddle()) {
                return x;
              }
              script.scope(TrainingGraph.CONTROL);
              String residual = ControlScript.downResidual(script, control, index);
              script.scope(TrainingGraph.UNET);
              return script.add_(x, pooled(script, graph, residual));
            });
    return loss(script, prediction, graph.absolute());
  }

  private static String pooled(TrainingWriter script, TrainingGraph graph, String residual) {
    return graph.control().globalPooling()
        ? script.let("torch.mean(" + residual + ", [2, 3], True)")
        : residual;
  }

  /** The mean of each image's loss times its weight. */
  private static String loss(TrainingWriter script, String prediction, boolean absolute) {
    String error =
        script.let(
            "torch.sub(torch.to(%s, 6), torch.to(target, %s, 6))"
                .formatted(prediction, script.device()));
    String each =
        script.let(
            "torch.mean(torch.%s(%s), [1, 2, 3])".formatted(absolute ? "abs" : "square", error));
    return script.let(
        "torch.mean(torch.mul(%s, torch.to(weight, %s, 6)))".formatted(each, script.device()));
  }

  private static String methods(
      TrainingWriter script, TrainingGraph graph, List<String> learning, int dtype) {
    List<String> reduced = new ArrayList<>();
    List<String> plain = new ArrayList<>();
    for (String name : script.names()) {
      if (!learning.contains(name)) {
        (script.isOperand(name) ? reduced : plain).add(name);
      }
    }
    return METHODS.formatted(
        TrainingWriter.names(reduced),
        TrainingWriter.names(plain),
        TrainingWriter.names(learning),
        dtype,
        graph.averages()
            ? "(self).restore(torch.add(\"average.\", name), torch.detach(master), 1.)"
            : "",
        of("gradient.", learning),
        of("", learning),
        of("first.", learning),
        of("second.", learning),
        graph.averages() ? "torch._foreach_lerp_(averages, masters, share)" : "",
        graph.averages() ? of("average.", learning) : "annotate(List[Tensor], [])");
  }

  private static String of(String prefix, List<String> names) {
    return TrainingWriter.weights(names.stream().map(name -> prefix + name).toList());
  }
}
