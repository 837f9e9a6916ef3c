package io.github.controlnet.cli;

import io.github.controlnet.ControlNetPipeline;
import io.github.controlnet.Provenance.ModelSource;
import io.github.controlnet.core.provenance.Recipe;
import io.github.controlnet.demo.DemoModel;
import io.github.controlnet.engine.Device;
import io.github.controlnet.engine.OffloadPolicy;
import io.github.controlnet.engine.Precision;
import io.github.controlnet.exception.InvalidRequestException;
import io.github.controlnet.model.BaseModel;
import io.github.controlnet.model.ControlModel;
import io.github.controlnet.model.TextualInversion;
import io.github.controlnet.model.VaeModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which models to use, and how they run. */
final class ModelOptions {
  private static final Path LINEAR_PREVIEW = Path.of("latents");

  @Option(
      names = "--base",
      paramLabel = "PATH or ID",
      description =
          "Base model: a diffusers folder, a file (safetensors, ckpt), or an id of the Hugging Face"
              + " hub (org/name, org/name/file, either with @revision), fetched when it is not in the cache."
              + " Default: mini, the bundled model.")
  private @Nullable Path base;

  @Option(
      names = "--control",
      paramLabel = "PATH or ID",
      description =
          "Control model: a file, a diffusers folder, an id of the hub or the name of a published one"
              + " such as control_v11p_sd15_canny; mini-canny and mini-segmentation are bundled. Repeat for"
              + " several. Default: none with --base (plain Stable Diffusion), else mini-canny, and to serve"
              + " both.")
  private List<Path> controls = new ArrayList<>();

  @Option(
      names = "--vae",
      paramLabel = "PATH or ID",
      description =
          "Another autoencoder than the base's own, which need not have one then: a file, a folder, an id"
              + " of the hub, or taesd (taesdxl for XL), a tiny one that decodes in a few percent of the time"
              + " with less detail.")
  private @Nullable Path vae;

  @Option(
      names = "--preview",
      paramLabel = "KIND",
      description =
          "How pictures under way are drawn: latents, small and rough; taesd (taesdxl for XL), sharp and of the"
              + " full size, by that tiny autoencoder; or the path or id of an autoencoder. generate keeps the"
              + " newest as preview-N.png in the output folder while it runs; serve shows them on its page."
              + " Default: none to generate, latents to serve.")
  private @Nullable Path preview;

  @Option(
      names = "--text-encoder",
      paramLabel = "FILE",
      description =
          "Another text encoder than the base's own, which need not have one then: a file or folder.")
  private @Nullable Path textEncoder;

  @Option(
      names = "--tokenizer",
      paramLabel = "DIR",
      description =
          "Folder with vocab.json and merges.txt, or tokenizer.json, for a base that is a single file."
              + " Default: beside the text encoder or the base, else in the hub's cache.")
  private @Nullable Path tokenizer;

  @Option(
      names = "--base-config",
      paramLabel = "FILE",
      description =
          "What the weights' shapes cannot tell: a part's config.json, which goes to that part,"
              + " a scheduler_config.json, model_index.json or the original's yaml."
              + " Default: beside the base, when there.")
  private @Nullable Path baseConfig;

  @Option(
      names = "--control-config",
      paramLabel = "FILE",
      description =
          "The same for the controls; once for all, or once for each."
              + " Default: beside the control, when there.")
  private List<Path> controlConfigs = new ArrayList<>();

  @Option(
      names = "--dtype",
      paramLabel = "TYPE",
      defaultValue = "float32",
      converter = Choices.ToPrecision.class,
      description =
          "Number type of the networks: float32, bfloat16, float16 or auto. Default: ${DEFAULT-VALUE}.")
  private Precision precision = Precision.FLOAT32;

  @Option(
      names = "--offload",
      paramLabel = "POLICY",
      defaultValue = "none",
      converter = Choices.ToOffload.class,
      description =
          "none: all weights stay in memory; model: only those of the running phase; sequential: read block by block in each step, least memory, slowest. Default: ${DEFAULT-VALUE}.")
  private OffloadPolicy offload = OffloadPolicy.NONE;

  @Option(
      names = "--vae-tiling",
      description =
          "Decode pictures larger than 512 pixels in tiles of that size that fade into each other: the memory of one tile, whatever the size of the picture.")
  private boolean vaeTiling;

  @Option(
      names = "--device",
      paramLabel = "DEVICE",
      defaultValue = "cpu",
      converter = Choices.ToDevice.class,
      description = "cpu, or a CUDA device such as cuda:0. Default: ${DEFAULT-VALUE}.")
  private Device device = Device.CPU;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Threads to compute with. Default: all cores.")
  private @Nullable Integer threads;

  /**
   * The models that the options name.
   *
   * @param base the base model
   * @param controls the control models; empty for plain Stable Diffusion
   * @param tokenizer the tokenizer's folder, when it is not the base's
   * @param demonstration the bundled files, when the base is the bundled one
   * @param bundledControl whether the control is the bundled one
   */
  record Selection(
      BaseModel base,
      List<ControlModel> controls,
      Optional<Path> tokenizer,
      Optional<DemoModel> demonstration,
      boolean bundledControl) {}

  /** Takes every bundled control when no model was named. */
  void bundleAllControls() {
    if (bundledControl()) {
      controls.addAll(Demonstration.controls());
    }
  }

  /** Tells whether the base is the bundled one. */
  boolean bundledBase() {
    return base == null || Demonstration.isBase(base);
  }

  /** Tells whether the control is the bundled one. */
  boolean bundledControl() {
    return base == null && controls.isEmpty() && !controlsRecorded;
  }

  /** Returns how many controls were named, or are bundled. */
  int controlCount() {
    return bundledControl() ? 1 : controls.size();
  }

  Precision precision() {
    return precision;
  }

  /** Looks for what can be wrong with the options alone, before any file is touched. */
  void check(Usage usage) {
    usage.value(() -> configure(ControlNetPipeline.builder()));
    if (!controlConfigs.isEmpty() && controls.isEmpty()) {
      throw usage.wrong("--control-config needs a --control.");
    }
    if (baseConfig != null && base == null) {
      throw usage.wrong("--base-config needs a --base.");
    }
    usage.spread("--control-config", controlConfigs, Path.of(""), controls.size());
  }

  private final List<TextualInversion> recordedWords = new ArrayList<>();

  /** Whether a picture tells of its controls, so that the bundled one is not added to them. */
  private boolean controlsRecorded;

  /**
   * Takes what a picture tells of the models where no option says otherwise.
   *
   * @param recipe what the picture tells
   * @param files finds the models that it names
   * @param given tells whether an option was given
   */
  void complete(Recipe recipe, RecordedModels files, Predicate<String> given) {
    if (base == null) {
      base = recipe.model(ModelSource.BASE).map(model -> files.find(model, "--base")).orElse(null);
      if (vae == null) {
        vae = recipe.model(ModelSource.VAE).map(model -> files.find(model, "--vae")).orElse(null);
      }
      if (textEncoder == null) {
        textEncoder =
            recipe
                .model(ModelSource.TEXT_ENCODER)
                .map(model -> files.find(model, "--text-encoder"))
                .orElse(null);
      }
      if (tokenizer == null) {
        tokenizer =
            recipe
                .model(ModelSource.TOKENIZER)
                .map(model -> files.find(model, "--tokenizer"))
                .orElse(null);
      }
    }
    // What other programs write names controls, but does not hold their maps.
    if (controls.isEmpty() && !recipe.request().build().controls().list().isEmpty()) {
      for (int i = 1; recipe.model(ModelSource.control(i)).isPresent(); i++) {
        controls.add(files.find(recipe.model(ModelSource.control(i)).get(), "--control"));
      }
    }
    controlsRecorded = !given.test("--control-image");
    String words = ModelSource.embedding("");
    for (Recipe.Model model : recipe.models()) {
      if (model.role().startsWith(words)) {
        Path file = files.find(model, "--embedding");
        recordedWords.add(
            InvalidRequestException.checking(
                () -> new TextualInversion(model.role().substring(words.length()), file)));
      }
    }
    if (!given.test("--dtype")) {
      precision = recipe.precision().orElse(precision);
    }
    if (threads == null && recipe.threads().isPresent()) {
      threads = recipe.threads().getAsInt();
    }
    vaeTiling |= recipe.vaeTiling();
  }

  /**
   * Adds the bundled control to no stored request that does without.
   *
   * @param controls whether the request has controls
   * @param given tells whether an option was given
   */
  void complete(boolean controls, Predicate<String> given) {
    controlsRecorded = !controls && !given.test("--control-image");
  }

  /** Finds the files. */
  Selection select(Usage usage, HubModels hub) {
    Optional<DemoModel> demonstration =
        bundledBase() ? Optional.of(Demonstration.bundled()) : Optional.empty();
    BaseModel baseModel =
        base == null
            ? BaseModel.of(demonstration.orElseThrow().base())
            : base("--base", base, "--base-config", baseConfig, hub);
    List<ControlModel> controlModels = new ArrayList<>();
    if (bundledControl()) {
      controlModels.add(ControlModel.of(demonstration.orElseThrow().control()));
    }
    Path none = Path.of("");
    List<Path> configs = usage.spread("--control-config", controlConfigs, none, controls.size());
    for (int i = 0; i < controls.size(); i++) {
      ControlModel control = ControlModel.of(hub.located("--control", controls.get(i)));
      Path config = configs.get(i);
      controlModels.add(
          config.equals(none) ? control : control.withConfig(existing("--control-config", config)));
    }
    if (vae != null) {
      vae = hub.located("--vae", vae);
    }
    if (preview != null && !preview.equals(LINEAR_PREVIEW)) {
      preview = hub.located("--preview", preview);
    }
    if (textEncoder != null) {
      existing("--text-encoder", textEncoder);
    }
    Optional<Path> folder =
        tokenizer == null ? Optional.empty() : Optional.of(existing("--tokenizer", tokenizer));
    return new Selection(baseModel, controlModels, folder, demonstration, bundledControl());
  }

  /** Whether somebody wants to see what is under way. */
  boolean wantsPreviews() {
    return preview != null;
  }

  /** Sets up a pipeline of these models. */
  ControlNetPipeline.Builder pipeline(Selection selection) {
    ControlNetPipeline.Builder builder =
        configure(ControlNetPipeline.builder()).base(selection.base());
    selection.controls().forEach(builder::control);
    selection.tokenizer().ifPresent(builder::tokenizer);
    recordedWords.forEach(builder::embedding);
    if (vae != null) {
      builder.vae(vae);
    }
    if (preview != null && !preview.equals(LINEAR_PREVIEW)) {
      builder.preview(VaeModel.of(preview));
    }
    if (textEncoder != null) {
      builder.textEncoder(textEncoder);
    }
    return builder;
  }

  /** Says what --dtype auto has become. */
  void sayPrecision(ControlNetPipeline pipeline, Progress progress) {
    if (precision == Precision.AUTO) {
      progress.say(
          switch (pipeline.info().precision()) {
            case BFLOAT16 -> "Computing in bfloat16, which this processor has in hardware.";
            case FLOAT16 -> "Computing in float16 on %s.".formatted(device);
            default -> "Computing in float32: this processor has no bfloat16 in hardware.";
          });
    }
  }

  private ControlNetPipeline.Builder configure(ControlNetPipeline.Builder builder) {
    if (threads != null) {
      builder.threads(threads);
    }
    return builder.precision(precision).offload(offload).vaeTiling(vaeTiling).device(device);
  }

  /** A base, with its configuration when one was given. */
  static BaseModel base(
      String option, Path path, String configOption, @Nullable Path config, HubModels hub) {
    BaseModel model = BaseModel.of(hub.located(option, path));
    return config == null ? model : model.withConfig(existing(configOption, config));
  }

  /** Returns a path that exists, or says what was looked for. */
  static Path existing(String option, Path path) {
    if (Files.exists(path)) {
      return path;
    }
    throw new CommandFailure(
        "%s: there is no file or folder %s (looked in %s)."
            .formatted(option, path, Path.of("").toAbsolutePath()));
  }
}
