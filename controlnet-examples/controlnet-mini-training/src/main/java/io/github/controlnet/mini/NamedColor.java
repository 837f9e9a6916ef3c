package io.github.controlnet.mini;

import java.awt.Color;
import java.util.Comparator;
import java.util.List;

/**
 * A colour that prompts name: one of 24 of CSS, each at least 60 from every other in RGB.
 *
 * @param name as prompts write it
 * @param red 0 to 255
 * @param green 0 to 255
 * @param blue 0 to 255
 */
public record NamedColor(String name, int red, int green, int blue) {
  /** All of them, in a fixed order. */
  public static final List<NamedColor> ALL =
      List.of(
          new NamedColor("red", 255, 0, 0),
          new NamedColor("blue", 0, 0, 255),
          new NamedColor("green", 0, 128, 0),
          new NamedColor("yellow", 255, 255, 0),
          new NamedColor("white", 255, 255, 255),
          new NamedColor("black", 0, 0, 0),
          new NamedColor("purple", 128, 0, 128),
          new NamedColor("orange", 255, 165, 0),
          new NamedColor("gray", 128, 128, 128),
          new NamedColor("brown", 165, 42, 42),
          new NamedColor("pink", 255, 192, 203),
          new NamedColor("cyan", 0, 255, 255),
          new NamedColor("magenta", 255, 0, 255),
          new NamedColor("lime", 0, 255, 0),
          new NamedColor("navy", 0, 0, 128),
          new NamedColor("teal", 0, 128, 128),
          new NamedColor("olive", 128, 128, 0),
          new NamedColor("salmon", 250, 128, 114),
          new NamedColor("turquoise", 64, 224, 208),
          new NamedColor("violet", 238, 130, 238),
          new NamedColor("tan", 210, 180, 140),
          new NamedColor("crimson", 220, 20, 60),
          new NamedColor("chocolate", 210, 105, 30),
          new NamedColor("sky blue", 135, 206, 235));

  /** The colour of the name, or the one that is meant: the nearest to a measured value. */
  static NamedColor nearest(double red, double green, double blue) {
    return ALL.stream()
        .min(Comparator.comparingDouble(c -> c.distance(red, green, blue)))
        .orElseThrow();
  }

  /** Euclidean distance in RGB. */
  double distance(double otherRed, double otherGreen, double otherBlue) {
    return Math.sqrt(
        (red - otherRed) * (red - otherRed)
            + (green - otherGreen) * (green - otherGreen)
            + (blue - otherBlue) * (blue - otherBlue));
  }

  Color awt() {
    return new Color(red, green, blue);
  }

  /**
   * Whether no training picture shows the one on or beside the other: a fifth of the ordered pairs,
   * spread evenly over the colours.
   */
  static boolean isHeldOut(NamedColor shape, NamedColor background) {
    return Math.floorMod(ALL.indexOf(shape) * 2 + ALL.indexOf(background), 5) == 0;
  }
}
