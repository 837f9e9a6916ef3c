package io.github.controlnet.benchmarks;

import io.github.controlnet.Annotators;
import io.github.controlnet.annotator.Annotator;
import io.github.controlnet.spi.AnnotatorProvider;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;

/** Times a learned annotator for {@code python/annotator_timings.py}. */
public final class AnnotatorTimings {
  private AnnotatorTimings() {}

  /**
   * Prints the seconds of each call after the first as a JSON array.
   *
   * @param arguments the annotator's name, its weights, a photograph, how many calls
   * @throws IOException when the photograph cannot be read
   */
  public static void main(String[] arguments) throws IOException {
    AnnotatorProvider provider = Annotators.named(arguments[0]);
    Map<String, String> options = Map.of("model", arguments[1]);
    BufferedImage photo = rgb(ImageIO.read(Path.of(arguments[2]).toFile()));
    int calls = Integer.parseInt(arguments[3]);
    List<Double> seconds = new ArrayList<>();
    try (Annotator annotator = Annotators.open(provider, provider.options(options))) {
      annotator.annotate(photo);
      for (int i = 0; i < calls; i++) {
        long start = System.nanoTime();
        annotator.annotate(photo);
        seconds.add((System.nanoTime() - start) / 1e9);
      }
    }
    System.out.println(seconds);
  }

  private static BufferedImage rgb(BufferedImage image) {
    BufferedImage copy =
        new BufferedImage(image.getWidth(), image.getHeight(), BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = copy.createGraphics();
    graphics.drawImage(image, 0, 0, null);
    graphics.dispose();
    return copy;
  }
}
