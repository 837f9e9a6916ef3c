package io.github.controlnet.mini;

import io.github.controlnet.ControlInput;
import io.github.controlnet.ControlNetPipeline;
import io.github.controlnet.GenerationRequest;
import io.github.controlnet.GuessMode;
import io.github.controlnet.InitImage;
import io.github.controlnet.model.BaseModel;
import io.github.controlnet.model.ControlModel;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * Measures a trained mini on cases that no training picture shows, half of them with pairs of
 * colours that none shows either, and prints a table.
 *
 * <p>Followed means that the painted shape, found without knowing the prompt, and the outline's
 * inside overlap (intersection over union) by at least 0.9. Colours are right when the named colour
 * nearest to the median is the one that the prompt names.
 */
public final class Evaluation {
  static final long SEED = 2;

  private static final String OUTLINE = "outline";
  private static final String SEGMENTATION = "segmentation";

  private final ControlNetPipeline pipeline;
  private final int count;
  private final double guidanceScale;
  private final Map<String, ControlModel> controls;

  private Evaluation(
      ControlNetPipeline pipeline,
      int count,
      double guidanceScale,
      Map<String, ControlModel> controls) {
    this.pipeline = pipeline;
    this.count = count;
    this.guidanceScale = guidanceScale;
    this.controls = controls;
  }

  /**
   * Arguments: base, number of cases, guidance scale, then the controls, none or more, each as
   * {@code outline=PATH} or {@code segmentation=PATH}.
   */
  public static void main(String[] arguments) {
    int count = Integer.parseInt(arguments[1]);
    double guidanceScale = Double.parseDouble(arguments[2]);
    ControlNetPipeline.Builder builder =
        ControlNetPipeline.builder().base(BaseModel.of(Path.of(arguments[0])));
    Map<String, ControlModel> controls = new LinkedHashMap<>();
    for (String argument : List.of(arguments).subList(3, arguments.length)) {
      String[] parts = argument.split("=", 2);
      controls.put(parts[0], ControlModel.of(Path.of(parts[1])));
    }
    controls.values().forEach(builder::control);
    try (ControlNetPipeline pipeline = builder.build()) {
      new Evaluation(pipeline, count, guidanceScale, controls).run();
    }
  }

  private void run() {
    System.out.println(
        "| | outline followed | small, medium, large | median overlap | shape's colour | background | both colours |");
    System.out.println("|---|---|---|---|---|---|---|");
    // What the autoencoder leaves of a picture bounds what a control can reach.
    row("autoencoder alone", scene -> request(scene).initImage(kept(scene)));
    row("no control", this::request);
    if (controls.containsKey(OUTLINE)) {
      row("outline", scene -> request(scene).control(outline(scene)));
      row("canny of the picture", scene -> request(scene).control(canny(scene)));
      row("control scale 0", scene -> request(scene).control(outline(scene).withScale(0)));
      row(
          "guess mode, no prompt",
          scene ->
              request(scene.withPrompt("")).guessMode(GuessMode.ORIGINAL).control(outline(scene)));
      row("empty prompt", scene -> request(scene.withPrompt("")).control(outline(scene)));
      row(
          "vague prompt (\"shape\")",
          scene -> request(scene.withPrompt("shape")).control(outline(scene)));
      row(
          "conflicting prompt (another shape)",
          scene -> request(scene.withPrompt(conflicting(scene))).control(outline(scene)));
    }
    if (controls.containsKey(SEGMENTATION)) {
      row("segmentation", scene -> request(scene).control(segmentation(scene)));
    }
    if (controls.size() > 1) {
      row(
          "outline and segmentation",
          scene -> request(scene).control(outline(scene)).control(segmentation(scene)));
    }
  }

  private static String conflicting(Scene scene) {
    ShapeKind kind = scene.objects().get(0).kind();
    ShapeKind other = kind == ShapeKind.STAR ? ShapeKind.SQUARE : ShapeKind.STAR;
    return scene.prompt().replace(kind.word(), other.word());
  }

  /** The picture itself with next to no noise, of which the last step alone takes away. */
  private static InitImage kept(Scene scene) {
    return InitImage.of(SceneRenderer.picture(scene)).withStrength(0.05);
  }

  private ControlInput outline(Scene scene) {
    return ControlInput.of(SceneRenderer.outline(scene)).withModel(control(OUTLINE));
  }

  private ControlInput canny(Scene scene) {
    return ControlInput.annotate(SceneRenderer.picture(scene), "canny").withModel(control(OUTLINE));
  }

  private ControlInput segmentation(Scene scene) {
    return ControlInput.of(SceneRenderer.segmentation(scene)).withModel(control(SEGMENTATION));
  }

  private ControlModel control(String name) {
    return Objects.requireNonNull(controls.get(name));
  }

  private GenerationRequest.Builder request(Scene scene) {
    return GenerationRequest.builder()
        .prompt(scene.prompt())
        .size(Scene.SIZE, Scene.SIZE)
        .guidanceScale(guidanceScale);
  }

  private interface Asking {
    GenerationRequest.Builder of(Scene scene);
  }

  private void row(String label, Asking asking) {
    List<Double> overlaps = new ArrayList<>();
    int[] ofSize = new int[3];
    int[] followedOfSize = new int[3];
    int followed = 0;
    int shapes = 0;
    int backgrounds = 0;
    int colors = 0;
    SceneGenerator generator = new SceneGenerator(SEED);
    for (int number = 0; number < count; number++) {
      Scene scene = generator.evaluation(number, number % 2 == 0);
      BufferedImage picture =
          pipeline.generate(asking.of(scene).seed(number).build()).images().get(0);
      Obedience obedience = Obedience.of(scene, picture);
      overlaps.add(obedience.overlap());
      SceneObject object = scene.objects().get(0);
      int size = SceneGenerator.isSmall(object) ? 0 : SceneGenerator.isLarge(object) ? 2 : 1;
      ofSize[size]++;
      followed += obedience.followed() ? 1 : 0;
      followedOfSize[size] += obedience.followed() ? 1 : 0;
      shapes += obedience.shape() ? 1 : 0;
      backgrounds += obedience.background() ? 1 : 0;
      colors += obedience.shape() && obedience.background() ? 1 : 0;
    }
    overlaps.sort(null);
    System.out.printf(
        Locale.ROOT,
        "| %s | %.1f %% | %d of %d, %d of %d, %d of %d | %.3f | %.1f %% | %.1f %% | %.1f %% |%n",
        label,
        percent(followed),
        followedOfSize[0],
        ofSize[0],
        followedOfSize[1],
        ofSize[1],
        followedOfSize[2],
        ofSize[2],
        overlaps.get(count / 2),
        percent(shapes),
        percent(backgrounds),
        percent(colors));
  }

  private double percent(long part) {
    return 100.0 * part / count;
  }
}
