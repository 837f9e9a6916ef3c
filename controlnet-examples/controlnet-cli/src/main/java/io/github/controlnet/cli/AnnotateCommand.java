package io.github.controlnet.cli;

import io.github.controlnet.Annotators;
import io.github.controlnet.annotator.Annotation;
import io.github.controlnet.annotator.Annotator;
import io.github.controlnet.annotator.AnnotatorContext;
import io.github.controlnet.annotator.AnnotatorOption;
import io.github.controlnet.annotator.AnnotatorOptions;
import io.github.controlnet.core.pose.PoseJson;
import io.github.controlnet.core.provenance.PngText;
import io.github.controlnet.exception.ControlNetException;
import io.github.controlnet.exception.GenerationCancelledException;
import io.github.controlnet.exception.InvalidRequestException;
import io.github.controlnet.image.Images;
import io.github.controlnet.internal.TextFiles;
import io.github.controlnet.model.HubReference;
import io.github.controlnet.pose.Poses;
import io.github.controlnet.progress.CancellationToken;
import io.github.controlnet.spi.AnnotatorProvider;
import io.github.controlnet.spi.PoseAnnotatorProvider;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code controlnet annotate}. */
@Command(
    name = "annotate",
    abbreviateSynopsis = true,
    sortOptions = false,
    description = {
      "Make the control map of a picture, or of every picture in a folder.",
      "The paths of the maps, PNG files, are printed.",
      "The NAME all draws one sheet with the preview of every annotator that can run here."
    })
final class AnnotateCommand implements Callable<Integer> {
  private static final String ALL = "all";
  private static final String PICTURES = ".*\\.(png|jpe?g|gif|bmp|webp|tiff?)";

  @ParentCommand
  @SuppressWarnings("NullAway.Init") // set by picocli
  private ControlNetCommand parent;

  @Spec
  @SuppressWarnings("NullAway.Init") // set by picocli
  private CommandSpec spec;

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "NAME",
      description = "Which annotator; --list names what is there.")
  private @Nullable String name;

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "IN",
      description = {
        "A picture, or a folder of them.",
        "For an annotator of poses, also OpenPose's JSON: FILE.json is drawn without weights."
      })
  private @Nullable Path in;

  @Parameters(
      index = "2",
      arity = "0..1",
      paramLabel = "OUT",
      description = "The map's file or its folder; a folder when IN is one.")
  private @Nullable Path out;

  @Option(names = "--list", description = "List the annotators with their options and exit.")
  private boolean list;

  @Option(
      names = "--resolution",
      paramLabel = "N",
      description =
          "Brings the short side to N and both sides to multiples of 64 first."
              + " Default: the picture's own size.")
  private @Nullable Integer resolution;

  @Option(
      names = "--model",
      paramLabel = "FILE",
      description = "Weights of the annotator, when it needs any.")
  private @Nullable Path model;

  @Option(
      names = "--option",
      paramLabel = "K=V",
      description = "Option of the annotator, such as low=100; repeat for several.")
  private List<String> options = new ArrayList<>();

  @Option(
      names = "--cache",
      paramLabel = "DIR",
      description = "Keep maps in DIR too, and take from there those that were made before.")
  private @Nullable Path cache;

  @Option(
      names = "--json-out",
      paramLabel = "FILE",
      description = "Writes the people of a pose as OpenPose's JSON too; a folder when IN is one.")
  private @Nullable Path jsonOut;

  @Mixin private ComputeOptions compute = new ComputeOptions();
  @Mixin private CommonOptions common = new CommonOptions();

  /** Makes maps of files. */
  private interface MapMaker extends AutoCloseable {
    Annotation of(Path input, CancellationToken token);

    @Override
    default void close() {}
  }

  /** A picture and where its map goes: a folder, a name without ending, an ending. */
  private record Job(Path picture, Path folder, String stem, String ending) {
    Path target() {
      return folder.resolve(stem + ending);
    }
  }

  @Override
  public Integer call() {
    common.applyLogging();
    if (list) {
      list(spec.commandLine().getOut());
      return 0;
    }
    Usage usage = new Usage(spec);
    if (name == null || in == null || out == null) {
      throw usage.wrong("Expected NAME IN OUT: an annotator, a picture or folder, and where to.");
    }
    if (resolution != null && (resolution < 64 || resolution > 8192)) {
      throw usage.wrong("--resolution is %d; expected 64 to 8192.".formatted(resolution));
    }
    AnnotatorContext context = compute.context(usage);
    if (name.equals(ALL)) {
      if (jsonOut != null) {
        throw usage.wrong("--json-out belongs to one annotator; name it instead of all.");
      }
      return sheet(in, out, context, usage);
    }
    String wanted = name;
    AnnotatorProvider provider = usage.value(() -> Annotators.named(wanted));
    AnnotatorOptions parsed = usage.value(() -> provider.options(given(provider, usage)));
    requirePoses(provider, in, usage);
    CancellationToken token = parent.interrupts().gently();
    return annotate(provider, parsed, context, jobs(in, out, usage), token);
  }

  /** What only annotators of poses can do. */
  private void requirePoses(AnnotatorProvider provider, Path in, Usage usage) {
    boolean poses = provider instanceof PoseAnnotatorProvider;
    if (jsonOut != null && !poses) {
      throw usage.wrong(
          "The annotator \"%s\" finds no poses; leave --json-out out.".formatted(provider.name()));
    }
    if (jsonOut != null && Files.isDirectory(in) && Files.isRegularFile(jsonOut)) {
      throw usage.wrong(
          "IN is a folder, but --json-out %s is a file; give a folder.".formatted(jsonOut));
    }
    if (isJson(in) && !poses) {
      throw usage.wrong(
          "The annotator \"%s\" draws no poses, but IN is %s; give a picture, or name an annotator of poses."
              .formatted(provider.name(), in));
    }
    if (isJson(in) && resolution != null) {
      throw usage.wrong("Poses have the size of their canvas; leave --resolution out.");
    }
  }

  private static boolean isJson(Path file) {
    return file.toString().toLowerCase(Locale.ROOT).endsWith(".json");
  }

  private Map<String, String> given(AnnotatorProvider provider, Usage usage) {
    Map<String, String> given = new LinkedHashMap<>();
    for (String text : options) {
      Map.Entry<String, String> pair = ControlOptions.pair("--option", text, usage);
      given.put(pair.getKey(), pair.getValue());
    }
    if (model != null) {
      if (provider.options().stream().noneMatch(option -> option.name().equals("model"))) {
        throw usage.wrong(
            "The annotator \"%s\" needs no weights; leave --model out.".formatted(provider.name()));
      }
      given.put("model", model.toString());
    }
    return given;
  }

  private static List<Job> jobs(Path in, Path out, Usage usage) {
    if (!Files.exists(in)) {
      throw new CommandFailure(
          "There is no file or folder %s (looked in %s)."
              .formatted(in, Path.of("").toAbsolutePath()));
    }
    if (!Files.isDirectory(in)) {
      Job job = single(in, out, usage);
      if (same(in, job.target())) {
        throw usage.wrong(
            "The map would replace its picture %s; choose another OUT.".formatted(in));
      }
      return List.of(job);
    }
    if (Files.isRegularFile(out)) {
      throw usage.wrong("IN is a folder, but OUT %s is a file; give a folder.".formatted(out));
    }
    if (same(in, out)) {
      throw usage.wrong("The maps would replace their pictures; choose another OUT.");
    }
    return folder(in, out);
  }

  private static Job single(Path in, Path out, Usage usage) {
    if (Files.isDirectory(out)) {
      return new Job(in, out, stem(in), ".png");
    }
    String name = out.getFileName().toString();
    if (name.toLowerCase(Locale.ROOT).matches(PICTURES)
        && !name.toLowerCase(Locale.ROOT).endsWith(".png")) {
      throw usage.wrong("OUT is %s, but maps are PNG; give a name with .png.".formatted(out));
    }
    return new Job(in, AtomicFiles.parent(out), name, "");
  }

  private static List<Job> folder(Path in, Path out) {
    List<Path> pictures;
    try (Stream<Path> files = Files.list(in)) {
      pictures =
          files
              .filter(Files::isRegularFile)
              .filter(
                  file -> file.getFileName().toString().toLowerCase(Locale.ROOT).matches(PICTURES))
              .sorted()
              .toList();
    } catch (IOException e) {
      throw new CommandFailure("Cannot read the folder %s: %s".formatted(in, e.getMessage()), e);
    }
    if (pictures.isEmpty()) {
      throw new CommandFailure("There are no pictures in the folder %s.".formatted(in));
    }
    Map<String, Long> names = new LinkedHashMap<>();
    pictures.forEach(picture -> names.merge(stem(picture), 1L, Long::sum));
    List<Job> jobs = new ArrayList<>();
    for (Path picture : pictures) {
      // a.jpg and a.png would both become a.png: such names keep their ending.
      boolean unique = names.getOrDefault(stem(picture), 1L) == 1;
      jobs.add(
          new Job(picture, out, unique ? stem(picture) : picture.getFileName().toString(), ".png"));
    }
    return jobs;
  }

  private int annotate(
      AnnotatorProvider provider,
      AnnotatorOptions parsed,
      AnnotatorContext context,
      List<Job> jobs,
      CancellationToken token) {
    PrintWriter results = spec.commandLine().getOut();
    Progress progress = parent.progress(spec.commandLine());
    AtomicFiles.writableFolder(jobs.get(0).folder());
    List<Map<String, Object>> done = new ArrayList<>();
    List<Map<String, Object>> failed = new ArrayList<>();
    try (MapMaker maker = maker(provider, parsed, context, jobs.get(0).picture())) {
      progress.start();
      for (Job job : jobs) {
        if (token.isCancelled()) {
          throw new GenerationCancelledException("Cancelled by the user.");
        }
        try {
          Annotation annotation = maker.of(job.picture(), token);
          BufferedImage map = annotation.map();
          AtomicFiles.replace(job.target(), PngText.encode(map, Map.of()));
          Map<String, Object> entry = entry(job, map);
          annotation.poses().ifPresent(poses -> writePoses(poses, job, jobs.size() > 1, entry));
          done.add(entry);
          if (!common.json()) {
            progress.endBar();
            results.println(job.target());
          }
        } catch (GenerationCancelledException e) {
          throw e;
        } catch (CommandFailure | ControlNetException e) {
          if (jobs.size() == 1) {
            throw e;
          }
          failed.add(Map.of("input", job.picture().toString(), "error", Failures.oneLine(e)));
        }
        if (jobs.size() > 1) {
          progress.count("picture", done.size() + failed.size(), jobs.size());
        }
      }
    } finally {
      progress.endBar();
    }
    if (common.json()) {
      Map<String, Object> report = new LinkedHashMap<>();
      report.put("annotator", provider.name());
      report.put("maps", done);
      report.put("failures", failed);
      Json.print(results, report);
    }
    results.flush();
    if (!failed.isEmpty()) {
      progress.say(
          "%d of %d pictures failed; the others are done.".formatted(failed.size(), jobs.size()));
      failed.forEach(
          failure ->
              progress.say("  %s: %s".formatted(failure.get("input"), failure.get("error"))));
      return 1;
    }
    return 0;
  }

  private MapMaker maker(
      AnnotatorProvider provider, AnnotatorOptions parsed, AnnotatorContext context, Path first) {
    if (isJson(first) && provider instanceof PoseAnnotatorProvider drawing) {
      return (file, token) -> {
        Poses poses = poses(file);
        return Annotation.of(drawing.draw(poses, parsed), poses);
      };
    }
    Annotator annotator = open(provider, parsed, context);
    return new MapMaker() {
      @Override
      public Annotation of(Path input, CancellationToken token) {
        return annotator.annotate(photo(input), token);
      }

      @Override
      public void close() {
        annotator.close();
      }
    };
  }

  private static Poses poses(Path file) {
    try {
      return PoseJson.read(TextFiles.read(file));
    } catch (IOException e) {
      throw new CommandFailure("Cannot read %s: %s".formatted(file, e.getMessage()), e);
    } catch (InvalidRequestException e) {
      throw new CommandFailure("%s: %s".formatted(file, e.getMessage()), e);
    }
  }

  private void writePoses(Poses poses, Job job, boolean several, Map<String, Object> entry) {
    entry.put("people", poses.people().size());
    if (jsonOut == null) {
      return;
    }
    boolean folder = several || Files.isDirectory(jsonOut);
    Path file = folder ? jsonOut.resolve(stem(job.target()) + ".json") : jsonOut;
    AtomicFiles.writableFolder(AtomicFiles.parent(file));
    AtomicFiles.replace(file, PoseJson.write(poses).getBytes(StandardCharsets.UTF_8));
    entry.put("poses", file.toString());
  }

  private Annotator open(
      AnnotatorProvider provider, AnnotatorOptions parsed, AnnotatorContext context) {
    return cache == null
        ? Annotators.open(provider, parsed, context)
        : Annotators.cached(provider, parsed, context, cache);
  }

  private BufferedImage photo(Path picture) {
    BufferedImage photo = ControlOptions.read("IN", picture);
    Integer side = resolution;
    return side == null
        ? photo
        : InvalidRequestException.checking(() -> Images.resizeToResolution(photo, side));
  }

  /** One picture of all previews; what cannot run here is named with the reason. */
  private int sheet(Path in, Path out, AnnotatorContext context, Usage usage) {
    if (model != null || !options.isEmpty()) {
      throw usage.wrong("--model and --option belong to one annotator; name it instead of all.");
    }
    if (Files.isDirectory(in)) {
      throw usage.wrong("IN is a folder, but the sheet of all annotators is made of one picture.");
    }
    Job job = jobs(in, out, usage).get(0);
    CancellationToken token = parent.interrupts().gently();
    Progress progress = parent.progress(spec.commandLine());
    BufferedImage photo = photo(job.picture());
    AtomicFiles.writableFolder(job.folder());
    ContactSheet sheet = new ContactSheet();
    sheet.add("photograph", photo);
    List<String> done = new ArrayList<>();
    List<Map<String, Object>> skipped = new ArrayList<>();
    List<AnnotatorProvider> all = Annotators.all();
    progress.start();
    try {
      for (AnnotatorProvider provider : all) {
        if (token.isCancelled()) {
          throw new GenerationCancelledException("Cancelled by the user.");
        }
        try (Annotator annotator = open(provider, provider.options(Map.of()), context)) {
          sheet.add(provider.name(), annotator.annotate(photo, token).preview());
          done.add(provider.name());
        } catch (GenerationCancelledException e) {
          throw e;
        } catch (ControlNetException e) {
          skipped.add(Map.of("annotator", provider.name(), "error", Failures.oneLine(e)));
        }
        progress.count("annotator", done.size() + skipped.size(), all.size());
      }
    } finally {
      progress.endBar();
    }
    AtomicFiles.replace(job.target(), PngText.encode(sheet.draw(), Map.of()));
    reportSheet(job, done, skipped, progress);
    return 0;
  }

  private void reportSheet(
      Job job, List<String> done, List<Map<String, Object>> skipped, Progress progress) {
    PrintWriter results = spec.commandLine().getOut();
    if (common.json()) {
      Map<String, Object> report = new LinkedHashMap<>();
      report.put("output", job.target().toString());
      report.put("annotators", done);
      report.put("skipped", skipped);
      Json.print(results, report);
    } else {
      results.println(job.target());
    }
    results.flush();
    progress.say("On the sheet: %s.".formatted(String.join(", ", done)));
    skipped.forEach(
        entry -> progress.say("  %s: %s".formatted(entry.get("annotator"), entry.get("error"))));
  }

  private static Map<String, Object> entry(Job job, BufferedImage map) {
    Map<String, Object> entry = new LinkedHashMap<>();
    entry.put("input", job.picture().toString());
    entry.put("output", job.target().toString());
    entry.put("width", map.getWidth());
    entry.put("height", map.getHeight());
    return entry;
  }

  private static String stem(Path file) {
    String name = file.getFileName().toString();
    int dot = name.lastIndexOf('.');
    return dot < 1 ? name : name.substring(0, dot);
  }

  private static boolean same(Path one, Path other) {
    try {
      return Files.exists(one) && Files.exists(other) && Files.isSameFile(one, other);
    } catch (IOException e) {
      return one.toAbsolutePath().normalize().equals(other.toAbsolutePath().normalize());
    }
  }

  private void list(PrintWriter results) {
    List<AnnotatorProvider> all = Annotators.all();
    if (common.json()) {
      Map<String, Object> report = new LinkedHashMap<>();
      report.put("annotators", all.stream().map(AnnotateCommand::described).toList());
      report.put("leftOut", Annotators.leftOut());
      Json.print(results, report);
      return;
    }
    for (AnnotatorProvider provider : all) {
      results.printf("%s: %s%n", provider.name(), provider.description());
      for (AnnotatorOption option : provider.options()) {
        results.printf(
            "  %s=%s  %s; %s%n",
            option.name(), option.defaultValue(), legal(option), option.description());
      }
      if (!provider.aliases().isEmpty()) {
        results.printf("  also: %s%n", String.join(", ", provider.aliases()));
      }
      if (!provider.weights().isEmpty()) {
        results.printf("  weights: %s%n", String.join(", ", ids(provider)));
      }
      if (!provider.controls().isEmpty()) {
        results.printf("  made for: %s%n", String.join(", ", provider.controls()));
      }
    }
    Annotators.leftOut().forEach(each -> results.printf("left out: %s%n", Printable.of(each)));
    results.flush();
  }

  private static List<String> ids(AnnotatorProvider provider) {
    return provider.weights().stream().map(HubReference::toString).toList();
  }

  private static String legal(AnnotatorOption option) {
    return switch (option.type()) {
      case INTEGER ->
          String.format(
              Locale.ROOT, "whole number, %.0f to %.0f", option.minimum(), option.maximum());
      case NUMBER -> "number, %s to %s".formatted(option.minimum(), option.maximum());
      case BOOLEAN -> "true or false";
      case CHOICE -> String.join(" or ", option.choices());
      case TEXT -> "text";
    };
  }

  private static Map<String, Object> described(AnnotatorProvider provider) {
    List<Map<String, Object>> options = new ArrayList<>();
    for (AnnotatorOption option : provider.options()) {
      Map<String, Object> entry = new LinkedHashMap<>();
      entry.put("name", option.name());
      entry.put("type", Choices.word(option.type()));
      entry.put("default", option.defaultValue());
      if (option.type() == AnnotatorOption.Type.INTEGER
          || option.type() == AnnotatorOption.Type.NUMBER) {
        entry.put("minimum", option.minimum());
        entry.put("maximum", option.maximum());
      }
      if (option.type() == AnnotatorOption.Type.CHOICE) {
        entry.put("choices", option.choices());
      }
      entry.put("description", option.description());
      options.add(entry);
    }
    Map<String, Object> described = new LinkedHashMap<>();
    described.put("name", provider.name());
    described.put("aliases", provider.aliases());
    described.put("description", provider.description());
    described.put("options", options);
    described.put("weights", ids(provider));
    described.put("controls", provider.controls());
    return described;
  }
}
