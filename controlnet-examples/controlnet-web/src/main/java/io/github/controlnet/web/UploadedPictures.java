package io.github.controlnet.web;

import io.github.controlnet.InvalidRequestException;
import io.github.controlnet.image.Images;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Base64;
import java.util.Iterator;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Decodes the pictures of requests: base64, with or without the head of a data address. An address
 * to fetch from, or a path of this machine, is refused; the size is looked at before any pixel is
 * unpacked.
 */
final class UploadedPictures {
  private static final Set<String> FORMATS = Set.of("png", "jpeg", "jpg", "gif", "bmp", "webp");

  /** How many pictures of the largest size a request may have. */
  private static final int MOST_LARGE = 4;

  private static final Pattern WHITE = Pattern.compile("\\s+");

  private final int maxPixels;

  UploadedPictures(int maxPixels) {
    this.maxPixels = maxPixels;
  }

  /** The pictures of one request, whose pixels are bounded in all: small files may hold many. */
  final class OfRequest {
    private long left = mostPixels();

    /** Decodes a picture. */
    BufferedImage read(String text, String what) {
      BufferedImage picture = UploadedPictures.this.read(text, what, left);
      left -= (long) picture.getWidth() * picture.getHeight();
      return picture;
    }

    /** Decodes a mask; where it has holes, they tell what is masked, as in the web UI. */
    BufferedImage readMask(String text, String what) {
      BufferedImage brightness = read(text, what);
      return opacity(bytes(text, what)).orElse(brightness);
    }
  }

  /** Returns how many pixels the pictures of one request may have in all. */
  long mostPixels() {
    return (long) MOST_LARGE * maxPixels;
  }

  /** Returns what reads the pictures of one request. */
  OfRequest ofRequest() {
    return new OfRequest();
  }

  /** Decodes the one picture of a request. */
  BufferedImage read(String text, String what) {
    return read(text, what, maxPixels);
  }

  /** White where a picture is opaque; empty when it is so everywhere. */
  private static Optional<BufferedImage> opacity(byte[] bytes) {
    BufferedImage raw;
    try {
      raw = ImageIO.read(new ByteArrayInputStream(bytes));
    } catch (IOException e) {
      return Optional.empty();
    }
    if (raw == null || !raw.getColorModel().hasAlpha()) {
      return Optional.empty();
    }
    int width = raw.getWidth();
    int[] row = new int[width];
    BufferedImage mask = new BufferedImage(width, raw.getHeight(), BufferedImage.TYPE_INT_RGB);
    boolean holes = false;
    for (int y = 0; y < raw.getHeight(); y++) {
      raw.getRGB(0, y, width, 1, row, 0, width);
      for (int x = 0; x < width; x++) {
        int alpha = row[x] >>> 24;
        holes |= alpha < 255;
        row[x] = alpha > 128 ? 0xffffff : 0;
      }
      mask.setRGB(0, y, width, 1, row, 0, width);
    }
    return holes ? Optional.of(mask) : Optional.empty();
  }

  private BufferedImage read(String text, String what, long most) {
    byte[] bytes = bytes(text, what);
    check(bytes, what, most);
    try {
      return Images.read(new ByteArrayInputStream(bytes));
    } catch (InvalidRequestException e) {
      throw new InvalidRequestException(
          "%s: %s".formatted(capital(what), String.valueOf(e.getMessage())), e);
    }
  }

  /** Returns the bytes of a picture's file. */
  static byte[] bytes(@Nullable String text, String what) {
    if (text == null) {
      throw new InvalidRequestException(
          "There is no " + what.replaceFirst("^the ", "") + "; expected a picture in base64.");
    }
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

  private void check(byte[] bytes, String what, long most) {
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
        if (pixels > most) {
          throw new InvalidRequestException(
              "With %s the pictures of this request have more pixels than the %d that this server takes in all. Reduce them first."
                  .formatted(what, mostPixels()));
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
