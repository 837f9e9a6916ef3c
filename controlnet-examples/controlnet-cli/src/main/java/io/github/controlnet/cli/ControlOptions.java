package io.github.controlnet.cli;

import io.github.controlnet.Annotators;
import io.github.controlnet.ControlInput;
import io.github.controlnet.ScaleSchedule;
import io.github.controlnet.exception.InvalidRequestException;
import io.github.controlnet.exception.UnreadableImageException;
import io.github.controlnet.image.Images;
import io.github.controlnet.image.ResizeMode;
import java.awt.image.BufferedImage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What each control gets. */
final class ControlOptions {
  private static final String NONE = "none";
  private static final Pattern NUMBERED = Pattern.compile("([0-9]+)\\.(.+)");

  @Option(
      names = "--control-image",
      paramLabel = "FILE",
      description =
          "Picture for each --control, in order. Default: the bundled picture, for the mini model.")
  private List<Path> images = new ArrayList<>();

  @Option(
      names = "--annotator",
      paramLabel = "NAME",
      split = ",",
      description =
          "Makes the control map of the picture; once for all, or once for each control."
              + " none: the picture is a map already."
              + " Default: canny for the mini model, else none.")
  private List<String> annotators = new ArrayList<>();

  @Option(
      names = "--annotator-option",
      paramLabel = "K=V",
      description =
          "Option of the annotator, such as low=100; for the second of several controls, 2.low=100."
              + " \"controlnet annotate --list\" names them.")
  private List<String> annotatorOptions = new ArrayList<>();

  @Option(
      names = "--control-scale",
      paramLabel = "X",
      split = ",",
      description =
          "What the control's residuals are multiplied with; once for all, or once for each."
              + " Default: 1.0.")
  private List<Double> scales = new ArrayList<>();

  @Option(
      names = "--control-start",
      paramLabel = "X",
      split = ",",
      description =
          "Where in the schedule the control begins to act, 0 to 1; once for all, or for each."
              + " Default: 0.0.")
  private List<Double> starts = new ArrayList<>();

  @Option(
      names = "--control-end",
      paramLabel = "X",
      split = ",",
      description =
          "Where in the schedule it ceases to act, 0 to 1; once for all, or for each."
              + " Default: 1.0.")
  private List<Double> ends = new ArrayList<>();

  @Mixin private ControlShaping shaping = new ControlShaping();

  @Option(
      names = "--resize-mode",
      paramLabel = "MODE",
      split = ",",
      converter = Choices.ToResizeMode.class,
      description =
          "How a map of another aspect is fitted: stretch, crop or fill; once for all, or once for"
              + " each. Default: stretch.")
  private List<ResizeMode> resizeModes = new ArrayList<>();

  @Option(
      names = "--detect-resolution",
      paramLabel = "N",
      split = ",",
      description =
          "Short side of the photograph that the annotator sees; once for all, or once for each."
              + " Default: the image resolution.")
  private List<Integer> detectResolutions = new ArrayList<>();

  private List<ControlInput> recorded = List.of();
  private String recordedBy = "";

  /**
   * Takes the controls of a stored request, unless pictures are given.
   *
   * @param option names the file that holds them
   */
  void complete(String option, List<ControlInput> inputs) {
    recordedBy = option;
    recorded = images.isEmpty() ? List.copyOf(inputs) : List.of();
  }

  /** Tells whether a stored request says which input is for which control. */
  boolean namesModels() {
    return recorded.stream().anyMatch(input -> input.model().isPresent());
  }

  /** Everything about one control but its picture. */
  private record Settings(
      String annotator,
      Map<String, String> options,
      double scale,
      double start,
      double end,
      ResizeMode resizeMode,
      OptionalInt detectResolution,
      ControlShaping.Shape shape) {}

  /**
   * Looks for what can be wrong with the options alone, before any file is touched.
   *
   * @param models tells the number of controls
   * @param usage complains
   */
  void check(ModelOptions models, Usage usage) {
    int controls = models.controlCount();
    if (!recorded.isEmpty()) {
      if (!annotators.isEmpty()
          || !annotatorOptions.isEmpty()
          || !detectResolutions.isEmpty()
          || !resizeModes.isEmpty()
          || shaping.given()) {
        throw usage.wrong(
            "What %s names holds controls and how they act; to change more than scale and window give --control-image too."
                .formatted(recordedBy));
      }
      if (!namesModels()) {
        checkCount(controls, recorded.size(), usage);
      }
      settings(models, recorded.size(), usage);
      return;
    }
    // Only once the base is open is it known whether it brings a control of its own.
    boolean undecided = !models.bundledBase() && controls == 0;
    int pictures = images.isEmpty() && models.bundledControl() ? 1 : images.size();
    if (!undecided) {
      checkCount(controls, pictures, usage);
    }
    BufferedImage pixel = new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB);
    if (!scales.isEmpty() && shaping.scheduled()) {
      throw usage.wrong(
          "--control-scale and --control-schedule are both given; the schedule takes the scale's place, so give one.");
    }
    for (Settings settings : settings(models, pictures, usage)) {
      if (settings.shape().inpaintMask() != null && !settings.annotator().equals(NONE)) {
        throw usage.wrong(
            "--control-inpaint-mask is for a control that takes the photograph itself, but its annotator is %s; say --annotator none."
                .formatted(settings.annotator()));
      }
      usage.value(() -> input(source(pixel, settings), settings));
      if (!settings.annotator().equals(NONE)) {
        usage.value(() -> Annotators.named(settings.annotator()).options(settings.options()));
      }
    }
    boolean anyControlOption =
        !annotators.isEmpty()
            || !annotatorOptions.isEmpty()
            || !scales.isEmpty()
            || !starts.isEmpty()
            || !ends.isEmpty()
            || shaping.given()
            || !detectResolutions.isEmpty()
            || !resizeModes.isEmpty();
    if (pictures == 0 && anyControlOption) {
      throw usage.wrong("Options for controls are given, but there is no control image.");
    }
  }

  /** Complains unless each control has its picture. */
  static void checkCount(int controls, int pictures, Usage usage) {
    if (controls > pictures) {
      throw usage.wrong(
          "There %s for %s; give a --control-image for each --control, in order."
              .formatted(amount(pictures, "control image"), amount(controls, "control", false)));
    }
    if (pictures > controls) {
      throw usage.wrong(
          "There %s for %s; each needs its own --control."
              .formatted(amount(pictures, "control image"), amount(controls, "control", false)));
    }
  }

  /** Returns the number of pictures that were given or are bundled. */
  int pictureCount(ModelOptions models) {
    if (!recorded.isEmpty()) {
      return recorded.size();
    }
    return images.isEmpty() && models.bundledControl() ? 1 : images.size();
  }

  /** Reads the pictures and makes an input of each. */
  List<ControlInput> inputs(ModelOptions models, ModelOptions.Selection selection, Usage usage) {
    if (!recorded.isEmpty()) {
      return recorded(settings(models, recorded.size(), usage));
    }
    List<Path> files =
        images.isEmpty() && models.bundledControl()
            ? List.of(selection.demonstration().orElseThrow().drawing())
            : images;
    List<Settings> settings = settings(models, files.size(), usage);
    List<ControlInput> inputs = new ArrayList<>();
    for (int i = 0; i < files.size(); i++) {
      inputs.add(withFiles(read("--control-image", files.get(i)), settings.get(i)));
    }
    return inputs;
  }

  /** The maps of a picture, with what options say otherwise. */
  private List<ControlInput> recorded(List<Settings> settings) {
    List<ControlInput> inputs = new ArrayList<>();
    for (int i = 0; i < recorded.size(); i++) {
      ControlInput input = recorded.get(i);
      Settings given = settings.get(i);
      inputs.add(
          InvalidRequestException.checking(
              () ->
                  input
                      .withScale(
                          scales.isEmpty() ? input.scale() : ScaleSchedule.constant(given.scale()))
                      .withWindow(
                          starts.isEmpty() ? input.start() : given.start(),
                          ends.isEmpty() ? input.end() : given.end())));
    }
    return inputs;
  }

  /** Reads a picture; failing to is no fault of the command line's form. */
  static BufferedImage read(String option, Path file) {
    return read(option, file, Images::read);
  }

  /** Reads a mask. */
  static BufferedImage readMask(String option, Path file) {
    return read(option, file, Images::readMask);
  }

  private static BufferedImage read(
      String option, Path file, Function<Path, BufferedImage> decoder) {
    if (!Files.isRegularFile(file)) {
      throw new CommandFailure(
          "%s: there is no file %s (looked in %s)."
              .formatted(option, file, Path.of("").toAbsolutePath()));
    }
    try {
      return decoder.apply(file);
    } catch (UnreadableImageException e) {
      throw new CommandFailure(Failures.oneLine(e), e);
    }
  }

  private ControlInput withFiles(BufferedImage picture, Settings settings) {
    Path file = settings.shape().inpaintMask();
    Optional<BufferedImage> inpaintMask =
        Optional.ofNullable(file).map(path -> readMask("--control-inpaint-mask", path));
    ControlInput input =
        InvalidRequestException.checking(
            () ->
                input(
                    inpaintMask
                        .map(white -> ControlInput.inpaint(picture, white))
                        .orElseGet(() -> source(picture, settings)),
                    settings));
    Path mask = settings.shape().mask();
    return mask == null ? input : input.withMask(readMask("--control-mask", mask));
  }

  private static ControlInput source(BufferedImage picture, Settings settings) {
    return settings.annotator().equals(NONE)
        ? ControlInput.of(picture)
        : ControlInput.annotate(picture, settings.annotator());
  }

  private ControlInput input(ControlInput source, Settings settings) {
    ControlInput input = source;
    for (Map.Entry<String, String> option : settings.options().entrySet()) {
      input = input.withAnnotatorOption(option.getKey(), option.getValue());
    }
    if (settings.detectResolution().isPresent()) {
      input = input.withDetectResolution(settings.detectResolution().getAsInt());
    }
    return settings
        .shape()
        .applyTo(input.withScale(settings.scale()))
        .withWindow(settings.start(), settings.end())
        .withResizeMode(settings.resizeMode());
  }

  private List<Settings> settings(ModelOptions models, int count, Usage usage) {
    List<String> names =
        usage.spread("--annotator", annotators, models.bundledControl() ? "canny" : NONE, count);
    List<Double> scale = usage.spread("--control-scale", scales, 1.0, count);
    List<Double> start = usage.spread("--control-start", starts, 0.0, count);
    List<Double> end = usage.spread("--control-end", ends, 1.0, count);
    List<ResizeMode> resize = usage.spread("--resize-mode", resizeModes, ResizeMode.STRETCH, count);
    List<OptionalInt> resolution =
        usage.spread(
            "--detect-resolution",
            detectResolutions.stream().map(OptionalInt::of).toList(),
            OptionalInt.empty(),
            count);
    List<Map<String, String>> options = options(names, usage);
    List<ControlShaping.Shape> shapes = shaping.shapes(count, usage);
    List<Settings> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      all.add(
          new Settings(
              names.get(i),
              options.get(i),
              scale.get(i),
              start.get(i),
              end.get(i),
              resize.get(i),
              resolution.get(i),
              shapes.get(i)));
    }
    return all;
  }

  /** Gives each option to the control whose number it has, or to every one that is annotated. */
  private List<Map<String, String>> options(List<String> names, Usage usage) {
    List<Map<String, String>> result = new ArrayList<>();
    names.forEach(name -> result.add(new LinkedHashMap<>()));
    for (String text : annotatorOptions) {
      Map.Entry<String, String> pair = pair("--annotator-option", text, usage);
      Matcher numbered = NUMBERED.matcher(pair.getKey());
      boolean one = numbered.matches();
      int number = one ? parse(numbered.group(1)) : 0;
      String key = one ? numbered.group(2) : pair.getKey();
      if (one && (number < 1 || number > names.size())) {
        throw usage.wrong(
            "--annotator-option %s is for control %s, but there %s."
                .formatted(text, numbered.group(1), amount(names.size(), "control")));
      }
      boolean taken = false;
      for (int i = 0; i < names.size(); i++) {
        if (!names.get(i).equals(NONE) && (!one || i == number - 1)) {
          result.get(i).put(key, pair.getValue());
          taken = true;
        }
      }
      if (!taken) {
        throw usage.wrong(
            "--annotator-option %s: no annotator is in use that could take it.".formatted(text));
      }
    }
    return result;
  }

  private static int parse(String digits) {
    return digits.length() > 6 ? Integer.MAX_VALUE : Integer.parseInt(digits);
  }

  /** Splits {@code K=V}. */
  static Map.Entry<String, String> pair(String option, String text, Usage usage) {
    int equals = text.indexOf('=');
    if (equals < 1) {
      throw usage.wrong(
          "%s is \"%s\"; expected name=value, such as low=100.".formatted(option, text));
    }
    return Map.entry(text.substring(0, equals), text.substring(equals + 1));
  }

  private static String amount(int count, String what) {
    return amount(count, what, true);
  }

  private static String amount(int count, String what, boolean verb) {
    String noun =
        (count == 0 ? "no" : Integer.toString(count)) + " " + what + (count == 1 ? "" : "s");
    return verb ? (count == 1 ? "is " : "are ") + noun : noun;
  }
}
