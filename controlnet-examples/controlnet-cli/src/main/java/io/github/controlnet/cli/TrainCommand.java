package io.github.controlnet.cli;

import io.github.controlnet.core.hub.HubOptions;
import io.github.controlnet.model.BaseModel;
import io.github.controlnet.model.ControlModel;
import io.github.controlnet.progress.CancellationToken;
import io.github.controlnet.training.ControlNetTrainer;
import io.github.controlnet.training.TrainingConfig;
import io.github.controlnet.training.TrainingListener;
import io.github.controlnet.training.TrainingProgress;
import io.github.controlnet.training.TrainingResult;
import java.io.PrintWriter;
import java.nio.file.Path;
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

/** {@code controlnet train}. */
@Command(
    name = "train",
    abbreviateSynopsis = true,
    sortOptions = false,
    modelTransformer = TrainingOptions.class,
    description = {
      "Train a control of your own and print the folder in which it is.",
      "A training that was ended, in whatever way, goes on when it is started again.",
      "Settings come from a file; options override it, and are enough without one."
    })
final class TrainCommand implements Callable<Integer> {
  @ParentCommand
  @SuppressWarnings("NullAway.Init") // set by picocli
  private ControlNetCommand parent;

  @Spec
  @SuppressWarnings("NullAway.Init") // set by picocli
  private CommandSpec spec;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description =
          "Settings as YAML or JSON: base, control, and the sections data, loss, optimizer, schedule,"
              + " run and output (docs/training.md).")
  private @Nullable Path file;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description =
          "Any setting by its key in the file, such as data.annotator_options.low=50; repeat for several.")
  private Map<String, String> settings = new LinkedHashMap<>();

  @Mixin private CommonOptions common = new CommonOptions();

  @Override
  public Integer call() {
    common.applyLogging();
    Usage usage = new Usage(spec);
    TrainingSettings all = TrainingSettings.defaults();
    TrainingConfig config =
        usage.value(
            () -> {
              if (file != null) {
                all.read(ModelOptions.existing("--config", file));
              }
              TrainingOptions.apply(spec, all);
              settings.forEach(all::set);
              return all.config();
            });
    Path base =
        all.model("base")
            .orElseThrow(() -> usage.wrong("Name the base model: --base, or base in the file."));
    Progress progress = parent.progress(spec.commandLine());
    CancellationToken token = parent.interrupts().gently();
    HubModels hub = new HubModels(HubOptions.fromEnvironment(), progress, token);
    ControlNetTrainer.Builder trainer =
        ControlNetTrainer.builder()
            .base(BaseModel.of(hub.located("--base", base)))
            .config(config)
            .listener(new Reporter(progress))
            .cancellation(token);
    all.model("control")
        .ifPresent(path -> trainer.control(ControlModel.of(hub.located("--control", path))));
    all.model("tokenizer")
        .ifPresent(path -> trainer.tokenizer(ModelOptions.existing("--tokenizer", path)));
    TrainingResult result;
    try {
      result = trainer.build().train();
    } finally {
      progress.endBar();
    }
    print(result);
    return 0;
  }

  private void print(TrainingResult result) {
    PrintWriter out = spec.commandLine().getOut();
    if (common.json()) {
      Map<String, Object> json = new LinkedHashMap<>();
      json.put("control", result.control().toString());
      result.base().ifPresent(base -> json.put("base", base.toString()));
      json.put("steps", result.steps());
      json.put("meanLoss", result.meanLoss());
      Json.print(out, json);
    } else {
      out.println(result.control());
      result.base().ifPresent(out::println);
    }
    out.flush();
  }

  private record Reporter(Progress progress) implements TrainingListener {
    @Override
    public void onStart(String message) {
      progress.say(message);
    }

    @Override
    public void onStep(TrainingProgress now) {
      progress.training(now);
    }

    @Override
    public void onCheckpoint(Path folder) {
      progress.say("Checkpoint " + folder);
    }

    @Override
    public void onSamples(List<Path> files) {
      files.forEach(file -> progress.say("Sample " + file));
    }

    @Override
    public void onWarning(String message) {
      progress.say("Warning: " + message);
    }
  }
}
