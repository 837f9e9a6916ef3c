package io.github.controlnet.image;

import java.awt.Dimension;
import java.awt.image.Raster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import javax.imageio.ImageReader;

/**
 * A PNG file (ISO/IEC 15948). Java's decoder sees its header, palette and data alone: it would
 * unpack compressed texts and profiles without bound, and does not know transparent colours of
 * every depth.
 */
final class PngFile implements PictureFile {
  private static final int SIGNATURE_LENGTH = 8;
  private static final int HEADER_LENGTH = 13;

  /** A chunk's length, type and checksum. */
  private static final int FRAME = 12;

  private static final int HEADER = 0x49484452;
  private static final int PALETTE = 0x504c5445;
  private static final int DATA = 0x49444154;
  private static final int END = 0x49454e44;
  private static final int TRANSPARENCY = 0x74524e53;

  private static final int GREY = 0;
  private static final int RGB = 2;
  private static final int INDEXED = 3;
  private static final int GREY_ALPHA = 4;
  private static final int RGB_ALPHA = 6;

  private final byte[] decodable;
  private final ByteBuffer header;
  private final byte[] palette;
  private final byte[] transparency;

  private PngFile(byte[] decodable, byte[] header, byte[] palette, byte[] transparency) {
    this.decodable = decodable;
    this.header = ByteBuffer.wrap(header);
    this.palette = palette;
    this.transparency = transparency;
  }

  static PngFile parse(byte[] file) throws PictureException {
    ByteArrayOutputStream kept = new ByteArrayOutputStream(file.length);
    kept.write(file, 0, SIGNATURE_LENGTH);
    ByteBuffer chunks = ByteBuffer.wrap(file);
    byte[] header = {};
    byte[] palette = {};
    byte[] transparency = {};
    int at = SIGNATURE_LENGTH;
    boolean ended = false;
    while (!ended && at + FRAME <= file.length) {
      int length = chunks.getInt(at);
      int type = chunks.getInt(at + 4);
      int data = at + 8;
      // what is cut off is left to the decoder, which misses it
      int end = length < 0 ? file.length : (int) Math.min(file.length, (long) data + length);
      byte[] content = {};
      if (type == HEADER || type == PALETTE || type == TRANSPARENCY) {
        content = Arrays.copyOfRange(file, data, end);
      }
      switch (type) {
        case HEADER -> header = content;
        case PALETTE -> palette = content;
        case TRANSPARENCY -> transparency = content;
        default -> ended = type == END;
      }
      at = Math.min(file.length, end + 4);
      if (type == HEADER || type == PALETTE || type == DATA || type == END) {
        kept.write(file, data - 8, at - data + 8);
      }
    }
    if (header.length != HEADER_LENGTH) {
      throw new PictureException(
          "is damaged or truncated: it is a PNG without a header. Copy or download it again.");
    }
    return new PngFile(kept.toByteArray(), header, palette, transparency);
  }

  @Override
  public byte[] decodable() {
    return decodable;
  }

  @Override
  public Dimension size(ImageReader reader) throws IOException {
    int width = header.getInt(0);
    int height = header.getInt(4);
    if (width < 1 || height < 1) {
      throw new IOException("a PNG of %d x %d pixels".formatted(width, height));
    }
    return new Dimension(width, height);
  }

  @Override
  public StoredPixels decode(ImageReader reader) throws IOException {
    Raster raster = reader.read(0).getRaster();
    int depth = header.get(8);
    int type = header.get(9);
    int bands = raster.getNumBands();
    if (bands != bands(type)) {
      throw new IOException("%d bands for colour type %d".formatted(bands, type));
    }
    int[] colours = type == INDEXED ? colours() : new int[0];
    int[] hidden = hidden(type);
    int[] target = new int[raster.getWidth() * raster.getHeight()];
    int[] row = new int[raster.getWidth() * bands];
    int at = 0;
    for (int y = 0; y < raster.getHeight(); y++) {
      raster.getPixels(raster.getMinX(), raster.getMinY() + y, raster.getWidth(), 1, row);
      for (int i = 0; i < row.length; i += bands) {
        if (type == INDEXED) {
          target[at++] = StoredPixels.colour(colours, row[i]);
          continue;
        }
        boolean coloured = type == RGB || type == RGB_ALPHA;
        int red = StoredPixels.toByte(row[i], depth);
        int green = coloured ? StoredPixels.toByte(row[i + 1], depth) : red;
        int blue = coloured ? StoredPixels.toByte(row[i + 2], depth) : red;
        int alpha = equal(row, i, hidden) ? 0 : 255;
        if (type == GREY_ALPHA || type == RGB_ALPHA) {
          alpha = StoredPixels.toByte(row[i + bands - 1], depth);
        }
        target[at++] = StoredPixels.pack(alpha, red, green, blue);
      }
    }
    return new StoredPixels(raster.getWidth(), raster.getHeight(), target);
  }

  private static int bands(int type) {
    return switch (type) {
      case GREY_ALPHA -> 2;
      case RGB -> 3;
      case RGB_ALPHA -> 4;
      default -> 1;
    };
  }

  private int[] colours() {
    int[] colours = new int[palette.length / 3];
    for (int i = 0; i < colours.length; i++) {
      int alpha = i < transparency.length ? transparency[i] & 255 : 255;
      colours[i] =
          StoredPixels.pack(
              alpha, palette[3 * i] & 255, palette[3 * i + 1] & 255, palette[3 * i + 2] & 255);
    }
    return colours;
  }

  /** The samples, as stored, of the colour that is transparent; none where there is none. */
  private int[] hidden(int type) {
    int samples = type == GREY ? 1 : type == RGB ? 3 : 0;
    if (transparency.length < 2 * samples) {
      return new int[0];
    }
    int[] hidden = new int[samples];
    for (int i = 0; i < samples; i++) {
      hidden[i] = (transparency[2 * i] & 255) << 8 | (transparency[2 * i + 1] & 255);
    }
    return hidden;
  }

  private static boolean equal(int[] row, int at, int[] hidden) {
    for (int i = 0; i < hidden.length; i++) {
      if (row[at + i] != hidden[i]) {
        return false;
      }
    }
    return hidden.length > 0;
  }
}
