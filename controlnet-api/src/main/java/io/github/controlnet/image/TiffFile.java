package io.github.controlnet.image;

import java.awt.image.BufferedImage;
import java.awt.image.Raster;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import javax.imageio.ImageReader;

/** A TIFF file (TIFF 6.0), whose first directory is changed so that Java's decoder sees samples. */
final class TiffFile implements PictureFile {
  private static final int HEADER_LENGTH = 8;
  private static final int ENTRY_LENGTH = 12;
  private static final int PHOTOMETRIC = 262;
  private static final int PALETTE = 320;
  private static final int PROFILE = 34675;

  /** A private tag that nobody has registered. */
  private static final int NOTHING = 34674;

  private static final int CMYK = 5;
  private static final int INKS = 4;

  /** L*a*b* of three kinds: CIE's, ICC's and ITU's. */
  private static final int FIRST_LAB = 8;

  private static final int LAST_LAB = 10;

  private final byte[] decodable;
  private int photometric;

  private TiffFile(byte[] decodable) {
    this.decodable = decodable;
  }

  static TiffFile parse(byte[] file) throws PictureException {
    TiffFile tiff = new TiffFile(file.clone());
    tiff.change();
    if (tiff.photometric >= FIRST_LAB && tiff.photometric <= LAST_LAB) {
      throw new PictureException(
          "is a TIFF of L*a*b* samples, which are not read. Save it as PNG.");
    }
    return tiff;
  }

  private void change() {
    ByteBuffer tags =
        ByteBuffer.wrap(decodable)
            .order(decodable[0] == 'I' ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
    long directory = decodable.length < HEADER_LENGTH ? -1 : tags.getInt(4) & 0xffffffffL;
    if (directory < 0 || directory + 2 > decodable.length) {
      return; // the decoder says so
    }
    long end = directory + 2 + ENTRY_LENGTH * (tags.getShort((int) directory) & 0xffffL);
    for (long entry = directory + 2;
        entry + ENTRY_LENGTH <= Math.min(end, decodable.length);
        entry += ENTRY_LENGTH) {
      int at = (int) entry;
      switch (tags.getShort(at) & 0xffff) {
        case PHOTOMETRIC -> photometric = tags.getShort(at + 8);
        case PROFILE -> tags.putShort(at, (short) NOTHING);
        case PALETTE -> keepHighBytes(tags, tags.getInt(at + 8), tags.getInt(at + 4));
        default -> {
          // says nothing of colours
        }
      }
    }
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

  @Override
  public byte[] decodable() {
    return decodable;
  }

  @Override
  public StoredPixels decode(ImageReader reader) throws IOException {
    BufferedImage image = reader.read(0);
    Raster raster = image.getRaster();
    if (photometric != CMYK || raster.getNumBands() != INKS) {
      return StoredPixels.of(image);
    }
    int bits = raster.getSampleModel().getSampleSize(0);
    int[] target = new int[raster.getWidth() * raster.getHeight()];
    int[] row = new int[raster.getWidth() * INKS];
    int at = 0;
    for (int y = 0; y < raster.getHeight(); y++) {
      raster.getPixels(raster.getMinX(), raster.getMinY() + y, raster.getWidth(), 1, row);
      for (int i = 0; i < row.length; i += INKS) {
        // unlike in JPEG, more is darker
        target[at++] =
            StoredPixels.ofInks(
                StoredPixels.toByte(row[i], bits),
                StoredPixels.toByte(row[i + 1], bits),
                StoredPixels.toByte(row[i + 2], bits),
                StoredPixels.toByte(row[i + 3], bits));
      }
    }
    return new StoredPixels(raster.getWidth(), raster.getHeight(), target);
  }
}
