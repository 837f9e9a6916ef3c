package io.github.controlnet.mini;

import io.github.controlnet.ControlInput;
import io.github.controlnet.ControlNetPipeline;
import io.github.controlnet.GenerationRequest;
import io.github.controlnet.model.BaseModel;
import io.github.controlnet.model.ControlModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import javax.imageio.ImageIO;

/**
 * Measures how well outlines are followed along a training, checkpoint by checkpoint, on the cases
 * of {@link Evaluation}: the paper's sudden convergence, if it is there.
 *
 * <p>Results are lines of a CSV file. What it holds is not measured again, so that trainings with
 * other bases are added by further calls; the curves of all of them are drawn into a PNG file
 * beside it.
 */
public final class Convergence {
  private static final String HEADER = "run,step,cases,median_overlap,mean_overlap,followed";

  private final Path results;
  private final BaseModel base;
  private final int count;
  private final double guidanceScale;

  private Convergence(Path results, BaseModel base, int count, double guidanceScale) {
    this.results = results;
    this.base = base;
    this.count = count;
    this.guidanceScale = guidanceScale;
  }

  /**
   * Arguments: the CSV file, base, number of cases, guidance scale, the interval of the steps to
   * measure, then the trainings, each as {@code NAME=RUN} with the output folder of a training, or
   * {@code NAME=RUN,UNTRAINED} with the control that it began with.
   */
  public static void main(String[] arguments) throws IOException {
    Path results = Path.of(arguments[0]);
    Convergence convergence =
        new Convergence(
            results,
            BaseModel.of(Path.of(arguments[1])),
            Integer.parseInt(arguments[2]),
            Double.parseDouble(arguments[3]));
    int interval = Integer.parseInt(arguments[4]);
    if (!Files.exists(results)) {
      Files.write(results, List.of(HEADER));
    }
    for (String argument : List.of(arguments).subList(5, arguments.length)) {
      String[] run = argument.split("=", 2);
      String[] folders = run[1].split(",", 2);
      Map<Integer, Path> controls = checkpoints(Path.of(folders[0]), interval);
      if (folders.length > 1) {
        controls.put(0, Path.of(folders[1]));
      }
      for (Map.Entry<Integer, Path> control : controls.entrySet()) {
        convergence.measure(run[0] + "," + control.getKey(), control.getValue());
      }
    }
    String name = String.valueOf(results.getFileName()).replace(".csv", "");
    ImageIO.write(
        OverlapChart.of(Files.readAllLines(results)),
        "png",
        results.resolveSibling(name + ".png").toFile());
  }

  private static Map<Integer, Path> checkpoints(Path run, int interval) throws IOException {
    Map<Integer, Path> controls = new TreeMap<>();
    try (Stream<Path> all = Files.list(run.resolve("checkpoints"))) {
      for (Path checkpoint : all.toList()) {
        String name = String.valueOf(checkpoint.getFileName());
        if (name.startsWith("step-")) {
          int step = Integer.parseInt(name.substring("step-".length()));
          if (step % interval == 0) {
            controls.put(step, checkpoint.resolve("control"));
          }
        }
      }
    }
    return controls;
  }

  private void measure(String key, Path control) throws IOException {
    if (Files.readAllLines(results).stream().anyMatch(line -> line.startsWith(key + ","))) {
      return;
    }
    List<Double> overlaps = new ArrayList<>();
    int followed = 0;
    try (ControlNetPipeline pipeline =
        ControlNetPipeline.builder().base(base).control(ControlModel.of(control)).build()) {
      SceneGenerator generator = new SceneGenerator(Evaluation.SEED);
      for (int number = 0; number < count; number++) {
        Scene scene = generator.evaluation(number, number % 2 == 0);
        GenerationRequest request =
            GenerationRequest.builder()
                .prompt(scene.prompt())
                .control(ControlInput.of(SceneRenderer.outline(scene)))
                .size(Scene.SIZE, Scene.SIZE)
                .guidanceScale(guidanceScale)
                .seed(number)
                .build();
        Obedience obedience = Obedience.of(scene, pipeline.generate(request).images().get(0));
        overlaps.add(obedience.overlap());
        followed += obedience.followed() ? 1 : 0;
      }
    }
    overlaps.sort(null);
    String line =
        String.format(
            Locale.ROOT,
            "%s,%d,%.3f,%.3f,%d",
            key,
            count,
            overlaps.get(count / 2),
            overlaps.stream().mapToDouble(Double::doubleValue).average().orElseThrow(),
            followed);
    System.out.println(line);
    Files.write(results, List.of(line), StandardOpenOption.APPEND);
  }
}
