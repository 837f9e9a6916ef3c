package io.github.controlnet.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.IModelTransformer;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** Gives the command an option for every setting that has one value, with its default. */
final class TrainingOptions implements IModelTransformer {
  private record Setting(String option, String parameter, String description) {}

  private static final Map<String, Setting> SETTINGS = new LinkedHashMap<>();

  static {
    setting("base", "--base", "PATH or ID", "Base model, as for generate.");
    setting(
        "control",
        "--control",
        "PATH or ID",
        "Control to start from; without one a fresh control is made from the base.");
    setting(
        "tokenizer",
        "--tokenizer",
        "DIR",
        "Folder with vocab.json and merges.txt, or tokenizer.json, for a base that is a single file.");
    setting(
        "data.path",
        "--data",
        "PATH",
        "prompt.json (JSON lines of source, target, prompt), its folder, or a folder of pictures with .txt captions, subfolders too.");
    setting(
        "data.resolution",
        "N",
        "Side of the pictures, a multiple of 64; 0: the base's native size.");
    setting(
        "data.annotator",
        "NAME",
        "Makes control maps from the pictures; none: the data have maps.");
    setting("data.on_broken_record", "stop|skip", "What becomes of records that cannot be read.");
    setting("data.workers", "N", "Threads that read pictures.");
    setting("data.cache_megabytes", "N", "Memory for latents and hidden states computed once.");
    setting("loss.type", "--loss", "l2|l1", "How differences count.");
    setting("loss.min_snr_gamma", "X", "Min-SNR weighting; 0: none.");
    setting("loss.prompt_drop_rate", "X", "Share of prompts replaced by an empty one.");
    setting("optimizer.learning_rate", "X", "Learning rate.");
    setting("optimizer.beta1", "X", "AdamW's decay of the first moment.");
    setting("optimizer.beta2", "X", "AdamW's decay of the second moment.");
    setting("optimizer.weight_decay", "X", "AdamW's weight decay.");
    setting("optimizer.epsilon", "X", "AdamW's epsilon.");
    setting("optimizer.gradient_clip", "X", "Largest norm of the gradients; 0: no limit.");
    setting(
        "optimizer.average_decay",
        "X",
        "Moving average of the weights, which is exported; 0: none.");
    setting(
        "schedule.type",
        "--schedule",
        "NAME",
        "constant, linear, cosine, cosine_with_restarts or polynomial.");
    setting("schedule.warmup_steps", "N", "Steps over which the rate rises from 0.");
    setting("schedule.cycles", "N", "Cycles of cosine_with_restarts.");
    setting("schedule.power", "X", "Power of polynomial.");
    setting("run.steps", "N", "Updates in all.");
    setting("run.batch_size", "N", "Pictures computed at once.");
    setting("run.accumulation", "N", "Batches added up for an update.");
    setting(
        "run.memory_limit_megabytes",
        "N",
        "What the process may take: fewer pictures are computed at once, as many as fit; 0: no limit.");
    setting("run.seed", "N", "What all random choices follow from.");
    setting("run.precision", "--dtype", "TYPE", "float32, bfloat16 or auto.");
    setting(
        "run.gradient_checkpointing", "true|false", "Compute activations twice, to save memory.");
    setting("run.sd_locked", "true|false", "false trains the U-Net's decoder too.");
    setting("run.only_mid_control", "true|false", "The control acts on the middle alone.");
    setting("run.threads", "N", "Threads to compute with; 0: all cores.");
    setting(
        "output.folder",
        "--output",
        "DIR",
        "Where control, checkpoints, loss curve and samples go.");
    setting("output.checkpoint_every", "N", "Steps between checkpoints; 0: one at the end.");
    setting("output.keep_checkpoints", "N", "How many are kept; 0: all.");
    setting(
        "output.resume", "true|false", "Go on from the newest checkpoint in the output folder.");
    setting(
        "output.sample_every",
        "N",
        "Steps between sample pictures (output.samples in the file); 0: none.");
  }

  TrainingOptions() {}

  private static void setting(String key, String parameter, String description) {
    setting(key, TrainingSettings.optionName(key), parameter, description);
  }

  private static void setting(String key, String option, String parameter, String description) {
    SETTINGS.put(key, new Setting(option, parameter, description));
  }

  @Override
  public CommandSpec transform(CommandSpec spec) {
    TrainingSettings defaults = TrainingSettings.defaults();
    SETTINGS.forEach(
        (key, setting) -> {
          String value = defaults.get(key);
          boolean none = value.isEmpty() || value.equals("null");
          spec.addOption(
              OptionSpec.builder(setting.option)
                  .paramLabel(setting.parameter)
                  .type(String.class)
                  .description(
                      setting.description
                          + (none
                              ? ""
                              : " Default: " + value.toLowerCase(java.util.Locale.ROOT) + "."))
                  .build());
        });
    return spec;
  }

  /** Puts what was given on the command line over the settings. */
  static void apply(CommandSpec spec, TrainingSettings settings) {
    SETTINGS.forEach(
        (key, setting) -> {
          String value = spec.findOption(setting.option).getValue();
          if (value != null) {
            settings.set(key, value);
          }
        });
  }
}
