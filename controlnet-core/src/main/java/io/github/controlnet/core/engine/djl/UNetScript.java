package io.github.controlnet.core.engine.djl;

import io.github.controlnet.core.engine.djl.TrunkScript.Skip;
import io.github.controlnet.core.network.Convolution;
import io.github.controlnet.core.network.ScriptSource;
import io.github.controlnet.core.network.ScriptWriter;
import io.github.controlnet.spi.engine.UNetSpec;
import io.github.controlnet.spi.engine.UNetSpec.Level;
import java.util.List;
import java.util.function.BiFunction;

/** Writes the U-Net that predicts noise. */
final class UNetScript {
  /**
   * Adds residual i of every control in place, branch by branch: residuals [control][residual],
   * rows [control][branch] (-1: this branch has none), scales [control][residual][branch].
   */
  private static final String ADD_CONTROLS =
      """
        def add_controls(self: __torch__.Network, x: Tensor, i: int, branches: int, residuals: List[Tensor], rows: List[int], scales: List[float]) -> Tensor:
          images = torch.floordiv(torch.size(x, 0), branches)
          controls = torch.floordiv(torch.len(residuals), %1$d)
          for c in range(controls):
            r = torch.add(torch.mul(c, %1$d), i)
            for b in range(branches):
              row = rows[torch.add(torch.mul(c, branches), b)]
              scale = scales[torch.add(torch.mul(r, branches), b)]
              if torch.ge(row, 0):
                if torch.ne(scale, 0.):
                  _0 = torch.add_(torch.narrow(x, 0, torch.mul(b, images), images), torch.narrow(residuals[r], 0, torch.mul(row, images), images), alpha=scale)
                else:
                  pass
              else:
                pass
          return x
      """;

  /** Puts the values in place of what attention made of them, in some branches. */
  private static final String PERTURB =
      """
        def perturb(self: __torch__.Network, x: Tensor, values: Tensor, branches: int, perturbed: List[int]) -> Tensor:
          images = torch.floordiv(torch.size(x, 0), branches)
          for i in range(torch.len(perturbed)):
            at = torch.mul(perturbed[i], images)
            _0 = torch.copy_(torch.narrow(x, 0, at, images), torch.narrow(values, 0, at, images))
          return x
      """;

  private UNetScript() {}

  static ScriptSource write(UNetSpec architecture, ScriptWriter script) {
    TrunkScript trunk = new TrunkScript(script, architecture);
    int width = architecture.levels().get(0).channels();
    script.raw(ADD_CONTROLS.formatted(architecture.sites().size()));
    script.raw(PERTURB);
    script.method(
        "predict",
        "latents: Tensor, timestep: float, branches: int, context: List[Tensor],"
            + " residuals: List[Tensor], rows: List[int], scales: List[float], perturbed: List[int]",
        "Tensor");
    trunk.time();
    String h =
        script.conv(
            script.image("latents"),
            "conv_in",
            Convolution.of(architecture.inChannels(), width, 3));
    h = trunk.encode(h);
    h = trunk.perturbedMiddle(h);
    h = decode(script, trunk, architecture, h, (x, index) -> addControls(script, x, index));
    script.result(script.export(h));
    trunk.contextMethod();
    return script.finish();
  }

  /**
   * Writes the decoder.
   *
   * @param middle the middle's output
   * @param controls adds what controls say to a feature map, by the number of the residual
   */
  static String decode(
      ScriptWriter script,
      TrunkScript trunk,
      UNetSpec architecture,
      String middle,
      BiFunction<String, Integer, String> controls) {
    List<Level> levels = architecture.levels();
    int width = levels.get(0).channels();
    List<Skip> skips = trunk.skips();
    String h = controls.apply(middle, skips.size());
    int channels = levels.get(levels.size() - 1).channels();
    for (int i = levels.size() - 1; i >= 0; i--) {
      Level level = levels.get(i);
      String block = "up_blocks." + (levels.size() - 1 - i);
      for (int j = 0; j <= architecture.residualBlocks(); j++) {
        int index = skips.size() - 1;
        Skip skip = skips.remove(index);
        String added = controls.apply(trunk.expand(skip), index);
        h = script.let("torch.cat([" + h + ", " + added + "], 1)");
        h =
            trunk.residualBlock(
                h, block + ".resnets." + j, channels + skip.channels(), level.channels());
        channels = level.channels();
        h =
            trunk.transformer(
                h, block + ".attentions." + j, channels, level.depth(), level.heads());
        script.cut();
      }
      if (i > 0) {
        // to the skip's size, which is not twice ours when the size above is odd
        String next = skips.get(skips.size() - 1).name();
        h = script.upsample(h, "torch.size(" + next + ", 2)", "torch.size(" + next + ", 3)");
        h = script.conv(h, block + ".upsamplers.0.conv", Convolution.of(channels, channels, 3));
      }
    }
    h =
        script.groupNorm(
            h, "conv_norm_out", width, architecture.groups(), architecture.normEpsilon());
    return script.conv(
        script.silu_(h), "conv_out", Convolution.of(width, architecture.outChannels(), 3));
  }

  private static String addControls(ScriptWriter script, String x, int index) {
    return script.let(
        "(self).add_controls(%s, %d, branches, residuals, rows, scales)".formatted(x, index));
  }
}
