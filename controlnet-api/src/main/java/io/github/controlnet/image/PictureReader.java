package io.github.controlnet.image;

import io.github.controlnet.InvalidRequestException;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Locale;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/** Decodes picture files, turning every way in which one can be wrong into a clear sentence. */
final class PictureReader {
  /** No encoded picture of {@link Images#MAX_PIXELS} pixels needs more. */
  private static final int MAX_BYTES = 1 << 30;

  private PictureReader() {}

  static BufferedImage read(Path file) {
    String name = "The picture " + file;
    if (!Files.exists(file)) {
      throw new InvalidRequestException(
          "%s does not exist; check the path%s."
              .formatted(name, file.isAbsolute() ? "" : " (it is relative to the working folder)"));
    }
    if (Files.isDirectory(file)) {
      throw new InvalidRequestException(name + " is a folder; expected a picture file.");
    }
    try {
      long size = Files.size(file);
      if (size > MAX_BYTES) {
        throw tooLong(name, size);
      }
      return read(Files.readAllBytes(file), name);
    } catch (IOException e) {
      throw new InvalidRequestException(
          "%s cannot be read: %s. Check its permissions.".formatted(name, e), e);
    }
  }

  static BufferedImage read(InputStream stream) {
    String name = "The picture";
    try {
      byte[] encoded = stream.readNBytes(MAX_BYTES);
      if (encoded.length == MAX_BYTES) {
        throw tooLong(name, MAX_BYTES);
      }
      return read(encoded, name);
    } catch (IOException e) {
      throw new InvalidRequestException(
          "%s cannot be read from its stream: %s.".formatted(name, e), e);
    }
  }

  static BufferedImage read(byte[] encoded, String name) {
    if (encoded.length == 0) {
      throw new InvalidRequestException(
          "%s is empty; expected a picture (%s are read).".formatted(name, PictureFormat.READ));
    }
    try (ImageInputStream input =
        new MemoryCacheImageInputStream(new ByteArrayInputStream(encoded))) {
      Iterator<ImageReader> readers = ImageIO.getImageReaders(input);
      if (!readers.hasNext()) {
        throw notAPicture(name, encoded);
      }
      ImageReader reader = readers.next();
      try {
        reader.setInput(input, true, true);
        return decode(reader, encoded, name);
      } finally {
        reader.dispose();
      }
    } catch (IOException e) {
      throw damaged(name, e);
    }
  }

  private static BufferedImage decode(ImageReader reader, byte[] encoded, String name)
      throws IOException {
    try {
      PictureFormat format = PictureFormat.of(reader.getFormatName());
      checkSize(reader.getWidth(0), reader.getHeight(0), name);
      TruncationListener truncation = new TruncationListener();
      reader.addIIOReadWarningListener(truncation);
      Pixels pixels =
          format == PictureFormat.JPEG && !isGreyOrRgb(reader)
              ? CmykJpeg.decode(reader, encoded)
              : Pixels.of(reader.read(0));
      if (truncation.heard()) {
        throw new InvalidRequestException(
            "%s is truncated: its data end before the picture does. Copy or download it again."
                .formatted(name));
      }
      return Orientation.read(encoded, format).upright(pixels).toImage();
    } catch (InvalidRequestException e) {
      throw e;
    } catch (RuntimeException e) {
      // Java's decoders meet damaged files with index, argument and state exceptions.
      throw damaged(name, e);
    }
  }

  private static boolean isGreyOrRgb(ImageReader reader) throws IOException {
    Iterator<ImageTypeSpecifier> types = reader.getImageTypes(0);
    return types.hasNext() && types.next().getNumBands() <= 3;
  }

  private static void checkSize(int width, int height, String name) {
    long pixels = (long) width * height;
    if (pixels > Images.MAX_PIXELS) {
      throw new InvalidRequestException(
          "%s has %d x %d pixels; expected at most %d in all. Reduce it first."
              .formatted(name, width, height, Images.MAX_PIXELS));
    }
    // The decoded samples and the packed copy.
    long needed = pixels * 8;
    long heap = Runtime.getRuntime().maxMemory();
    if (needed > heap) {
      throw new InvalidRequestException(
          "%s has %d x %d pixels and needs about %d MiB to be read; the Java heap may grow to %d MiB. Reduce the picture or raise -Xmx."
              .formatted(name, width, height, needed >> 20, heap >> 20));
    }
  }

  private static InvalidRequestException tooLong(String name, long size) {
    return new InvalidRequestException(
        "%s has %d bytes; expected a picture file of less than %d."
            .formatted(name, size, MAX_BYTES));
  }

  private static InvalidRequestException damaged(String name, Exception cause) {
    return new InvalidRequestException(
        "%s is damaged or truncated, or of a kind that is not read (%s). Copy it again, or save it as PNG."
            .formatted(name, cause.getMessage() == null ? cause : cause.getMessage()),
        cause);
  }

  private static InvalidRequestException notAPicture(String name, byte[] encoded) {
    return new InvalidRequestException(
        "%s is not a picture that can be read%s; %s are read."
            .formatted(name, guess(encoded), PictureFormat.READ));
  }

  private static String guess(byte[] encoded) {
    String start =
        new String(encoded, 0, Math.min(encoded.length, 64), StandardCharsets.ISO_8859_1);
    String text = start.stripLeading().toLowerCase(Locale.ROOT);
    if (start.startsWith("RIFF") && start.startsWith("WEBP", 8)) {
      return " (it is WebP)";
    }
    if (start.startsWith("ftyp", 4)) {
      return " (it is HEIF, AVIF or a film)";
    }
    if (text.startsWith("<!doctype html") || text.startsWith("<html")) {
      return " (it is a web page)";
    }
    if (text.startsWith("<?xml") || text.startsWith("<svg")) {
      return " (it is XML or SVG)";
    }
    if (start.startsWith("%PDF")) {
      return " (it is PDF)";
    }
    return "";
  }
}
