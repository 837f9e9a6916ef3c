package io.github.controlnet.cli;

import io.github.controlnet.core.text.ClipTokenizer;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code controlnet tokenize}. */
@Command(
    name = "tokenize",
    abbreviateSynopsis = true,
    sortOptions = false,
    description = {
      "Print the token ids of a text on one line: start, text, end, padding.",
      "A text that begins with a minus goes behind --."
    })
final class TokenizeCommand implements Callable<Integer> {
  @Spec
  @SuppressWarnings("NullAway.Init") // set by picocli
  private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "TEXT", description = "The text, as one word of the shell.")
  private String text = "";

  @Option(
      names = "--tokenizer",
      paramLabel = "DIR",
      description =
          "Folder with vocab.json and merges.txt, or tokenizer.json, or a diffusers folder that has one."
              + " Default: the bundled model's.")
  private @Nullable Path tokenizer;

  @Mixin private CommonOptions common = new CommonOptions();

  @Override
  public Integer call() {
    common.applyLogging();
    Path folder =
        tokenizer == null
            ? Demonstration.bundled().base().resolve("tokenizer")
            : ModelOptions.existing("--tokenizer", tokenizer);
    if (!ClipTokenizer.isIn(folder) && ClipTokenizer.isIn(folder.resolve("tokenizer"))) {
      folder = folder.resolve("tokenizer");
    }
    int[] ids = ClipTokenizer.open(folder).encode(text);
    PrintWriter out = spec.commandLine().getOut();
    if (common.json()) {
      Map<String, Object> report = new LinkedHashMap<>();
      report.put("text", text);
      report.put("tokenizer", folder.toString());
      report.put("ids", ids);
      Json.print(out, report);
    } else {
      out.println(Arrays.stream(ids).mapToObj(Integer::toString).collect(Collectors.joining(" ")));
    }
    out.flush();
    return 0;
  }
}
