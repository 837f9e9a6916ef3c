package io.github.controlnet.cli;

import io.github.controlnet.core.weights.ModelInspector;
import io.github.controlnet.core.weights.ModelReport;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code controlnet inspect}. */
@Command(
    name = "inspect",
    abbreviateSynopsis = true,
    sortOptions = false,
    description = {
      "Tell what a weights file or a diffusers folder is, part by part.",
      "Nothing in it is ever executed."
    })
final class InspectCommand implements Callable<Integer> {
  @Spec
  @SuppressWarnings("NullAway.Init") // set by picocli
  private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "PATH", description = "A weights file or a folder.")
  private Path path = Path.of("");

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description =
          "What the weights' shapes cannot tell, as diffusers JSON or the original's yaml."
              + " Default: beside the weights, when there.")
  private @Nullable Path config;

  @Option(names = "--tensors", description = "List every tensor too.")
  private boolean tensors;

  @Mixin private CommonOptions common = new CommonOptions();

  @Override
  public Integer call() {
    common.applyLogging();
    ModelOptions.existing("PATH", path);
    ModelReport report =
        ModelInspector.inspect(
            path, Optional.ofNullable(config).map(file -> ModelOptions.existing("--config", file)));
    PrintWriter out = spec.commandLine().getOut();
    if (common.json()) {
      Json.print(out, json(report));
    } else {
      print(report, out);
    }
    out.flush();
    return 0;
  }

  private void print(ModelReport report, PrintWriter out) {
    field(out, "path", path.toString());
    field(out, "kind", report.kind().displayName());
    field(out, "family", report.family().name());
    field(out, "format", report.format());
    field(out, "dtype", String.join(", ", dtypes(report)));
    field(out, "fits", report.fits());
    out.println();
    int width =
        Math.max(5, report.parts().stream().mapToInt(part -> part.name().length()).max().orElse(0));
    String row = "%-" + width + "s  %15s  %15s  %7s";
    out.println(row.formatted("part", "parameters", "bytes", "share"));
    for (ModelReport.Part part : report.parts()) {
      out.println(
          row.formatted(
              Printable.of(part.name()),
              grouped(part.parameters()),
              grouped(part.bytes()),
              String.format(Locale.ROOT, "%.1f %%", 100 * part.share())));
    }
    out.println(
        row.formatted("total", grouped(report.parameters()), grouped(report.bytes()), "100.0 %"));
    if (!report.notes().isEmpty()) {
      out.println();
      report.notes().stream().map(Printable::of).forEach(out::println);
    }
    if (tensors) {
      out.println();
      for (ModelReport.Tensor tensor : report.tensors()) {
        out.println(
            Printable.of(
                "%s  %s  %s".formatted(tensor.name(), word(tensor.dtype()), tensor.shape())));
      }
    }
  }

  private static void field(PrintWriter out, String name, String value) {
    out.println("%-7s %s".formatted(name, Printable.of(value)));
  }

  private static String grouped(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  private Map<String, Object> json(ModelReport report) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("path", path.toString());
    json.put("kind", report.kind().displayName());
    json.put("family", report.family().name());
    json.put("format", report.format());
    json.put("dtypes", dtypes(report));
    json.put("parameters", report.parameters());
    json.put("bytes", report.bytes());
    List<Map<String, Object>> parts = new ArrayList<>();
    for (ModelReport.Part part : report.parts()) {
      Map<String, Object> entry = new LinkedHashMap<>();
      entry.put("name", part.name());
      entry.put("parameters", part.parameters());
      entry.put("bytes", part.bytes());
      entry.put("share", part.share());
      parts.add(entry);
    }
    json.put("parts", parts);
    json.put("fits", report.fits());
    json.put("notes", report.notes());
    if (tensors) {
      List<Map<String, Object>> list = new ArrayList<>();
      for (ModelReport.Tensor tensor : report.tensors()) {
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put("name", tensor.name());
        entry.put("dtype", word(tensor.dtype()));
        entry.put("shape", tensor.shape());
        list.add(entry);
      }
      json.put("tensors", list);
    }
    return json;
  }

  private static List<String> dtypes(ModelReport report) {
    return report.dtypes().stream().map(InspectCommand::word).collect(Collectors.toList());
  }

  /** One spelling for number types, that of --dtype. */
  private static String word(String dtype) {
    return switch (dtype) {
      case "F32" -> "float32";
      case "F16" -> "float16";
      case "BF16" -> "bfloat16";
      case "F64" -> "float64";
      default -> dtype.toLowerCase(Locale.ROOT);
    };
  }
}
