package io.github.controlnet.web;

import io.github.controlnet.ControlMode;
import io.github.controlnet.image.ResizeMode;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.imageio.ImageIO;

/**
 * What somebody asks for, whatever the door.
 *
 * @param name says what is special about it
 * @param settings texts and numbers, as they are typed
 * @param init the file of a picture to start from
 * @param mask the file of its mask
 * @param controls one for each control
 */
record DoorInput(
    String name,
    Map<String, String> settings,
    Optional<byte[]> init,
    Optional<byte[]> mask,
    List<Control> controls) {
  static final int SIDE = 64;

  private static final Map<String, String> USUAL =
      Map.ofEntries(
          Map.entry("prompt", "red circle with blue background"),
          Map.entry("negative", ""),
          Map.entry("weighted", "false"),
          Map.entry("seed", "5"),
          Map.entry("steps", "2"),
          Map.entry("sampler", "euler"),
          Map.entry("guidance", "3"),
          Map.entry("eta", "0"),
          Map.entry("clipSkip", "1"),
          Map.entry("strength", "0.75"),
          Map.entry("width", Integer.toString(SIDE)),
          Map.entry("height", Integer.toString(SIDE)));

  /**
   * One control.
   *
   * @param image the file of its picture
   * @param detect short side of what the annotator sees; 0 for the usual
   * @param mask the file of the region where it acts
   */
  record Control(
      byte[] image,
      String annotator,
      int detect,
      double scale,
      double start,
      double end,
      ControlMode mode,
      ResizeMode resize,
      Optional<byte[]> mask) {
    static Control of(byte[] image) {
      return new Control(
          image, "canny", 0, 1, 0, 1, ControlMode.BALANCED, ResizeMode.STRETCH, Optional.empty());
    }

    Control by(String name) {
      return new Control(image, name, detect, scale, start, end, mode, resize, mask);
    }

    Control seen(int resolution) {
      return new Control(image, annotator, resolution, scale, start, end, mode, resize, mask);
    }

    Control scaled(double by) {
      return new Control(image, annotator, detect, by, start, end, mode, resize, mask);
    }

    Control within(double first, double last) {
      return new Control(image, annotator, detect, scale, first, last, mode, resize, mask);
    }

    Control as(ControlMode other) {
      return new Control(image, annotator, detect, scale, start, end, other, resize, mask);
    }

    Control fitted(ResizeMode other) {
      return new Control(image, annotator, detect, scale, start, end, mode, other, mask);
    }

    Control masked(byte[] region) {
      return new Control(
          image, annotator, detect, scale, start, end, mode, resize, Optional.of(region));
    }
  }

  /** Describes an input by where it is unlike the usual one: names and values in turn. */
  static DoorInput of(String name, String... unusual) {
    Map<String, String> settings = new HashMap<>(USUAL);
    for (int i = 0; i < unusual.length; i += 2) {
      if (settings.put(unusual[i], unusual[i + 1]) == null) {
        throw new IllegalArgumentException(unusual[i]);
      }
    }
    return new DoorInput(name, Map.copyOf(settings), Optional.empty(), Optional.empty(), List.of());
  }

  DoorInput from(byte[] image) {
    return new DoorInput(name, settings, Optional.of(image), mask, controls);
  }

  DoorInput masked(byte[] shape) {
    return new DoorInput(name, settings, init, Optional.of(shape), controls);
  }

  DoorInput with(Control... several) {
    return new DoorInput(name, settings, init, mask, List.of(several));
  }

  String text(String setting) {
    String value = settings.get(setting);
    if (value == null) {
      throw new IllegalArgumentException(setting);
    }
    return value;
  }

  int integer(String setting) {
    return Integer.parseInt(text(setting));
  }

  double number(String setting) {
    return Double.parseDouble(text(setting));
  }

  boolean weighted() {
    return Boolean.parseBoolean(text("weighted"));
  }

  @Override
  public String toString() {
    return name;
  }

  /** Draws a disc and encodes it as PNG. */
  static byte[] disc(int width, int height, Color around, Color within) {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_ARGB);
    Graphics2D graphics = image.createGraphics();
    graphics.setBackground(around);
    graphics.clearRect(0, 0, width, height);
    graphics.setColor(within);
    graphics.fillOval(width / 4, height / 4, width / 2, height / 2);
    graphics.dispose();
    // Without transparency, as most programs save such a picture.
    return around.getAlpha() == 255 && within.getAlpha() == 255
        ? png(opaque(image, BufferedImage.TYPE_INT_RGB))
        : png(image);
  }

  /** Draws the same in 16 bits of grey. */
  static byte[] deep(byte[] png) throws IOException {
    BufferedImage image = ImageIO.read(new ByteArrayInputStream(png));
    return png(opaque(image, BufferedImage.TYPE_USHORT_GRAY));
  }

  private static BufferedImage opaque(BufferedImage image, int type) {
    BufferedImage copy = new BufferedImage(image.getWidth(), image.getHeight(), type);
    Graphics2D graphics = copy.createGraphics();
    graphics.drawImage(image, 0, 0, null);
    graphics.dispose();
    return copy;
  }

  private static byte[] png(BufferedImage image) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      ImageIO.write(image, "png", out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }
}
