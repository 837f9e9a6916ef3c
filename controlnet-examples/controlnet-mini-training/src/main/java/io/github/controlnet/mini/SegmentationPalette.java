package io.github.controlnet.mini;

import java.awt.Color;

/** One colour a shape in segmentation maps; what lies behind is black. */
final class SegmentationPalette {
  private SegmentationPalette() {}

  static Color of(ShapeKind kind) {
    return switch (kind) {
      case CIRCLE -> new Color(255, 60, 60);
      case SQUARE -> new Color(60, 255, 60);
      case TRIANGLE -> new Color(60, 60, 255);
      case DIAMOND -> new Color(255, 255, 60);
      case STAR -> new Color(255, 60, 255);
      case CROSS -> new Color(60, 255, 255);
    };
  }
}
