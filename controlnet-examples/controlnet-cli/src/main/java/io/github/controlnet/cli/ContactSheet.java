package io.github.controlnet.cli;

import io.github.controlnet.image.Images;
import io.github.controlnet.image.Resampling;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;

/** Small pictures in rows, each with its name below. */
final class ContactSheet {
  private static final int SIDE = 256;
  private static final int CAPTION = 22;
  private static final int MARGIN = 8;
  private static final int BASELINE = 16;

  private record Entry(String caption, BufferedImage picture) {}

  private final List<Entry> entries = new ArrayList<>();

  /** Adds a picture; only its small version is kept. */
  void add(String caption, BufferedImage picture) {
    double scale = Math.min(1, (double) SIDE / Math.max(picture.getWidth(), picture.getHeight()));
    entries.add(
        new Entry(
            caption,
            Images.resize(
                picture,
                Math.max(1, (int) Math.round(picture.getWidth() * scale)),
                Math.max(1, (int) Math.round(picture.getHeight() * scale)),
                Resampling.AREA)));
  }

  BufferedImage draw() {
    int columns = (int) Math.ceil(Math.sqrt(entries.size()));
    int rows = (entries.size() + columns - 1) / columns;
    int tallest = entries.stream().mapToInt(entry -> entry.picture().getHeight()).max().orElse(1);
    int widest = entries.stream().mapToInt(entry -> entry.picture().getWidth()).max().orElse(1);
    int cellWidth = Math.max(widest, SIDE / 2) + MARGIN;
    int cellHeight = tallest + CAPTION + MARGIN;
    BufferedImage sheet =
        new BufferedImage(
            columns * cellWidth + MARGIN, rows * cellHeight + MARGIN, BufferedImage.TYPE_INT_RGB);
    Graphics2D pen = sheet.createGraphics();
    try {
      pen.setColor(Color.WHITE);
      pen.fillRect(0, 0, sheet.getWidth(), sheet.getHeight());
      pen.setColor(Color.BLACK);
      for (int i = 0; i < entries.size(); i++) {
        int x = MARGIN + i % columns * cellWidth;
        int y = MARGIN + i / columns * cellHeight;
        pen.drawImage(entries.get(i).picture(), x, y, null);
        caption(pen, entries.get(i).caption(), x, y + tallest + BASELINE);
      }
    } finally {
      pen.dispose();
    }
    return sheet;
  }

  private static void caption(Graphics2D pen, String text, int x, int y) {
    try {
      pen.setRenderingHint(
          RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
      pen.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, 13));
      pen.drawString(text, x, y);
    } catch (RuntimeException | InternalError e) {
      // A server without any font: the names are printed in the order of the pictures anyway.
      pen.fillRect(x, y, 1, 1);
    }
  }
}
