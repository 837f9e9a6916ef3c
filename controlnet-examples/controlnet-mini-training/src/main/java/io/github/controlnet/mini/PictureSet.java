package io.github.controlnet.mini;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;

/** Writes training pictures and their prompts: what the base is trained on. */
public final class PictureSet {
  private PictureSet() {}

  /** Arguments: folder, first number, count. */
  public static void main(String[] arguments) throws IOException {
    Path folder = Files.createDirectories(Path.of(arguments[0]));
    long first = Long.parseLong(arguments[1]);
    long count = Long.parseLong(arguments[2]);
    SceneGenerator generator = new SceneGenerator(1);
    try (BufferedWriter prompts = Files.newBufferedWriter(folder.resolve("prompts.txt"))) {
      for (long number = first; number < first + count; number++) {
        Scene scene = generator.training(number);
        prompts.write(scene.prompt() + "\n");
        ImageIO.write(
            SceneRenderer.picture(scene), "png", folder.resolve(number + ".png").toFile());
      }
    }
  }
}
