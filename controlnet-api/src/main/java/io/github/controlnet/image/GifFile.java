package io.github.controlnet.image;

import java.awt.Dimension;
import java.awt.image.Raster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import javax.imageio.ImageReader;

/**
 * A GIF file (GIF89a). The image is its screen, on which the first frame lies somewhere; around it
 * is what Pillow puts there: nothing where the image has a transparent colour, else the first
 * colour of its palette. Java's decoder sees the first image alone and knows nothing of a screen.
 */
final class GifFile implements PictureFile {
  private static final int HEADER_LENGTH = 13;
  private static final int DESCRIPTOR_LENGTH = 10;
  private static final int EXTENSION = 0x21;
  private static final int CONTROL = 0xf9;
  private static final int IMAGE = 0x2c;
  private static final int TRAILER = 0x3b;
  private static final int NONE = -1;

  private final byte[] file;
  private final byte[] decodable;
  private final int image;
  private final int[] colours;

  private GifFile(byte[] file, byte[] decodable, int image, int[] colours) {
    this.file = file;
    this.decodable = decodable;
    this.image = image;
    this.colours = colours;
  }

  static GifFile parse(byte[] file) throws PictureException {
    if (file.length < HEADER_LENGTH) {
      throw cutOff();
    }
    int body = HEADER_LENGTH + paletteLength(file[10]);
    int at = body;
    int transparent = NONE;
    while (at < file.length && (file[at] & 255) != IMAGE) {
      int kind = file[at] & 255;
      if (kind == TRAILER) {
        throw new PictureException("is a GIF without a picture. Copy or download it again.");
      }
      if (kind == EXTENSION) {
        if (at + 7 < file.length && (file[at + 1] & 255) == CONTROL && file[at + 2] == 4) {
          transparent = (file[at + 3] & 1) == 0 ? NONE : file[at + 6] & 255;
        }
        at = endOfBlocks(file, at + 2);
      } else {
        at++; // what is between blocks is passed over
      }
    }
    if (at + DESCRIPTOR_LENGTH >= file.length) {
      throw cutOff();
    }
    int local = paletteLength(file[at + 9]);
    int data = at + DESCRIPTOR_LENGTH + local;
    // the smallest code's size, then blocks
    int end = endOfBlocks(file, data + 1);
    if (end > file.length) {
      throw cutOff();
    }
    ByteArrayOutputStream kept = new ByteArrayOutputStream();
    kept.write(file, 0, body);
    kept.write(file, at, end - at);
    kept.write(TRAILER);
    int from = local > 0 ? at + DESCRIPTOR_LENGTH : HEADER_LENGTH;
    return new GifFile(
        file,
        kept.toByteArray(),
        at,
        colours(file, from, local > 0 ? local : body - HEADER_LENGTH, transparent));
  }

  private static PictureException cutOff() {
    return new PictureException(
        "is truncated: its data end before the picture does. Copy or download it again.");
  }

  private static int paletteLength(byte flags) {
    return (flags & 0x80) == 0 ? 0 : 3 << ((flags & 7) + 1);
  }

  /** Returns where the blocks end that begin at a place; beyond the file when they do not. */
  private static int endOfBlocks(byte[] file, int from) {
    int at = from;
    while (at < file.length && file[at] != 0) {
      at += 1 + (file[at] & 255);
    }
    return at + 1;
  }

  private static int[] colours(byte[] file, int from, int length, int transparent) {
    int[] colours = new int[length == 0 ? 256 : length / 3];
    for (int i = 0; i < colours.length; i++) {
      int at = from + 3 * i;
      colours[i] =
          length == 0
              ? StoredPixels.pack(255, i, i, i)
              : StoredPixels.pack(255, file[at] & 255, file[at + 1] & 255, file[at + 2] & 255);
    }
    if (transparent != NONE && transparent < colours.length) {
      colours[transparent] &= 0xffffff;
    }
    return colours;
  }

  @Override
  public byte[] decodable() {
    return decodable;
  }

  /** The screen; where the image does not fit into it, it is as large as both. */
  @Override
  public Dimension size(ImageReader reader) {
    return new Dimension(
        Math.max(word(6), word(image + 1) + word(image + 5)),
        Math.max(word(8), word(image + 3) + word(image + 7)));
  }

  private int word(int at) {
    return (file[at] & 255) | (file[at + 1] & 255) << 8;
  }

  @Override
  public StoredPixels decode(ImageReader reader) throws IOException {
    Dimension size = size(reader);
    Raster raster = reader.read(0).getRaster();
    int[] target = new int[size.width * size.height];
    Arrays.fill(target, around());
    int width = raster.getWidth();
    int[] row = new int[width];
    for (int y = 0; y < raster.getHeight(); y++) {
      raster.getSamples(raster.getMinX(), raster.getMinY() + y, width, 1, 0, row);
      int at = (word(image + 3) + y) * size.width + word(image + 1);
      for (int index : row) {
        target[at++] = StoredPixels.colour(colours, index);
      }
    }
    return new StoredPixels(size.width, size.height, target);
  }

  private int around() {
    for (int colour : colours) {
      if (colour >>> 24 == 0) {
        return colour;
      }
    }
    return colours[0];
  }
}
