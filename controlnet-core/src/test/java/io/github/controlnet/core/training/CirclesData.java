package io.github.controlnet.core.training;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import javax.imageio.ImageIO;

/** A few pictures of the original tutorial's kind, in the layout of fill50k. */
final class CirclesData {
  private CirclesData() {}

  static Path write(Path folder, int count) throws IOException {
    Files.createDirectories(folder.resolve("source"));
    Files.createDirectories(folder.resolve("target"));
    Random random = new Random(5);
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int radius = 8 + random.nextInt(16);
      int x = 32 - radius;
      BufferedImage target = new BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB);
      Graphics2D pen = target.createGraphics();
      pen.setColor(new Color(random.nextInt(1 << 24)));
      pen.fillRect(0, 0, 64, 64);
      pen.setColor(new Color(random.nextInt(1 << 24)));
      pen.fillOval(x, x, 2 * radius, 2 * radius);
      pen.dispose();
      BufferedImage source = new BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB);
      pen = source.createGraphics();
      pen.drawOval(x, x, 2 * radius, 2 * radius);
      pen.dispose();
      ImageIO.write(target, "png", folder.resolve("target/%d.png".formatted(i)).toFile());
      ImageIO.write(source, "png", folder.resolve("source/%d.png".formatted(i)).toFile());
      lines.add(
          "{\"source\": \"source/%d.png\", \"target\": \"target/%d.png\", \"prompt\": \"a circle, %d\"}"
              .formatted(i, i, i));
    }
    return Files.write(folder.resolve("prompt.json"), lines);
  }
}
