package io.github.controlnet.web;

import io.github.controlnet.InvalidRequestException;
import io.github.controlnet.image.Images;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Base64;
import java.util.Iterator;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * Decodes the pictures of requests: base64, with or without the head of a data address. An address
 * to fetch from, or a path of this machine, is refused; the size is looked at before any pixel is
 * unpacked.
 */
final class UploadedPictures {
  private static final Set<String> FORMATS = Set.of("png", "jpeg", "jpg", "gif", "bmp", "webp");

  private static final Pattern WHITE = Pattern.compile("\\s+");

  private final int maxPixels;

  UploadedPictures(int maxPixels) {
    this.maxPixels = maxPixels;
  }

  /** Decodes a picture. */
  BufferedImage read(String text, String what) {
    byte[] bytes = bytes(text, what);
    check(bytes, what);
    try {
      return Images.read(new ByteArrayInputStream(bytes));
    } catch (InvalidRequestException e) {
      throw new InvalidRequestException(
          "%s: %s".formatted(capital(what), String.valueOf(e.getMessage())), e);
    }
  }

  /** Returns the bytes of a picture's file. */
  static byte[] bytes(String text, String what) {
    String encoded = text.strip();
    if (encoded.startsWith("data:")) {
      int comma = encoded.indexOf(',');
      if (comma < 0 || !encoded.substring(0, comma).endsWith(";base64")) {
        throw notBase64(what);
      }
      encoded = encoded.substring(comma + 1);
    }
    try {
      byte[] bytes = Base64.getDecoder().decode(WHITE.matcher(encoded).replaceAll(""));
      if (bytes.length == 0) {
        throw notBase64(what);
      }
      return bytes;
    } catch (IllegalArgumentException e) {
      throw notBase64(what);
    }
  }

  private static InvalidRequestException notBase64(String what) {
    return new InvalidRequestException(
        "%s is no picture in base64; addresses and paths are not fetched."
            .formatted(capital(what)));
  }

  private void check(byte[] bytes, String what) {
    try (ImageInputStream input =
        new MemoryCacheImageInputStream(new ByteArrayInputStream(bytes))) {
      Iterator<ImageReader> readers = ImageIO.getImageReaders(input);
      if (!readers.hasNext()) {
        throw unreadable(what);
      }
      ImageReader reader = readers.next();
      try {
        if (!FORMATS.contains(reader.getFormatName().toLowerCase(Locale.ROOT))) {
          throw unreadable(what);
        }
        reader.setInput(input, true, true);
        long pixels = (long) reader.getWidth(0) * reader.getHeight(0);
        if (pixels > maxPixels) {
          throw new InvalidRequestException(
              "%s has %d x %d pixels; this server takes at most %d in all. Reduce it first."
                  .formatted(capital(what), reader.getWidth(0), reader.getHeight(0), maxPixels));
        }
      } finally {
        reader.dispose();
      }
    } catch (IOException | RuntimeException e) {
      // Java's decoders meet damaged files with exceptions of many kinds.
      throw e instanceof InvalidRequestException refused ? refused : unreadable(what);
    }
  }

  private static InvalidRequestException unreadable(String what) {
    return new InvalidRequestException(
        "%s is damaged or of a kind that is not read; send PNG or JPEG.".formatted(capital(what)));
  }

  private static String capital(String text) {
    return Character.toUpperCase(text.charAt(0)) + text.substring(1);
  }
}
