package io.github.controlnet.image;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.Locale;
import java.util.Optional;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;

/** The kinds of image files that are read, told from their first bytes. */
enum PictureFormat {
  PNG,
  JPEG,
  GIF,
  BMP,
  TIFF,
  WEBP,
  OTHER;

  /** For messages. */
  static final String READ = "PNG, JPEG, GIF, BMP and TIFF";

  private static final String JAVA_READERS = "java.desktop";

  static PictureFormat of(byte[] file) {
    if (startsWith(file, 0, "\u0089PNG\r\n\u001a\n")) {
      return PNG;
    }
    if (startsWith(file, 0, "\u00ff\u00d8")) {
      return JPEG;
    }
    if (startsWith(file, 0, "GIF87a") || startsWith(file, 0, "GIF89a")) {
      return GIF;
    }
    if (startsWith(file, 0, "BM")) {
      return BMP;
    }
    if (startsWith(file, 0, "II*\0") || startsWith(file, 0, "MM\0*")) {
      return TIFF;
    }
    return startsWith(file, 0, "RIFF") && startsWith(file, 8, "WEBP") ? WEBP : OTHER;
  }

  /** Compares bytes with Latin-1 letters. */
  static boolean startsWith(byte[] file, int at, String letters) {
    byte[] wanted = letters.getBytes(StandardCharsets.ISO_8859_1);
    if (at + wanted.length > file.length) {
      return false;
    }
    for (int i = 0; i < wanted.length; i++) {
      if (file[at + i] != wanted[i]) {
        return false;
      }
    }
    return true;
  }

  PictureFile open(byte[] file) throws IOException {
    return switch (this) {
      case PNG -> PngFile.parse(file);
      case JPEG -> JpegFile.parse(file);
      case GIF -> GifFile.parse(file);
      case BMP -> OtherFile.bmp(file);
      case TIFF -> TiffFile.parse(file);
      case WEBP -> OtherFile.webp(file);
      case OTHER -> OtherFile.of(file);
    };
  }

  /**
   * Finds the decoder: Java's own, also where the application has others for the same format, since
   * their samples may be converted; for formats that Java has none for, whichever there is.
   */
  Optional<ImageReader> reader(ImageInputStream input) {
    Iterator<ImageReader> readers =
        this == OTHER || this == WEBP
            ? ImageIO.getImageReaders(input)
            : ImageIO.getImageReadersByFormatName(name().toLowerCase(Locale.ROOT));
    ImageReader found = null;
    while (readers.hasNext()) {
      ImageReader reader = readers.next();
      boolean own = JAVA_READERS.equals(reader.getClass().getModule().getName());
      if (found == null || own) {
        found = reader;
      }
      if (own) {
        break;
      }
    }
    return Optional.ofNullable(found);
  }
}
