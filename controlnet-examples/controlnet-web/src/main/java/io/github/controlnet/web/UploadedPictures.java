package io.github.controlnet.web;

import io.github.controlnet.exception.InvalidRequestException;
import io.github.controlnet.exception.UnreadableImageException;
import io.github.controlnet.image.Images;
import io.github.controlnet.image.PictureHeader;
import java.awt.image.BufferedImage;
import java.util.Base64;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Decodes the pictures of requests: base64, with or without the head of a data address. An address
 * to fetch from, or a path of this machine, is refused; the size is looked at before any pixel is
 * unpacked.
 */
final class UploadedPictures {
  private static final Set<String> FORMATS = Set.of("png", "jpeg", "gif", "bmp", "webp");

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
      return counted(UploadedPictures.this.read(text, what, left, Images::read));
    }

    /** Decodes a mask. */
    BufferedImage readMask(String text, String what) {
      return counted(UploadedPictures.this.read(text, what, left, Images::readMask));
    }

    private BufferedImage counted(BufferedImage picture) {
      left -= (long) picture.getWidth() * picture.getHeight();
      return picture;
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
    return read(text, what, maxPixels, Images::read);
  }

  private BufferedImage read(
      String text, String what, long most, Function<byte[], BufferedImage> decoder) {
    byte[] bytes = bytes(text, what);
    try {
      check(Images.readHeader(bytes), what, most);
      return decoder.apply(bytes);
    } catch (InvalidRequestException | UnreadableImageException e) {
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

  private void check(PictureHeader header, String what, long most) {
    if (!FORMATS.contains(header.format())) {
      throw new InvalidRequestException(
          "The picture is %s; this server takes %s. Send it as PNG or JPEG."
              .formatted(header.format().toUpperCase(Locale.ROOT), "PNG, JPEG, GIF, BMP and WebP"));
    }
    long pixels = (long) header.width() * header.height();
    if (pixels > maxPixels) {
      throw new InvalidRequestException(
          "The picture has %d x %d pixels; this server takes at most %d in all. Reduce it first."
              .formatted(header.width(), header.height(), maxPixels));
    }
    if (pixels > most) {
      throw new InvalidRequestException(
          "With %s the pictures of this request have more pixels than the %d that this server takes in all. Reduce them first."
              .formatted(what, mostPixels()));
    }
  }

  private static String capital(String text) {
    return Character.toUpperCase(text.charAt(0)) + text.substring(1);
  }
}
