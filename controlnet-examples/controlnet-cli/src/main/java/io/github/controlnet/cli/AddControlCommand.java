package io.github.controlnet.cli;

import io.github.controlnet.Controls;
import io.github.controlnet.core.hub.HubOptions;
import io.github.controlnet.model.BaseModel;
import io.github.controlnet.model.ExportOptions;
import io.github.controlnet.model.HintInitialization;
import io.github.controlnet.model.NewControl;
import io.github.controlnet.model.ZeroConvolutions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code controlnet add-control}. */
@Command(
    name = "add-control",
    abbreviateSynopsis = true,
    sortOptions = false,
    description = {
      "Make a new control from a base, for training.",
      "Encoder and middle are copied, zero convolutions are zero, the hint block is fresh: it",
      "changes nothing until it is trained. Prints what was written."
    })
final class AddControlCommand implements Callable<Integer> {
  @ParentCommand
  @SuppressWarnings("NullAway.Init") // set by picocli
  private ControlNetCommand parent;

  @Spec
  @SuppressWarnings("NullAway.Init") // set by picocli
  private CommandSpec spec;

  @Option(
      names = "--base",
      required = true,
      paramLabel = "PATH or ID",
      description =
          "Base model: a diffusers folder, a file (safetensors, ckpt), or an id of the hub.")
  private Path base = Path.of("");

  @Option(
      names = "--base-config",
      paramLabel = "FILE",
      description =
          "What the weights' shapes cannot tell, as diffusers JSON or the original's yaml."
              + " Default: beside the base, when there.")
  private @Nullable Path baseConfig;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "0",
      description =
          "Seed of the hint block, which then equals that of diffusers' from_unet after"
              + " torch.manual_seed(N). Default: ${DEFAULT-VALUE}.")
  private long seed;

  @Option(
      names = "--hint-channels",
      paramLabel = "N",
      split = ",",
      description =
          "Channels of the hint block's stages, one more than the base's VAE halves the size."
              + " Default: as many of 16,32,96,256 as that takes, all four for Stable Diffusion.")
  private List<Integer> hintChannels = new ArrayList<>();

  @Option(
      names = "--hint-init",
      paramLabel = "WHICH",
      defaultValue = "pytorch",
      converter = Choices.ToHintInitialization.class,
      description =
          "pytorch: as the original and diffusers. he: louder, so that maps of thin lines are found"
              + " sooner. Default: ${DEFAULT-VALUE}.")
  private HintInitialization hintInitialization = HintInitialization.PYTORCH;

  @Option(
      names = "--zero-convolutions",
      paramLabel = "WHICH",
      defaultValue = "zero",
      converter = Choices.ToZeroConvolutions.class,
      description =
          "zero: a new control changes nothing. gaussian: drawn at random, so that it disturbs from"
              + " the start; the paper's ablation, for comparison. Default: ${DEFAULT-VALUE}.")
  private ZeroConvolutions zeroConvolutions = ZeroConvolutions.ZERO;

  @Mixin private ExportChoices export = new ExportChoices();

  @Mixin private CommonOptions common = new CommonOptions();

  @Override
  public Integer call() {
    common.applyLogging();
    NewControl control =
        new Usage(spec)
            .value(
                () ->
                    NewControl.defaults()
                        .withSeed(seed)
                        .withHintWidths(hintChannels)
                        .withHintInitialization(hintInitialization)
                        .withZeroConvolutions(zeroConvolutions));
    ExportOptions options = export.options(parent.interrupts().gently());
    HubModels hub =
        new HubModels(
            HubOptions.fromEnvironment(),
            parent.progress(spec.commandLine()),
            parent.interrupts().gently());
    BaseModel model = ModelOptions.base("--base", base, "--base-config", baseConfig, hub);
    Controls.create(model, export.out(), control, options);
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("path", export.out().toString());
    json.put("layout", Choices.word(export.layout()));
    json.put("seed", seed);
    common.report(spec.commandLine().getOut(), json, export.out().toString());
    return 0;
  }
}
