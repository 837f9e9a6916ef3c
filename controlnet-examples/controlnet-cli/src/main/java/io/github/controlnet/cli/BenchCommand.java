package io.github.controlnet.cli;

import io.github.controlnet.ControlInput;
import io.github.controlnet.ControlNetPipeline;
import io.github.controlnet.GenerationRequest;
import io.github.controlnet.GenerationResult;
import io.github.controlnet.PipelineInfo;
import io.github.controlnet.core.hub.HubOptions;
import io.github.controlnet.progress.CancellationToken;
import java.awt.image.BufferedImage;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code controlnet bench}. */
@Command(
    name = "bench",
    abbreviateSynopsis = true,
    sortOptions = false,
    description = {
      "Measure the time of a warm step, of decoding and loading, and the peak memory.",
      "Controls get an empty map: what is computed does not depend on its content."
    })
final class BenchCommand implements Callable<Integer> {
  @ParentCommand
  @SuppressWarnings("NullAway.Init") // set by picocli
  private ControlNetCommand parent;

  @Spec
  @SuppressWarnings("NullAway.Init") // set by picocli
  private CommandSpec spec;

  @Mixin private ModelOptions models = new ModelOptions();

  @Option(
      names = "--steps",
      paramLabel = "N",
      defaultValue = "5",
      description = "Measured steps. Default: ${DEFAULT-VALUE}.")
  private int steps = 5;

  @Option(
      names = "--warm-up",
      paramLabel = "N",
      defaultValue = "1",
      description = "Runs of two steps before the one that is measured. Default: ${DEFAULT-VALUE}.")
  private int warmUp = 1;

  @Option(
      names = "--guidance-scale",
      paramLabel = "X",
      defaultValue = "9.0",
      description = "At 1 the networks run on half the batch. Default: ${DEFAULT-VALUE}.")
  private double guidanceScale = 9;

  @Option(
      names = "--images",
      paramLabel = "N",
      defaultValue = "1",
      description = "How many images in a batch. Default: ${DEFAULT-VALUE}.")
  private int images = 1;

  @Option(
      names = "--width",
      paramLabel = "PIXELS",
      description = "A multiple of 8. Default: the base's native size.")
  private @Nullable Integer width;

  @Option(
      names = "--height",
      paramLabel = "PIXELS",
      description = "A multiple of 8. Default: the base's native size.")
  private @Nullable Integer height;

  @Mixin private CommonOptions common = new CommonOptions();

  @Override
  public Integer call() {
    common.applyLogging();
    Usage usage = new Usage(spec);
    models.check(usage);
    if (warmUp < 0) {
      throw usage.wrong("--warm-up is %d; expected 0 or more.".formatted(warmUp));
    }
    SamplingOptions.checkMultiple("--width", width, usage);
    SamplingOptions.checkMultiple("--height", height, usage);
    CancellationToken token = parent.interrupts().gently();
    GenerationRequest.Builder request =
        usage.value(
            () ->
                GenerationRequest.builder()
                    .seed(0)
                    .steps(steps)
                    .imagesPerPrompt(images)
                    .guidanceScale(guidanceScale)
                    .cancellation(token));
    Progress progress = parent.progress(spec.commandLine());
    ModelOptions.Selection selection =
        models.select(usage, new HubModels(HubOptions.fromEnvironment(), progress, token));
    progress.say("Opening %s".formatted(selection.base()));
    GenerationReport report = new GenerationReport();
    long start = System.nanoTime();
    try (ControlNetPipeline pipeline = models.pipeline(selection).build()) {
      report.opened((System.nanoTime() - start) / 1e9);
      models.sayPrecision(pipeline, progress);
      complete(request, pipeline.info(), usage);
      for (int i = 0; i < warmUp; i++) {
        progress.say("Warming up");
        report.add(pipeline.generate(usage.value(() -> request.steps(2).build())));
      }
      request.steps(steps).listener(progress);
      progress.start();
      GenerationResult result = pipeline.generate(request.build());
      progress.endBar();
      report.add(result);
      print(report.of(result, List.of(), selection), report.loadSeconds(), result);
      return 0;
    } finally {
      progress.endBar();
    }
  }

  private void complete(GenerationRequest.Builder request, PipelineInfo info, Usage usage) {
    int columns = width == null ? info.nativeSize() : width;
    int rows = height == null ? info.nativeSize() : height;
    usage.value(() -> request.size(columns, rows));
    for (int i = 0; i < info.controls().size(); i++) {
      request.control(
          ControlInput.of(new BufferedImage(columns, rows, BufferedImage.TYPE_INT_RGB)));
    }
  }

  private void print(Map<String, Object> report, double loadSeconds, GenerationResult result) {
    PrintWriter out = spec.commandLine().getOut();
    List<Double> sorted = result.timings().stepSeconds().stream().sorted().toList();
    double median = sorted.isEmpty() ? Double.NaN : sorted.get(sorted.size() / 2);
    if (common.json()) {
      report.remove("images");
      report.put("medianStepSeconds", median);
      Json.print(out, report);
      return;
    }
    out.println(
        String.format(
            Locale.ROOT,
            "step   %.3f s  (median of %d, %d x %d, %s)",
            median,
            sorted.size(),
            result.provenance().resolved().width(),
            result.provenance().resolved().height(),
            Choices.word(result.provenance().environment().precision())));
    out.println(String.format(Locale.ROOT, "decode %.3f s", result.timings().decodeSeconds()));
    out.println(String.format(Locale.ROOT, "load   %.3f s", loadSeconds));
    ProcessMemory.peakResidentBytes()
        .ifPresent(bytes -> out.println(String.format(Locale.ROOT, "peak   %.2f GB", bytes / 1e9)));
    out.flush();
  }
}
