package io.github.controlnet.image;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import javax.imageio.ImageReader;

/** An image file whose pixels are taken as Java's decoder gives them, its profile hidden. */
final class OtherFile implements PictureFile {
  private static final int BMP_HEADER = 14;
  private static final int BMP_V4_LENGTH = 108;
  private static final int BMP_COLOUR_SPACE = BMP_HEADER + 56;
  private static final int BMP_SRGB = 0x73524742;

  private static final int RIFF_HEADER = 12;
  private static final int VP8X_LENGTH = 18;
  private static final int VP8X_PROFILE = 0x20;

  private final byte[] decodable;

  private OtherFile(byte[] decodable) {
    this.decodable = decodable;
  }

  static OtherFile of(byte[] file) {
    return new OtherFile(file);
  }

  /** Calls every bitmap's colours sRGB: Java knows few kinds of their own, and applies those. */
  static OtherFile bmp(byte[] file) {
    byte[] copy = file.clone();
    ByteBuffer header = ByteBuffer.wrap(copy).order(ByteOrder.LITTLE_ENDIAN);
    if (copy.length >= BMP_HEADER + BMP_V4_LENGTH && header.getInt(BMP_HEADER) >= BMP_V4_LENGTH) {
      header.putInt(BMP_COLOUR_SPACE, BMP_SRGB);
    }
    return new OtherFile(copy);
  }

  /** Leaves the chunk ICCP of the WebP container (RFC 9649) out. */
  static OtherFile webp(byte[] file) {
    ByteBuffer chunks = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    ByteArrayOutputStream kept = new ByteArrayOutputStream(file.length);
    kept.write(file, 0, RIFF_HEADER);
    int at = RIFF_HEADER;
    while (at + 8 <= file.length) {
      long length = 8 + (chunks.getInt(at + 4) & 0xffffffffL);
      int end = (int) Math.min(file.length, at + length + (length & 1));
      if (!PictureFormat.startsWith(file, at, "ICCP")) {
        kept.write(file, at, end - at);
      }
      at = end;
    }
    byte[] copy = kept.toByteArray();
    ByteBuffer.wrap(copy).order(ByteOrder.LITTLE_ENDIAN).putInt(4, copy.length - 8);
    if (PictureFormat.startsWith(copy, RIFF_HEADER, "VP8X")
        && copy.length > RIFF_HEADER + VP8X_LENGTH) {
      copy[RIFF_HEADER + 8] &= ~VP8X_PROFILE;
    }
    return new OtherFile(copy);
  }

  @Override
  public byte[] decodable() {
    return decodable;
  }

  @Override
  public StoredPixels decode(ImageReader reader) throws IOException {
    return StoredPixels.of(reader.read(0));
  }
}
