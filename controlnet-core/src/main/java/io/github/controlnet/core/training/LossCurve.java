package io.github.controlnet.core.training;

import io.github.controlnet.exception.ControlNetException;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Path2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Locale;
import javax.imageio.ImageIO;

/**
 * Draws the losses of a training: each step's in grey, the mean of its neighbours above in blue, on
 * a logarithmic scale. Figures are drawn from a table of dots: fonts are missing on many servers.
 */
final class LossCurve {
  private static final int WIDTH = 900;
  private static final int HEIGHT = 420;
  private static final int LEFT = 80;
  private static final int MARGIN = 24;
  private static final int BOTTOM = 44;
  private static final String GLYPHS = "0123456789.-e";
  // five rows of three dots each, as octal digits
  private static final String[] DOTS = {
    "75557", "26227", "71747", "71717", "55711", "74717", "74757", "71222", "75757", "75717",
    "00002", "00700", "07574"
  };

  private final BufferedImage image = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB);
  private final Graphics2D pen = image.createGraphics();
  private final List<Double> losses;
  private final double low;
  private final double high;

  private LossCurve(List<Double> losses) {
    this.losses = losses;
    double least = Double.MAX_VALUE;
    double most = 0;
    for (double loss : losses) {
      if (loss > 0) {
        least = Math.min(least, loss);
        most = Math.max(most, loss);
      }
    }
    this.low = most == 0 ? 0.1 : least / 1.1;
    this.high = most == 0 ? 1 : most * 1.1;
  }

  /** Draws the curve and puts the file in place. */
  static void write(List<Double> losses, Path file) {
    try {
      Path temporary = file.resolveSibling(file.getFileName() + ".tmp");
      ImageIO.write(new LossCurve(losses).draw(), "png", temporary.toFile());
      Files.move(temporary, file, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new ControlNetException("%s cannot be written: %s.".formatted(file, e), e);
    }
  }

  private BufferedImage draw() {
    pen.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    pen.setColor(Color.WHITE);
    pen.fillRect(0, 0, WIDTH, HEIGHT);
    grid();
    curve(1, new Color(0xc8, 0xcc, 0xd2), 1);
    curve(Math.max(1, losses.size() / 50), new Color(0x1f, 0x5f, 0xb4), 2.5f);
    pen.dispose();
    return image;
  }

  private void grid() {
    for (int exponent = (int) Math.floor(Math.log10(low));
        Math.pow(10, exponent) <= high;
        exponent++) {
      for (int factor : new int[] {1, 2, 5}) {
        double value = factor * Math.pow(10, exponent);
        if (value >= low && value <= high) {
          line(LEFT, y(value), WIDTH - MARGIN, y(value));
          String text =
              value >= 0.001 && value < 10_000
                  ? String.format(Locale.ROOT, value >= 1 ? "%.0f" : "%." + -exponent + "f", value)
                  : factor + "e" + exponent;
          figures(text, LEFT - 8 - 8 * text.length(), (int) y(value) - 5);
        }
      }
    }
    int count = losses.size();
    double rough = Math.max(1, count / 6.0);
    double unit = Math.pow(10, Math.floor(Math.log10(rough)));
    int interval = (int) (rough / unit >= 5 ? 5 * unit : rough / unit >= 2 ? 2 * unit : unit);
    for (int step = 0; step <= count; step += interval) {
      line(x(step), MARGIN, x(step), HEIGHT - BOTTOM);
      String text = String.valueOf(step);
      figures(text, (int) x(step) - 4 * text.length(), HEIGHT - BOTTOM + 12);
    }
  }

  private void line(double x1, double y1, double x2, double y2) {
    pen.setColor(new Color(0xe8, 0xea, 0xed));
    pen.drawLine((int) x1, (int) y1, (int) x2, (int) y2);
  }

  private void figures(String text, int x, int y) {
    pen.setColor(new Color(0x50, 0x54, 0x5a));
    for (int i = 0; i < text.length(); i++) {
      String rows = DOTS[GLYPHS.indexOf(text.charAt(i))];
      for (int row = 0; row < rows.length(); row++) {
        int dots = rows.charAt(row) - '0';
        for (int column = 0; column < 3; column++) {
          if ((dots >> (2 - column) & 1) == 1) {
            pen.fillRect(x + 8 * i + 2 * column, y + 2 * row, 2, 2);
          }
        }
      }
    }
  }

  /** Draws means over windows of so many steps. */
  private void curve(int window, Color color, float width) {
    pen.setColor(color);
    pen.setStroke(new BasicStroke(width, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
    Path2D path = new Path2D.Double();
    double sum = 0;
    for (int i = 0; i < losses.size(); i++) {
      sum += losses.get(i);
      if (i >= window) {
        sum -= losses.get(i - window);
      }
      double y = y(Math.max(low, sum / Math.min(window, i + 1)));
      double x = x(i + 1 - (Math.min(window, i + 1) - 1) / 2.0);
      if (i == 0) {
        path.moveTo(x, y);
      } else {
        path.lineTo(x, y);
      }
    }
    pen.draw(path);
    pen.setStroke(new BasicStroke(1));
  }

  private double x(double step) {
    return LEFT + (WIDTH - LEFT - MARGIN) * step / Math.max(1, losses.size());
  }

  private double y(double loss) {
    double share = Math.log(loss / low) / Math.log(high / low);
    return HEIGHT - BOTTOM - (HEIGHT - BOTTOM - MARGIN) * share;
  }
}
