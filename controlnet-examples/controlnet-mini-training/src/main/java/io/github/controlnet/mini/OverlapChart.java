package io.github.controlnet.mini;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Path2D;
import java.awt.image.BufferedImage;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/** Draws the median overlap of trainings over their steps, from the lines that were measured. */
final class OverlapChart {
  private static final int WIDTH = 760;
  private static final int HEIGHT = 340;
  private static final int LEFT = 48;
  private static final int RIGHT = 20;
  private static final int TOP = 34;
  private static final int BOTTOM = 40;
  private static final Color GRID = new Color(0xe4, 0xe7, 0xea);
  private static final Color TEXT = new Color(0x40, 0x44, 0x4a);
  private static final Color[] COLORS = {
    new Color(0x1f, 0x5f, 0xb4),
    new Color(0xd0, 0x5a, 0x1e),
    new Color(0x2e, 0x8b, 0x57),
    new Color(0x80, 0x50, 0xb0)
  };

  private final BufferedImage image = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB);
  private final Graphics2D pen = image.createGraphics();
  private final Map<String, NavigableMap<Integer, Double>> runs;
  private final int steps;

  private OverlapChart(Map<String, NavigableMap<Integer, Double>> runs) {
    this.runs = runs;
    this.steps = runs.values().stream().mapToInt(NavigableMap::lastKey).max().orElse(1);
  }

  /** Draws lines of run, step, cases and median overlap; the first one is their heading. */
  static BufferedImage of(List<String> lines) {
    Map<String, NavigableMap<Integer, Double>> runs = new LinkedHashMap<>();
    for (String line : lines.subList(1, lines.size())) {
      String[] cells = line.split(",", -1);
      runs.computeIfAbsent(cells[0], run -> new TreeMap<>())
          .put(Integer.valueOf(cells[1]), Double.valueOf(cells[3]));
    }
    return new OverlapChart(runs).draw();
  }

  private BufferedImage draw() {
    pen.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    pen.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, 12));
    pen.setColor(Color.WHITE);
    pen.fillRect(0, 0, WIDTH, HEIGHT);
    for (int tenths = 0; tenths <= 10; tenths += 2) {
      int y = (int) y(tenths / 10.0);
      line(LEFT, y, WIDTH - RIGHT, y);
      pen.drawString("%d.%d".formatted(tenths / 10, tenths % 10), LEFT - 28, y + 4);
    }
    int interval = interval();
    for (int step = 0; step <= steps; step += interval) {
      int x = (int) x(step);
      line(x, TOP, x, HEIGHT - BOTTOM);
      pen.drawString(String.valueOf(step), x - 4 * String.valueOf(step).length(), HEIGHT - 22);
    }
    pen.drawString("steps; upwards the median overlap (intersection over union)", LEFT, HEIGHT - 6);
    int label = LEFT;
    int number = 0;
    for (Map.Entry<String, NavigableMap<Integer, Double>> run : runs.entrySet()) {
      pen.setColor(COLORS[number++ % COLORS.length]);
      pen.fillRect(label, 14, 16, 4);
      pen.drawString(run.getKey(), label + 22, 20);
      label += 46 + pen.getFontMetrics().stringWidth(run.getKey());
      curve(run.getValue());
    }
    pen.dispose();
    return image;
  }

  private int interval() {
    int interval = 100;
    while (steps / interval > 10) {
      interval += interval < 500 ? 100 : 500;
    }
    return interval;
  }

  private void line(int x1, int y1, int x2, int y2) {
    pen.setColor(GRID);
    pen.drawLine(x1, y1, x2, y2);
    pen.setColor(TEXT);
  }

  private void curve(NavigableMap<Integer, Double> points) {
    Path2D path = new Path2D.Double();
    points.forEach(
        (step, overlap) -> {
          if (path.getCurrentPoint() == null) {
            path.moveTo(x(step), y(overlap));
          } else {
            path.lineTo(x(step), y(overlap));
          }
          pen.fill(new Ellipse2D.Double(x(step) - 3, y(overlap) - 3, 6, 6));
        });
    pen.setStroke(new BasicStroke(2));
    pen.draw(path);
    pen.setStroke(new BasicStroke(1));
  }

  private double x(double step) {
    return LEFT + (WIDTH - LEFT - RIGHT) * step / steps;
  }

  private double y(double overlap) {
    return HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * overlap;
  }
}
