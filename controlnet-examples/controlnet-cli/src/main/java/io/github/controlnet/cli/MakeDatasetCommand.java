package io.github.controlnet.cli;

import io.github.controlnet.annotator.AnnotatorContext;
import io.github.controlnet.training.BrokenRecords;
import io.github.controlnet.training.DatasetMaker;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code controlnet make-dataset}. */
@Command(
    name = "make-dataset",
    abbreviateSynopsis = true,
    sortOptions = false,
    description = {
      "Make a data set for train of a folder of photographs, and print its prompt.json.",
      "The prompt of a photograph is in a .txt file of its name beside it."
    })
final class MakeDatasetCommand implements Callable<Integer> {
  @ParentCommand
  @SuppressWarnings("NullAway.Init") // set by picocli
  private ControlNetCommand parent;

  @Spec
  @SuppressWarnings("NullAway.Init") // set by picocli
  private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "PHOTOS", description = "Folder of photographs.")
  private Path photos = Path.of("");

  @Parameters(index = "1", paramLabel = "OUT", description = "Folder to make.")
  private Path output = Path.of("");

  @Option(
      names = "--annotator",
      paramLabel = "NAME",
      defaultValue = "canny",
      description = "Makes the control maps. Default: ${DEFAULT-VALUE}.")
  private String annotator = "canny";

  @Option(
      names = "--annotator-option",
      paramLabel = "K=V",
      description = "For example low=100; repeat for several.")
  private Map<String, String> options = new LinkedHashMap<>();

  @Option(
      names = "--resolution",
      paramLabel = "N",
      defaultValue = "512",
      description = "Side of all pictures, a multiple of 64. Default: ${DEFAULT-VALUE}.")
  private int resolution = 512;

  @Option(
      names = "--prompt",
      paramLabel = "TEXT",
      defaultValue = "",
      description = "Prompt of photographs without a .txt file. Default: none.")
  private String prompt = "";

  @Option(
      names = "--skip-broken",
      description = "Name and leave out photographs that cannot be used, instead of stopping.")
  private boolean skipBroken;

  @Mixin private ComputeOptions compute = new ComputeOptions();
  @Mixin private CommonOptions common = new CommonOptions();

  @Override
  public Integer call() {
    common.applyLogging();
    Usage usage = new Usage(spec);
    AnnotatorContext context = compute.context(usage);
    DatasetMaker maker =
        usage.value(
            () ->
                new DatasetMaker(
                    photos,
                    output,
                    annotator,
                    options,
                    resolution,
                    prompt,
                    skipBroken ? BrokenRecords.SKIP : BrokenRecords.STOP));
    Progress progress = parent.progress(spec.commandLine());
    Path list;
    try {
      list =
          maker.make(
              context,
              new DatasetMaker.Listener() {
                @Override
                public void onPhoto(int done, int total) {
                  progress.count("photograph", done, total);
                }

                @Override
                public void onWarning(String message) {
                  progress.say("Warning: " + message);
                }
              },
              parent.interrupts().gently());
    } finally {
      progress.endBar();
    }
    PrintWriter out = spec.commandLine().getOut();
    if (common.json()) {
      Json.print(out, Map.of("list", list.toString()));
    } else {
      out.println(list);
    }
    out.flush();
    return 0;
  }
}
