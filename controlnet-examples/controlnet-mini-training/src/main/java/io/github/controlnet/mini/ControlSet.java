package io.github.controlnet.mini;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.controlnet.Annotators;
import io.github.controlnet.annotator.Annotator;
import io.github.controlnet.spi.AnnotatorProvider;
import java.awt.image.BufferedImage;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import javax.imageio.ImageIO;

/**
 * Writes a training set for a control in the layout of fill50k: {@code source/}, {@code target/}
 * and {@code prompt.json} with one record a line.
 */
public final class ControlSet {
  /** Of two shapes, how often the control sees just one: the other one is the prompt's alone. */
  private static final double PARTIAL = 0.25;

  /** What a control sees. */
  enum Source {
    /**
     * The outline, drawn as one pixel's line or found by canny in the picture or in a line drawing.
     */
    OUTLINE,
    /** The shapes, filled by kind. */
    SEGMENTATION
  }

  private final Source source;
  private final Annotator canny;

  private ControlSet(Source source, Annotator canny) {
    this.source = source;
    this.canny = canny;
  }

  /** Arguments: folder, {@code outline} or {@code segmentation}, first number, count. */
  public static void main(String[] arguments) throws IOException {
    Path folder = Path.of(arguments[0]);
    Source source = Source.valueOf(arguments[1].toUpperCase(Locale.ROOT));
    long first = Long.parseLong(arguments[2]);
    long count = Long.parseLong(arguments[3]);
    AnnotatorProvider provider = Annotators.named("canny");
    try (Annotator canny = Annotators.open(provider, provider.options(Map.of()))) {
      new ControlSet(source, canny).write(folder, first, count);
    }
  }

  private void write(Path folder, long first, long count) throws IOException {
    Files.createDirectories(folder.resolve("source"));
    Files.createDirectories(folder.resolve("target"));
    SceneGenerator generator = new SceneGenerator(1);
    ObjectMapper json = new ObjectMapper();
    try (BufferedWriter records = Files.newBufferedWriter(folder.resolve("prompt.json"))) {
      for (long number = first; number < first + count; number++) {
        Scene scene = generator.training(number);
        String name = number + ".png";
        ImageIO.write(map(scene, number), "png", folder.resolve("source/" + name).toFile());
        ImageIO.write(
            SceneRenderer.picture(scene), "png", folder.resolve("target/" + name).toFile());
        Map<String, String> entry = new LinkedHashMap<>();
        entry.put("source", "source/" + name);
        entry.put("target", "target/" + name);
        entry.put("prompt", scene.prompt());
        records.write(json.writeValueAsString(entry) + "\n");
      }
    }
  }

  private BufferedImage map(Scene whole, long number) {
    SplittableRandom random = new SplittableRandom(number);
    Scene scene = whole;
    if (whole.objects().size() > 1 && random.nextDouble() < PARTIAL) {
      scene = whole.onlyObject(random.nextInt(whole.objects().size()));
    }
    if (source == Source.SEGMENTATION) {
      return SceneRenderer.segmentation(scene);
    }
    return switch (random.nextInt(4)) {
      case 0 -> canny.annotate(SceneRenderer.picture(scene)).map();
      case 1 -> canny.annotate(SceneRenderer.drawing(scene, random.nextInt(1, 4))).map();
      default -> SceneRenderer.outline(scene);
    };
  }
}
