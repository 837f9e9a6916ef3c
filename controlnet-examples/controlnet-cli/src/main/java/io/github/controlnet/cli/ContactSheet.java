package io.github.controlnet.cli;

import io.github.controlnet.image.Images;
import io.github.controlnet.image.Resampling;
import java.awt.Color;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;

/** Small pictures side by side, each with its name below. */
final class ContactSheet {
  private static final int LONGEST_SIDE = 256;
  private static final int GAP = 8;
  private static final Font FONT = new Font(Font.SANS_SERIF, Font.PLAIN, 13);

  private record Tile(String name, BufferedImage picture) {}

  private final List<Tile> tiles = new ArrayList<>();

  /**
   * Starts a sheet.
   *
   * @throws CommandFailure when there are no fonts, before anything is computed
   */
  ContactSheet() {
    try {
      metrics();
    } catch (RuntimeException | LinkageError | InternalError e) {
      throw new CommandFailure(
          "Java finds no fonts to name the pictures with (%s); install fontconfig and a font, such as Debian's fonts-dejavu-core."
              .formatted(e),
          e);
    }
  }

  private static FontMetrics metrics() {
    Graphics2D graphics = new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB).createGraphics();
    try {
      return graphics.getFontMetrics(FONT);
    } finally {
      graphics.dispose();
    }
  }

  /** Adds a picture; only its small version is kept. */
  void add(String name, BufferedImage whole) {
    BufferedImage picture = whole;
    int longest = Math.max(picture.getWidth(), picture.getHeight());
    if (longest > LONGEST_SIDE) {
      picture =
          Images.resize(
              picture,
              Math.max(1, picture.getWidth() * LONGEST_SIDE / longest),
              Math.max(1, picture.getHeight() * LONGEST_SIDE / longest),
              Resampling.AREA);
    }
    tiles.add(new Tile(name, picture));
  }

  /** Names the pictures so far. */
  List<String> names() {
    return tiles.stream().map(Tile::name).toList();
  }

  /** Draws the sheet, about as wide as it is high. */
  BufferedImage draw() {
    FontMetrics metrics = metrics();
    int longest = names().stream().mapToInt(metrics::stringWidth).max().orElse(0);
    int widest = tiles.stream().mapToInt(tile -> tile.picture().getWidth()).max().orElse(1);
    int tallest = tiles.stream().mapToInt(tile -> tile.picture().getHeight()).max().orElse(1);
    int width = Math.max(longest, widest) + GAP;
    int height = tallest + metrics.getHeight() + GAP;
    int columns = (int) Math.ceil(Math.sqrt((double) tiles.size() * height / width));
    int rows = (tiles.size() + columns - 1) / columns;
    BufferedImage sheet =
        new BufferedImage(columns * width + GAP, rows * height + GAP, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = sheet.createGraphics();
    graphics.setColor(Color.WHITE);
    graphics.fillRect(0, 0, sheet.getWidth(), sheet.getHeight());
    graphics.setColor(Color.BLACK);
    graphics.setFont(FONT);
    graphics.setRenderingHint(
        RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    for (int i = 0; i < tiles.size(); i++) {
      Tile tile = tiles.get(i);
      int x = GAP + i % columns * width;
      int y = GAP + i / columns * height;
      graphics.drawImage(tile.picture(), x, y, null);
      graphics.drawString(tile.name(), x, y + tallest + metrics.getAscent());
    }
    graphics.dispose();
    return sheet;
  }
}
