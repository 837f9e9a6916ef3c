package io.github.controlnet.samples;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;

/** Where the samples write to. */
final class Output {
  private Output() {}

  static void save(BufferedImage picture, String[] args, String name) throws IOException {
    Path folder = Files.createDirectories(Path.of(args.length == 0 ? "out" : args[0]));
    Path file = folder.resolve(name);
    ImageIO.write(picture, "png", file.toFile());
    System.out.println(file);
  }
}
