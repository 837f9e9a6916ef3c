package io.github.controlnet.core.provenance;

import io.github.controlnet.core.request.RequestSource;
import io.github.controlnet.exception.InvalidRequestException;
import io.github.controlnet.image.Images;
import io.github.controlnet.internal.Values;
import io.github.controlnet.model.Lora;
import java.awt.image.BufferedImage;
import java.nio.ByteBuffer;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * The pictures inside a record. Small files may hold large pictures: each is decoded once, however
 * often it is named, and their pixels are bounded in all before any is unpacked.
 */
final class RecordedPictures implements RequestSource {
  /** Where a PNG file tells its width: signature, length and type of the first chunk go before. */
  private static final int WIDTH_AT = 16;

  private static final long SIGNATURE = 0x89504e470d0a1a0aL;
  private static final int HEADER = 0x49484452;

  private final Map<String, String> texts;
  private final Map<String, BufferedImage> photographs = new HashMap<>();
  private final Map<String, BufferedImage> masks = new HashMap<>();
  private final long most;
  private long left;

  RecordedPictures(Map<String, String> texts, long most) {
    this.texts = texts;
    this.most = most;
    this.left = most;
  }

  @Override
  public BufferedImage image(String key) {
    return get(key, photographs, Images::read);
  }

  @Override
  public BufferedImage mask(String key) {
    return get(key, masks, Images::readMask);
  }

  /** A name alone, for which whoever has the models finds the file. */
  @Override
  public Lora lora(String name) {
    try {
      return Lora.of(Path.of(name));
    } catch (InvalidPathException e) {
      throw new InvalidRequestException("\"%s\" is no name of a file".formatted(name), e);
    }
  }

  private BufferedImage get(
      String key, Map<String, BufferedImage> decoded, Function<byte[], BufferedImage> decoder) {
    BufferedImage known = decoded.get(key);
    if (known != null) {
      return known;
    }
    String encoded = texts.get(key);
    if (encoded == null) {
      throw new InvalidRequestException(
          "it names \"%s\", which the file does not have; another program has rewritten it"
              .formatted(key));
    }
    byte[] png = Base64.getDecoder().decode(encoded);
    long pixels = pixels(png, key);
    if (pixels > left) {
      throw new InvalidRequestException(
          "with \"%s\" its pictures have more than %d pixels in all".formatted(key, most));
    }
    left -= pixels;
    // Copied once here, it is shared by all inputs that name it.
    BufferedImage picture = Values.copy(decoder.apply(png), key);
    decoded.put(key, picture);
    return picture;
  }

  private static long pixels(byte[] png, String key) {
    ByteBuffer file = ByteBuffer.wrap(png);
    if (png.length < WIDTH_AT + 8 || file.getLong(0) != SIGNATURE || file.getInt(12) != HEADER) {
      throw new InvalidRequestException("\"%s\" is no PNG".formatted(key));
    }
    long width = file.getInt(WIDTH_AT);
    long height = file.getInt(WIDTH_AT + 4);
    if (width < 1 || height < 1) {
      throw new InvalidRequestException("\"%s\" is %d x %d".formatted(key, width, height));
    }
    return width * height;
  }
}
