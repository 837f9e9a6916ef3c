package io.github.controlnet.core.engine.djl;

import io.github.controlnet.core.engine.djl.TrunkScript.Skip;
import io.github.controlnet.core.network.Convolution;
import io.github.controlnet.core.network.ScriptSource;
import io.github.controlnet.core.network.ScriptWriter;
import io.github.controlnet.spi.engine.ControlNetSpec;
import io.github.controlnet.spi.engine.Site;
import io.github.controlnet.spi.engine.UNetSpec;
import java.util.ArrayList;
import java.util.List;

/** Writes a ControlNet. */
final class ControlScript {
  /** Confines a residual to the region, which is a grid for each level, or empty for everywhere. */
  private static final String CONFINE =
      """
        def confine(self: __torch__.Network, x: Tensor, region: List[Tensor], level: int) -> Tensor:
          if torch.gt(torch.len(region), 0):
            y = torch.mul(x, region[level])
          else:
            y = x
          return y
      """;

  private ControlScript() {}

  static ScriptSource write(ControlNetSpec architecture, ScriptWriter script) {
    UNetSpec sizes = architecture.trunk();
    TrunkScript trunk = new TrunkScript(script, sizes);
    int width = sizes.levels().get(0).channels();
    script.raw(CONFINE);
    script.method("embed", "pixels: Tensor", "Tensor");
    script.result(hintBlock(script, architecture, "pixels", width));
    script.method("place", "grid: Tensor", "Tensor");
    // A copy: the argument's memory is the caller's.
    script.result("torch.clone(" + script.toDevice("grid") + ")");
    script.method(
        "residuals",
        "latents: Tensor, timestep: float, branches: int, context: List[Tensor], hint: Tensor,"
            + " region: List[Tensor]",
        "List[Tensor]");
    trunk.time();
    String h =
        script.conv(
            script.image("latents"), "conv_in", Convolution.of(sizes.inChannels(), width, 3));
    h = trunk.encode(script.add_(h, "hint"));
    h = trunk.middle(h);
    List<String> results = new ArrayList<>();
    for (int i = 0; i < trunk.skips().size(); i++) {
      results.add(downResidual(script, trunk, i));
    }
    results.add(middleResidual(script, architecture, h));
    if (architecture.globalPooling()) {
      results.replaceAll(r -> script.let("torch.mean(" + r + ", [2, 3], True)"));
    }
    List<Site> sites = sizes.sites();
    for (int i = 0; i < results.size(); i++) {
      String confined =
          "(self).confine(%s, region, %d)".formatted(results.get(i), sites.get(i).level());
      results.set(i, script.let(confined));
    }
    script.result("annotate(List[Tensor], " + ScriptWriter.list(results) + ")");
    trunk.contextMethod();
    return script.finish();
  }

  /** Writes a zero convolution: what the control says at a skip of its encoder. */
  static String downResidual(ScriptWriter script, TrunkScript trunk, int index) {
    Skip skip = trunk.skips().get(index);
    String name = "controlnet_down_blocks." + index;
    return script.conv(
        trunk.expand(skip), name, Convolution.of(skip.channels(), skip.channels(), 1));
  }

  static String middleResidual(ScriptWriter script, ControlNetSpec architecture, String h) {
    List<UNetSpec.Level> levels = architecture.trunk().levels();
    int channels = levels.get(levels.size() - 1).channels();
    return script.conv(h, "controlnet_mid_block", Convolution.of(channels, channels, 1));
  }

  static String hintBlock(ScriptWriter script, ControlNetSpec sizes, String pixels, int width) {
    String name = "controlnet_cond_embedding";
    int channels = sizes.hintWidths().get(0);
    String h =
        script.conv(
            script.image(pixels),
            name + ".conv_in",
            Convolution.of(sizes.hintChannels(), channels, 3));
    for (int i = 1; i < sizes.hintWidths().size(); i++) {
      int next = sizes.hintWidths().get(i);
      h = script.silu_(h);
      h =
          script.conv(
              h,
              name + ".blocks." + (i - 1),
              Convolution.of(channels, next, 3).stride(i % 2 == 0 ? 2 : 1));
      channels = next;
    }
    return script.conv(script.silu_(h), name + ".conv_out", Convolution.of(channels, width, 3));
  }

  /** How many latents' sides the hint's side is: 8 for Stable Diffusion. */
  static int factor(ControlNetSpec architecture) {
    return 1 << ((architecture.hintWidths().size() - 1) / 2);
  }
}
