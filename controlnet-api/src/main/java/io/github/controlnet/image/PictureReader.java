package io.github.controlnet.image;

import io.github.controlnet.exception.InvalidRequestException;
import io.github.controlnet.exception.UnreadableImageException;
import java.awt.Dimension;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.function.Function;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/** Decodes image files, turning every way in which one can be wrong into a clear sentence. */
final class PictureReader {
  /** No encoded image of {@link Images#MAX_PIXELS} pixels needs more. */
  private static final int MAX_BYTES = 1 << 30;

  static final String UNNAMED = "The picture";

  private PictureReader() {}

  static byte[] bytes(Path file) {
    String name = name(file);
    if (!Files.exists(file)) {
      throw new UnreadableImageException(
          "%s does not exist; check the path%s."
              .formatted(name, file.isAbsolute() ? "" : " (it is relative to the working folder)"));
    }
    if (Files.isDirectory(file)) {
      throw new UnreadableImageException(name + " is a folder; expected a picture file.");
    }
    try {
      long size = Files.size(file);
      if (size > MAX_BYTES) {
        throw tooLong(name, size);
      }
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UnreadableImageException(
          "%s cannot be read: %s. Check its permissions.".formatted(name, e), e);
    }
  }

  static String name(Path file) {
    return "The picture " + file;
  }

  static byte[] bytes(InputStream stream) {
    try {
      byte[] encoded = stream.readNBytes(MAX_BYTES);
      if (encoded.length == MAX_BYTES) {
        throw tooLong(UNNAMED, MAX_BYTES);
      }
      return encoded;
    } catch (IOException e) {
      throw new UnreadableImageException(
          "%s cannot be read from its stream: %s.".formatted(UNNAMED, e), e);
    }
  }

  /** Reads a photograph: transparency is put over white. */
  static BufferedImage read(byte[] encoded, String name) {
    return read(encoded, name, StoredPixels::overWhite);
  }

  /** Reads a mask: {@link StoredPixels#mask}. */
  static BufferedImage readMask(byte[] encoded, String name) {
    return read(encoded, name, StoredPixels::mask);
  }

  private static BufferedImage read(
      byte[] encoded, String name, Function<StoredPixels, Pixels> meaning) {
    return with(
        encoded,
        name,
        (file, reader) -> {
          Dimension size = file.size(reader);
          checkSize(size.width, size.height, name);
          Pixels pixels = meaning.apply(file.decode(reader));
          return Orientation.read(encoded, PictureFormat.of(encoded)).upright(pixels).toImage();
        });
  }

  /** Reads what is known of an image before it is decoded. */
  static PictureHeader header(byte[] encoded, String name) {
    return with(
        encoded,
        name,
        (file, reader) -> {
          Dimension size = file.size(reader);
          PictureFormat format = PictureFormat.of(encoded);
          String word = format == PictureFormat.OTHER ? reader.getFormatName() : format.name();
          return new PictureHeader(word.toLowerCase(Locale.ROOT), size.width, size.height);
        });
  }

  private interface Use<T> {
    T apply(PictureFile file, ImageReader reader) throws IOException;
  }

  private static <T> T with(byte[] encoded, String name, Use<T> use) {
    if (encoded.length == 0) {
      throw new UnreadableImageException(
          "%s is empty; expected a picture (%s are read).".formatted(name, PictureFormat.READ));
    }
    PictureFormat format = PictureFormat.of(encoded);
    try {
      PictureFile file = format.open(encoded);
      try (ImageInputStream input =
          new MemoryCacheImageInputStream(new ByteArrayInputStream(file.decodable()))) {
        ImageReader reader =
            format.reader(input).orElseThrow(() -> UnreadPicture.refused(name, encoded));
        try {
          reader.setInput(input, true, true);
          return use.apply(file, reader);
        } finally {
          reader.dispose();
        }
      }
    } catch (PictureException e) {
      throw new UnreadableImageException(name + " " + e.getMessage(), e);
    } catch (UnreadableImageException | InvalidRequestException e) {
      String message = String.valueOf(e.getMessage());
      throw e instanceof UnreadableImageException own && message.startsWith(name)
          ? own
          : new UnreadableImageException("%s: %s".formatted(name, message), e);
    } catch (OutOfMemoryError e) {
      // Files may claim tiles or samples that no heap holds, whatever the size of the image.
      throw new UnreadableImageException(
          "%s needs more memory to be read than the Java heap of %d MiB has left. Save it as PNG, reduce it, or raise -Xmx."
              .formatted(name, Runtime.getRuntime().maxMemory() >> 20),
          e);
    } catch (IOException | RuntimeException e) {
      // Java's decoders meet damaged files with index, argument and state exceptions.
      throw damaged(name, e);
    }
  }

  private static void checkSize(int width, int height, String name) {
    long pixels = (long) width * height;
    if (pixels > Images.MAX_PIXELS) {
      throw new UnreadableImageException(
          "%s has %d x %d pixels; expected at most %d in all. Reduce it first."
              .formatted(name, width, height, Images.MAX_PIXELS));
    }
    // The decoded samples and the packed copy.
    long needed = pixels * 8;
    long heap = Runtime.getRuntime().maxMemory();
    if (needed > heap) {
      throw new UnreadableImageException(
          "%s has %d x %d pixels and needs about %d MiB to be read; the Java heap may grow to %d MiB. Reduce the picture or raise -Xmx."
              .formatted(name, width, height, needed >> 20, heap >> 20));
    }
  }

  private static UnreadableImageException tooLong(String name, long size) {
    return new UnreadableImageException(
        "%s has %d bytes; expected a picture file of less than %d."
            .formatted(name, size, MAX_BYTES));
  }

  private static UnreadableImageException damaged(String name, Exception cause) {
    return new UnreadableImageException(
        "%s is damaged or truncated, or of a kind that is not read (%s). Copy it again, or save it as PNG."
            .formatted(name, cause.getMessage() == null ? cause : cause.getMessage()),
        cause);
  }
}
