package io.github.controlnet.cli;

import io.github.controlnet.ControlNetPipeline;
import io.github.controlnet.GenerationRequest;
import io.github.controlnet.GenerationResult;
import io.github.controlnet.Preset;
import io.github.controlnet.Prompt;
import io.github.controlnet.Provenance.ModelSource;
import io.github.controlnet.Samplers;
import io.github.controlnet.StepListener;
import io.github.controlnet.cli.RequestOptions.Stored;
import io.github.controlnet.core.hub.HubOptions;
import io.github.controlnet.core.provenance.PictureRecord;
import io.github.controlnet.core.provenance.PngText;
import io.github.controlnet.core.provenance.Recipe;
import io.github.controlnet.core.provenance.WeightHashes;
import io.github.controlnet.core.request.RequestFile;
import io.github.controlnet.demo.DemoModel;
import io.github.controlnet.exception.GenerationCancelledException;
import io.github.controlnet.exception.InvalidRequestException;
import io.github.controlnet.model.ControlModel;
import io.github.controlnet.model.Lora;
import io.github.controlnet.progress.CancellationToken;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code controlnet generate}. */
@Command(
    name = "generate",
    abbreviateSynopsis = true,
    sortOptions = false,
    description = {
      "Generate pictures and print the paths of their files.",
      "With no options it runs the bundled demonstration."
    })
final class GenerateCommand implements Callable<Integer> {
  @ParentCommand
  @SuppressWarnings("NullAway.Init") // set by picocli
  private ControlNetCommand parent;

  @Spec
  @SuppressWarnings("NullAway.Init") // set by picocli
  private CommandSpec spec;

  @Mixin private ModelOptions models = new ModelOptions();
  @Mixin private RequestOptions requesting = new RequestOptions();

  @Option(
      names = "--from",
      paramLabel = "PNG",
      description =
          "Makes the picture again that the file tells of; options beside it change it."
              + " What this library wrote is complete; what the web UI and ComfyUI write is taken as far as it maps,"
              + " and the rest is named.")
  private @Nullable Path from;

  @Option(
      names = "--request",
      paramLabel = "FILE",
      description =
          "Reads the request from a file with JSON, in the form that pictures carry inside;"
              + " options beside it change it. Its images are paths seen from the file's folder, or"
              + " data addresses.")
  private @Nullable Path requestFile;

  @Option(names = "--list-samplers", description = "Print the names of the samplers and exit.")
  private boolean listSamplers;

  @Option(
      names = "--list-presets",
      description = "Print the presets, with what they set and the weights they want, and exit.")
  private boolean listPresets;

  @Option(
      names = "--output",
      paramLabel = "DIR",
      defaultValue = "out",
      description =
          "Where the pictures go, as PNG named by seed and index. Default: ${DEFAULT-VALUE}.")
  private Path output = Path.of("out");

  @Option(
      names = "--save-latents",
      paramLabel = "FILE",
      description =
          "Store the final latents as safetensors: key latents, float32, [N, 4, H/8, W/8].")
  private @Nullable Path latentsFile;

  @Option(
      names = "--repeat",
      paramLabel = "N",
      defaultValue = "1",
      description =
          "Run the same request N times in one process; the files are the last run's. Default: ${DEFAULT-VALUE}.")
  private int repeat = 1;

  @Mixin private CommonOptions common = new CommonOptions();

  @Override
  public Integer call() {
    common.applyLogging();
    PrintWriter out = spec.commandLine().getOut();
    if (listSamplers) {
      List<String> names = Samplers.names();
      if (common.json()) {
        Json.print(out, Map.of("samplers", names));
      } else {
        names.forEach(out::println);
      }
      return 0;
    }
    if (listPresets) {
      PresetList.print(out, common.json());
      return 0;
    }
    Usage usage = new Usage(spec);
    if (from != null && requestFile != null) {
      throw usage.wrong("--from and --request both tell a request; give one.");
    }
    Progress progress = parent.progress(spec.commandLine());
    CancellationToken token = parent.interrupts().gently();
    HubModels hub = new HubModels(HubOptions.fromEnvironment(), progress, token);
    WeightHashes hashes = WeightHashes.ofUser();
    Optional<Recipe> recipe = Optional.ofNullable(from).map(GenerateCommand::recipe);
    recipe.ifPresent(each -> take(each, new RecordedModels(hashes, hub), progress));
    Optional<RequestFile> file = Optional.ofNullable(requestFile).map(GenerateCommand::open);
    Optional<Stored> stored =
        recipe
            .map(each -> new Stored("--from", recorded(each, new RecordedModels(hashes, hub))))
            // The controls are numbered before it is known which they are.
            .or(() -> file.map(each -> stored(each, List.of())));
    stored.ifPresent(requesting::complete);
    if (file.isPresent()) {
      models.complete(!stored.orElseThrow().request().controls().list().isEmpty(), this::given);
    }
    GenerationRequest.Builder request = check(stored, usage);

    ModelOptions.Selection selection = models.select(usage, hub);
    file.ifPresent(each -> requesting.complete(stored(each, selection.controls())));
    requesting.addLoras(request, usage, hub);
    requesting.readPictures(request, models, selection, usage);
    if (stored.isEmpty() && selection.demonstration().isPresent()) {
      demonstrate(request, selection, progress);
    }
    AtomicFiles.writableFolder(output);
    if (latentsFile != null && LatentsFile.writable(latentsFile)) {
      progress.say("The latents in %s will be replaced.".formatted(latentsFile));
    }
    requesting.preset().map(Preset::wants).ifPresent(progress::say);
    Optional<PreviewFiles> previews =
        models.wantsPreviews() ? Optional.of(new PreviewFiles(output)) : Optional.empty();
    request.listener(heard(progress, previews)).cancellation(token);

    GenerationReport report = new GenerationReport();
    Optional<ContactSheet> sheet =
        requesting.everySampler() ? Optional.of(new ContactSheet()) : Optional.empty();
    GenerationResult result;
    try {
      result = run(selection, request, report, sheet, progress, token, usage);
    } finally {
      previews.ifPresent(PreviewFiles::remove);
    }
    if (sheet.isEmpty()
        && !result.provenance().models().stream().allMatch(each -> hashes.isKnown(each.path()))) {
      progress.say("Hashing the weights for the record in the picture, this once");
    }
    List<Path> files =
        sheet.isPresent()
            ? List.of(write(sheet.get(), result, hashes))
            : write(result, hashes, recipe);
    recipe.ifPresent(each -> compare(each, result, hashes, progress));
    if (common.json()) {
      Map<String, Object> values = report.of(result, files, selection);
      sheet.ifPresent(drawn -> values.put("sampler", drawn.names()));
      recipe.ifPresent(each -> values.put("notTaken", each.unmapped()));
      Json.print(out, values);
    } else {
      files.forEach(out::println);
      if (latentsFile != null) {
        out.println(latentsFile);
      }
    }
    out.flush();
    return 0;
  }

  private static StepListener heard(Progress progress, Optional<PreviewFiles> previews) {
    return step -> {
      progress.onStep(step);
      previews.ifPresent(files -> files.onStep(step));
    };
  }

  /** Looks for wrong usage before any file is touched. */
  private GenerationRequest.Builder check(Optional<Stored> stored, Usage usage) {
    if (repeat < 1) {
      throw usage.wrong("--repeat is %d; expected 1 or more.".formatted(repeat));
    }
    if (requesting.everySampler() && (repeat > 1 || latentsFile != null)) {
      throw usage.wrong(
          "--sampler all draws one sheet of many runs; leave %s out."
              .formatted(repeat > 1 ? "--repeat" : "--save-latents"));
    }
    models.check(usage);
    return requesting.check(models, stored, this::given, usage);
  }

  private static RequestFile open(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new CommandFailure(
          "--request: there is no file %s (looked in %s)."
              .formatted(file, Path.of("").toAbsolutePath()));
    }
    try {
      return RequestFile.open(file);
    } catch (InvalidRequestException e) {
      throw new CommandFailure("--request: " + e.getMessage(), e);
    }
  }

  /**
   * Reads what a file says.
   *
   * @param controls those that are numbered; none while they are not known yet
   */
  private Stored stored(RequestFile file, List<ControlModel> controls) {
    try {
      return new Stored("--request", file.request(place -> control(controls, place)).build());
    } catch (InvalidRequestException | IllegalArgumentException e) {
      throw new CommandFailure("--request: %s: %s".formatted(requestFile, e.getMessage()), e);
    }
  }

  private static ControlModel control(List<ControlModel> controls, int place) {
    if (controls.isEmpty() && place >= 0) {
      return ControlModel.of(Path.of(Integer.toString(place)));
    }
    if (place < 0 || place >= controls.size()) {
      throw new InvalidRequestException(
          "There is no control %d; expected 0 to %d, or one more --control."
              .formatted(place, controls.size() - 1));
    }
    return controls.get(place);
  }

  /** What suits the bundled model takes the place of what suits Stable Diffusion. */
  private void demonstrate(
      GenerationRequest.Builder request, ModelOptions.Selection selection, Progress progress) {
    progress.say(DemoModel.NOTICE + " For real pictures name a model with --base.");
    if (requesting.preset().isEmpty()
        && !given("--guidance-scale")
        && !given("--guidance-schedule")) {
      request.guidanceScale(DemoModel.GUIDANCE_SCALE);
    }
    boolean told = RequestOptions.tells(this::given);
    if (selection.bundledControl() && !told) {
      progress.say(
          "Painting a \"%s\"; --prompt asks for something else.".formatted(DemoModel.PROMPT));
      request.prompts(
          List.of(
              new Prompt(DemoModel.PROMPT, request.build().prompts().list().get(0).negative())));
    }
  }

  private boolean given(String option) {
    return spec.commandLine().getParseResult().hasMatchedOption(option);
  }

  private static Recipe recipe(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new CommandFailure(
          "--from: there is no file %s (looked in %s)."
              .formatted(file, Path.of("").toAbsolutePath()));
    }
    try {
      return Recipe.read(file)
          .orElseThrow(
              () ->
                  new CommandFailure(
                      "--from: %s tells nothing of how it was made that is read here; expected a PNG of this library, of the web UI or of ComfyUI that nothing has rewritten since."
                          .formatted(file)));
    } catch (InvalidRequestException e) {
      throw new CommandFailure("--from: %s: %s".formatted(file, e.getMessage()), e);
    }
  }

  /** Takes models and control maps from a recipe, and says what of it does not map. */
  private void take(Recipe recipe, RecordedModels files, Progress progress) {
    if (!recipe.unmapped().isEmpty()) {
      progress.say("From %s not taken: %s".formatted(from, String.join("; ", recipe.unmapped())));
    }
    recipe.notes().forEach(progress::say);
    if (recipe.isPromptUnread()
        && Stream.of("--prompt", "--prompt-embeddings").noneMatch(this::given)) {
      throw new CommandFailure(
          "--from: %s tells no prompt that is read here; give it with --prompt.".formatted(from));
    }
    models.complete(recipe, files, this::given);
  }

  /** The recorded request, with the files of its LoRAs unless options name others. */
  private GenerationRequest recorded(Recipe recipe, RecordedModels files) {
    GenerationRequest asked = recipe.request().build();
    List<Lora> found = new ArrayList<>();
    for (Lora lora : given("--lora") ? List.<Lora>of() : asked.loras()) {
      String role = ModelSource.lora(found.size() + 1);
      Recipe.Model model =
          recipe
              .model(role)
              .orElseThrow(
                  () ->
                      new CommandFailure(
                          "--from: %s names no file for %s; give it with --lora."
                              .formatted(from, role)));
      Lora file = Lora.of(files.find(model, "--lora"));
      Lora scaled = file.withScales(lora.unetScale(), lora.textScale());
      found.add(lora.ignoresUnknownKeys() ? scaled.ignoringUnknownKeys() : scaled);
    }
    return asked.toBuilder().loras(found).build();
  }

  private static void compare(
      Recipe recipe, GenerationResult result, WeightHashes hashes, Progress progress) {
    if (recipe.origin() != Recipe.Origin.CONTROLNET_JAVA) {
      return;
    }
    List<String> differences = recipe.differences(result.provenance(), hashes);
    if (differences.isEmpty()) {
      progress.say(
          "Weights, processor, number type, threads and versions are those of the recorded run.");
      return;
    }
    progress.say("This may not be the recorded picture in every bit:");
    differences.forEach(difference -> progress.say("  " + difference));
  }

  private GenerationResult run(
      ModelOptions.Selection selection,
      GenerationRequest.Builder request,
      GenerationReport report,
      Optional<ContactSheet> sheet,
      Progress progress,
      CancellationToken token,
      Usage usage) {
    if (selection.demonstration().isEmpty()) {
      progress.say("Opening %s".formatted(selection.base()));
    }
    long start = System.nanoTime();
    ControlNetPipeline.Builder builder = models.pipeline(selection);
    requesting.apply(builder);
    try (ControlNetPipeline pipeline = builder.build()) {
      report.opened((System.nanoTime() - start) / 1e9);
      models.sayPrecision(pipeline, progress);
      // A base may bring a control of its own; only the open pipeline knows.
      requesting.checkCount(models, pipeline, usage);
      GenerationResult result = null;
      List<String> samplers = Samplers.names();
      int runs = sheet.isPresent() ? samplers.size() : repeat;
      for (int i = 0; i < runs; i++) {
        if (token.isCancelled()) {
          throw new GenerationCancelledException("Cancelled by the user.");
        }
        if (sheet.isPresent()) {
          request.sampler(requesting.sampler(samplers.get(i)));
          progress.say("Sampler %d of %d: %s".formatted(i + 1, runs, samplers.get(i)));
        } else if (repeat > 1) {
          progress.say("Run %d of %d".formatted(i + 1, repeat));
        }
        progress.start();
        result = pipeline.generate(request.build());
        progress.endBar();
        report.add(result);
        if (sheet.isPresent()) {
          sheet.get().add(result.provenance().resolved().sampler(), result.images().get(0));
        }
        // A random seed is drawn once, so that every run does the same.
        repeatSeeds(request, result);
      }
      if (result == null) {
        throw new IllegalStateException("no run");
      }
      if (common.verbose()) {
        progress.say(
            String.format(
                Locale.ROOT,
                "%d x %d, seeds %s, decoded in %.2f s, %.2f s in all",
                result.provenance().resolved().width(),
                result.provenance().resolved().height(),
                result.seeds(),
                result.timings().decodeSeconds(),
                result.timings().totalSeconds()));
      }
      return result;
    } finally {
      progress.endBar();
    }
  }

  private static void repeatSeeds(GenerationRequest.Builder request, GenerationResult result) {
    long[] used = result.seeds().stream().mapToLong(Long::longValue).toArray();
    if (request.build().sampling().seeds().size() > 1) {
      request.seeds(used);
    } else {
      request.seed(used[0]);
    }
  }

  private Path write(ContactSheet sheet, GenerationResult result, WeightHashes hashes) {
    byte[] png =
        PngText.encode(
            sheet.draw(), Map.of("parameters", PictureRecord.of(result, hashes).parameters(0)));
    return AtomicFiles.create(output, "samplers-%d".formatted(result.seeds().get(0)), ".png", png);
  }

  private List<Path> write(GenerationResult result, WeightHashes hashes, Optional<Recipe> recipe) {
    List<Path> files = new ArrayList<>();
    PictureRecord record = PictureRecord.of(result, hashes);
    // A picture of a batch is made again with its batch, whose noise one seed drew.
    boolean one = recipe.isPresent() && !given("--images") && !given("--seed");
    for (int i = 0; i < result.images().size(); i++) {
      if (one && i != recipe.get().image()) {
        continue;
      }
      files.add(
          AtomicFiles.create(
              output, "%d-%d".formatted(result.seeds().get(i), i), ".png", record.png(i)));
    }
    if (latentsFile != null) {
      LatentsFile.write(latentsFile, result.latents());
    }
    return files;
  }
}
