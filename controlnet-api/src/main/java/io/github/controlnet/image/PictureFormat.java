package io.github.controlnet.image;

import java.util.Locale;

/** The kinds of picture files that are read. */
enum PictureFormat {
  PNG,
  JPEG,
  GIF,
  BMP,
  TIFF,
  OTHER;

  /** For messages. */
  static final String READ = "PNG, JPEG, GIF, BMP and TIFF";

  static PictureFormat of(String name) {
    return switch (name.toLowerCase(Locale.ROOT)) {
      case "png" -> PNG;
      case "jpeg", "jpg" -> JPEG;
      case "gif" -> GIF;
      case "bmp", "wbmp" -> BMP;
      case "tiff", "tif" -> TIFF;
      default -> OTHER;
    };
  }
}
