package io.github.controlnet.image;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import javax.imageio.ImageReader;

/** A picture file whose pixels are taken as Java's decoder gives them, its profile hidden. */
final class OtherFile implements PictureFile {
  private static final int BMP_HEADER = 14;
  private static final int BMP_V4_LENGTH = 108;
  private static final int BMP_COLOUR_SPACE = BMP_HEADER + 56;
  private static final int BMP_SRGB = 0x73524742;

  private static final int TIFF_PALETTE = 320;
  private static final int TIFF_PROFILE = 34675;

  /** A private tag that nobody has registered. */
  private static final int TIFF_NOTHING = 34674;

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

  /** Gives a profile in the first directory (TIFF 6.0, section 2) a tag that says nothing. */
  static OtherFile tiff(byte[] file) {
    byte[] copy = file.clone();
    ByteBuffer tags =
        ByteBuffer.wrap(copy)
            .order(copy[0] == 'I' ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
    if (copy.length >= 8 && tags.getShort(2) == 42) {
      long directory = tags.getInt(4) & 0xffffffffL;
      if (directory + 2 <= copy.length) {
        int count = tags.getShort((int) directory) & 0xffff;
        long last = Math.min(directory + 2 + 12L * count, copy.length - 11L);
        for (long at = directory + 2; at < last; at += 12) {
          int tag = tags.getShort((int) at) & 0xffff;
          if (tag == TIFF_PROFILE) {
            tags.putShort((int) at, (short) TIFF_NOTHING);
          } else if (tag == TIFF_PALETTE) {
            keepHighBytes(tags, tags.getInt((int) at + 8), tags.getInt((int) at + 4));
          }
        }
      }
    }
    return new OtherFile(copy);
  }

  /** A palette's 16 bits become 8 as everywhere, where Java would round them. */
  private static void keepHighBytes(ByteBuffer tags, int from, int count) {
    if (from < 0 || count < 0 || from + 2L * count > tags.capacity()) {
      return; // the decoder says so
    }
    for (int at = from; at < from + 2 * count; at += 2) {
      int high = tags.getShort(at) >> 8 & 255;
      tags.putShort(at, (short) (high * 257));
    }
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
