package io.github.controlnet.cli;

import io.github.controlnet.Controls;
import io.github.controlnet.core.hub.HubOptions;
import io.github.controlnet.model.BaseModel;
import io.github.controlnet.model.ControlModel;
import io.github.controlnet.model.ExportOptions;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code controlnet transfer-control}. */
@Command(
    name = "transfer-control",
    abbreviateSynopsis = true,
    sortOptions = false,
    description = {
      "Move a control to another base: control + (new base - old base), for every tensor that the",
      "control once copied from its base. Prints what was written."
    })
final class TransferControlCommand implements Callable<Integer> {
  @ParentCommand
  @SuppressWarnings("NullAway.Init") // set by picocli
  private ControlNetCommand parent;

  @Spec
  @SuppressWarnings("NullAway.Init") // set by picocli
  private CommandSpec spec;

  @Option(
      names = "--control",
      required = true,
      paramLabel = "PATH or ID",
      description = "The control: a file, a diffusers folder or an id of the hub.")
  private Path control = Path.of("");

  @Option(
      names = "--from-base",
      required = true,
      paramLabel = "PATH or ID",
      description = "The base that the control was trained with.")
  private Path oldBase = Path.of("");

  @Option(
      names = "--base",
      required = true,
      paramLabel = "PATH or ID",
      description = "The base that it is to steer.")
  private Path newBase = Path.of("");

  @Option(
      names = "--control-config",
      paramLabel = "FILE",
      description =
          "What the control's shapes cannot tell, as diffusers JSON or the original's yaml."
              + " Default: beside the control, when there.")
  private @Nullable Path controlConfig;

  @Option(
      names = "--from-base-config",
      paramLabel = "FILE",
      description = "The same for the old base.")
  private @Nullable Path oldConfig;

  @Option(names = "--base-config", paramLabel = "FILE", description = "The same for the new base.")
  private @Nullable Path newConfig;

  @Mixin private ExportChoices export = new ExportChoices();

  @Mixin private CommonOptions common = new CommonOptions();

  @Override
  public Integer call() {
    common.applyLogging();
    ExportOptions options = export.options(parent.interrupts().gently());
    HubModels hub =
        new HubModels(
            HubOptions.fromEnvironment(),
            parent.progress(spec.commandLine()),
            parent.interrupts().gently());
    ControlModel model = ControlModel.of(hub.located("--control", control));
    if (controlConfig != null) {
      model = model.withConfig(ModelOptions.existing("--control-config", controlConfig));
    }
    BaseModel from =
        ModelOptions.base("--from-base", oldBase, "--from-base-config", oldConfig, hub);
    BaseModel to = ModelOptions.base("--base", newBase, "--base-config", newConfig, hub);
    Controls.transfer(model, from, to, export.out(), options);
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("path", export.out().toString());
    json.put("layout", Choices.word(export.layout()));
    common.report(spec.commandLine().getOut(), json, export.out().toString());
    return 0;
  }
}
