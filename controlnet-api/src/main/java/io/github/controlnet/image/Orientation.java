package io.github.controlnet.image;

import com.drew.imaging.jpeg.JpegMetadataReader;
import com.drew.imaging.jpeg.JpegProcessingException;
import com.drew.imaging.tiff.TiffMetadataReader;
import com.drew.imaging.tiff.TiffProcessingException;
import com.drew.lang.ByteArrayReader;
import com.drew.metadata.Metadata;
import com.drew.metadata.exif.ExifIFD0Directory;
import com.drew.metadata.exif.ExifReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;

/**
 * How the pixels of an image are stored, compared with how it is to be seen: the EXIF tag 274,
 * values 1 to 8 (CIPA DC-008, section 4.6.4).
 */
enum Orientation {
  UPRIGHT(false, false, false),
  MIRRORED(false, true, false),
  UPSIDE_DOWN(false, true, true),
  FLIPPED(false, false, true),
  TRANSPOSED(true, false, false),
  TURNED_LEFT(true, false, true),
  TRANSVERSED(true, true, true),
  TURNED_RIGHT(true, true, false);

  private static final int PNG_SIGNATURE_LENGTH = 8;
  private static final int PNG_EXIF_CHUNK = 0x65584966;
  private static final int WEBP_HEADER_LENGTH = 12;
  private static final int PNG_END_CHUNK = 0x49454e44;

  /** The rows of the image are stored as columns. */
  private final boolean transposed;

  /** The stored rows run backwards. */
  private final boolean reversedX;

  /** The stored columns run backwards. */
  private final boolean reversedY;

  Orientation(boolean transposed, boolean reversedX, boolean reversedY) {
    this.transposed = transposed;
    this.reversedX = reversedX;
    this.reversedY = reversedY;
  }

  /** Reads the tag; an image without a readable one is upright. */
  static Orientation read(byte[] encoded, PictureFormat format) {
    try {
      for (ExifIFD0Directory directory :
          metadata(encoded, format).getDirectoriesOfType(ExifIFD0Directory.class)) {
        Integer value = directory.getInteger(ExifIFD0Directory.TAG_ORIENTATION);
        if (value != null && value >= 1 && value <= values().length) {
          return values()[value - 1];
        }
      }
      return UPRIGHT;
    } catch (IOException
        | JpegProcessingException
        | TiffProcessingException
        | RuntimeException damaged) {
      // Damaged metadata does not spoil the image beside it.
      return UPRIGHT;
    }
  }

  /** Reads nothing but EXIF, since other metadata may be compressed without bound. */
  private static Metadata metadata(byte[] encoded, PictureFormat format)
      throws IOException, JpegProcessingException, TiffProcessingException {
    return switch (format) {
      case JPEG ->
          JpegMetadataReader.readMetadata(
              new ByteArrayInputStream(encoded), List.of(new ExifReader()));
      case TIFF -> TiffMetadataReader.readMetadata(new ByteArrayReader(encoded));
      case PNG -> exif(pngExif(encoded));
      case WEBP -> exif(webpExif(encoded));
      default -> new Metadata();
    };
  }

  /** Reads a block of EXIF; some writers leave the letters before it that JPEG has. */
  private static Metadata exif(byte[] block) {
    boolean lettered = PictureFormat.startsWith(block, 0, "Exif\0\0");
    Metadata metadata = new Metadata();
    new ExifReader()
        .extract(
            new ByteArrayReader(lettered ? Arrays.copyOfRange(block, 6, block.length) : block),
            metadata);
    return metadata;
  }

  /** Finds the chunk EXIF (RFC 9649); an empty array where there is none. */
  private static byte[] webpExif(byte[] encoded) {
    ByteBuffer chunks = ByteBuffer.wrap(encoded).order(ByteOrder.LITTLE_ENDIAN);
    int at = WEBP_HEADER_LENGTH;
    while (at <= encoded.length - 8) {
      long length = chunks.getInt(at + 4) & 0xffffffffL;
      int data = at + 8;
      if (length > encoded.length - data) {
        break;
      }
      if (PictureFormat.startsWith(encoded, at, "EXIF")) {
        return Arrays.copyOfRange(encoded, data, data + (int) length);
      }
      at = (int) Math.min(encoded.length, data + length + (length & 1));
    }
    return new byte[0];
  }

  /** Finds the chunk eXIf (PNG 1.2 extensions 1.5.0); an empty array where there is none. */
  private static byte[] pngExif(byte[] encoded) {
    ByteBuffer chunks = ByteBuffer.wrap(encoded);
    int at = PNG_SIGNATURE_LENGTH;
    while (at <= encoded.length - 12) {
      int length = chunks.getInt(at);
      int type = chunks.getInt(at + 4);
      int data = at + 8;
      if (length < 0 || length > encoded.length - data - 4 || type == PNG_END_CHUNK) {
        break;
      }
      if (type == PNG_EXIF_CHUNK) {
        return Arrays.copyOfRange(encoded, data, data + length);
      }
      at = data + length + 4;
    }
    return new byte[0];
  }

  Pixels upright(Pixels stored) {
    if (this == UPRIGHT) {
      return stored;
    }
    int stepX = reversedX ? -1 : 1;
    int stepY = reversedY ? -stored.width() : stored.width();
    int corner =
        (reversedX ? stored.width() - 1 : 0)
            + (reversedY ? (stored.height() - 1) * stored.width() : 0);
    int width = transposed ? stored.height() : stored.width();
    int height = transposed ? stored.width() : stored.height();
    int right = transposed ? stepY : stepX;
    int down = transposed ? stepX : stepY;
    int[] source = stored.rgb();
    int[] target = new int[source.length];
    int at = 0;
    for (int y = 0; y < height; y++) {
      int from = corner + y * down;
      for (int x = 0; x < width; x++) {
        target[at++] = source[from + x * right];
      }
    }
    return new Pixels(width, height, target);
  }
}
