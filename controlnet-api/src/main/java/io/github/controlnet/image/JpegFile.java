package io.github.controlnet.image;

import java.awt.Dimension;
import java.awt.image.Raster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import javax.imageio.ImageReader;

/**
 * A JPEG file (ITU-T T.81). Java's decoder sees it without application data and comments, and gives
 * the samples as stored; what they mean is decided as in libjpeg's {@code
 * default_decompress_parms}: by JFIF's marker, Adobe's, and the components' numbers.
 */
final class JpegFile implements PictureFile {
  /**
   * No encoder writes more than some 20 scans. Each costs as much time as the image is large, and a
   * scan without content a few bytes.
   */
  static final int MOST_SCANS = 100;

  private static final int START_OF_IMAGE = 0xd8;
  private static final int END_OF_IMAGE = 0xd9;
  private static final int START_OF_SCAN = 0xda;
  private static final int HUFFMAN_TABLES = 0xc4;
  private static final int LATER_EXTENSIONS = 0xc8;
  private static final int ARITHMETIC_CONDITIONING = 0xcc;
  private static final int FIRST_APPLICATION = 0xe0;
  private static final int LAST_APPLICATION = 0xef;
  private static final int ADOBE = 0xee;
  private static final int COMMENT = 0xfe;

  private static final int JFIF_LENGTH = 14;
  private static final int ADOBE_LENGTH = 12;
  private static final int NO_ADOBE = -1;

  /** What the stored components are. */
  private enum Colours {
    GREY,
    RGB,
    YCC,
    CMYK,
    YCCK
  }

  private final byte[] file;
  private final ByteArrayOutputStream kept;
  private int width;
  private int height;
  private byte[] components = {};
  private boolean jfif;
  private int adobe = NO_ADOBE;
  private int scans;

  private JpegFile(byte[] file) {
    this.file = file.clone(); // its components get other numbers
    this.kept = new ByteArrayOutputStream(file.length);
  }

  static JpegFile parse(byte[] file) throws PictureException {
    JpegFile jpeg = new JpegFile(file);
    jpeg.walk();
    if (jpeg.components.length == 0) {
      throw new PictureException(
          "is damaged or truncated: it is a JPEG without a frame. Copy or download it again.");
    }
    jpeg.colours(); // refuses what has none
    return jpeg;
  }

  private void walk() throws PictureException {
    kept.write(file, 0, 2);
    int at = 2;
    while (true) {
      at = nextMarker(at);
      int marker = at < file.length ? file[at] & 255 : 0;
      if (marker == END_OF_IMAGE) {
        kept.write(0xff);
        kept.write(marker);
        return;
      }
      if (at + 3 > file.length) {
        return; // cut off: the decoder misses the end
      }
      if (isAlone(marker)) {
        kept.write(0xff);
        kept.write(marker);
        at++;
        continue;
      }
      int length = word(at + 1);
      int end = Math.min(file.length, at + 1 + Math.max(2, length));
      read(marker, at + 3, end);
      if (marker == START_OF_SCAN) {
        end = endOfScan(end);
      }
      if ((marker < FIRST_APPLICATION || marker > LAST_APPLICATION) && marker != COMMENT) {
        kept.write(0xff);
        kept.write(file, at, end - at);
      }
      at = end;
    }
  }

  /** Passes over what is no marker, and fill bytes; returns where the marker's number is. */
  private int nextMarker(int from) {
    int at = from;
    while (at + 1 < file.length && (file[at] != -1 || file[at + 1] == 0 || file[at + 1] == -1)) {
      at++;
    }
    return at + 1;
  }

  private int endOfScan(int from) {
    int at = from;
    while (at + 1 < file.length) {
      int next = file[at + 1] & 255;
      if (file[at] == -1 && next != 0 && next != 0xff && !isRestart(next)) {
        return at;
      }
      at++;
    }
    return file.length;
  }

  private static boolean isRestart(int marker) {
    return marker >= 0xd0 && marker <= 0xd7;
  }

  private static boolean isAlone(int marker) {
    return isRestart(marker) || marker == START_OF_IMAGE || marker == 1;
  }

  private int word(int at) {
    return (file[at] & 255) << 8 | (file[at + 1] & 255);
  }

  private void read(int marker, int from, int end) throws PictureException {
    int length = end - from;
    if (marker == START_OF_SCAN) {
      scans++;
      renumberScan(from, length);
      if (scans > MOST_SCANS) {
        throw new PictureException(
            "is a JPEG of more than %d scans; expected the 20 or so of the usual encoders at most. Save it as PNG or as a usual JPEG."
                .formatted(MOST_SCANS));
      }
    } else if (marker == FIRST_APPLICATION) {
      jfif |= scans == 0 && length >= JFIF_LENGTH && startsWith("JFIF\0", from);
    } else if (marker == ADOBE) {
      if (scans == 0 && length >= ADOBE_LENGTH && startsWith("Adobe", from)) {
        adobe = file[from + 11] & 255;
      }
    } else if (marker == ARITHMETIC_CONDITIONING) {
      throw unread("arithmetic coding");
    } else if (marker >= 0xc0
        && marker <= 0xcf
        && marker != HUFFMAN_TABLES
        && marker != LATER_EXTENSIONS) {
      readFrame(marker, from, length);
    }
  }

  private boolean startsWith(String text, int from) {
    byte[] wanted = text.getBytes(StandardCharsets.US_ASCII);
    for (int i = 0; i < wanted.length; i++) {
      if (file[from + i] != wanted[i]) {
        return false;
      }
    }
    return true;
  }

  private void readFrame(int marker, int from, int length) throws PictureException {
    if (marker > LATER_EXTENSIONS) {
      throw unread("arithmetic coding");
    }
    if (marker == 0xc3) {
      throw unread("lossless coding");
    }
    if (marker > 0xc4) {
      throw unread("hierarchical coding");
    }
    if (length < 6 || length < 6 + 3 * (file[from + 5] & 255)) {
      return; // cut off: the decoder says so
    }
    int precision = file[from] & 255;
    if (precision != 8) {
      throw unread(precision + " bits a sample");
    }
    height = word(from + 1);
    width = word(from + 3);
    if (height == 0) {
      throw unread("a height that is told after its data");
    }
    components = new byte[file[from + 5] & 255];
    for (int i = 0; i < components.length; i++) {
      components[i] = file[from + 6 + 3 * i];
      file[from + 6 + 3 * i] = (byte) (i + 1);
    }
  }

  /**
   * Numbers a scan's components by their places, as the frame's were. Where several of the frame
   * have one number, each is meant once, in order, as in libjpeg-turbo; libjpeg 6 refuses those.
   */
  private void renumberScan(int from, int length) {
    int count = length > 0 ? file[from] & 255 : 0;
    if (length < 1 + 2 * count) {
      return; // cut off: the decoder says so
    }
    boolean[] used = new boolean[components.length];
    for (int i = 0; i < count; i++) {
      int at = from + 1 + 2 * i;
      int place = 0;
      while (place < components.length && (used[place] || components[place] != file[at])) {
        place++;
      }
      file[at] = (byte) (place + 1); // one too many for a number that the frame does not have
      if (place < components.length) {
        used[place] = true;
      }
    }
  }

  private static PictureException unread(String what) {
    return new PictureException(
        "is a JPEG with %s, which is not read. Save it as PNG or as a usual JPEG.".formatted(what));
  }

  private Colours colours() throws PictureException {
    return switch (components.length) {
      case 1 -> Colours.GREY;
      case 3 -> threeColours();
      case 4 -> adobe == NO_ADOBE || adobe == 0 ? Colours.CMYK : Colours.YCCK;
      default ->
          throw new PictureException(
              "is a JPEG of %d components; expected 1 (grey), 3 (colour) or 4 (CMYK). Save it as PNG."
                  .formatted(components.length));
    };
  }

  private Colours threeColours() {
    if (jfif) {
      return Colours.YCC;
    }
    if (adobe != NO_ADOBE) {
      return adobe == 0 ? Colours.RGB : Colours.YCC;
    }
    boolean letters = components[0] == 'R' && components[1] == 'G' && components[2] == 'B';
    return letters ? Colours.RGB : Colours.YCC;
  }

  @Override
  public byte[] decodable() {
    return kept.toByteArray();
  }

  @Override
  public Dimension size(ImageReader reader) {
    return new Dimension(width, height);
  }

  @Override
  public StoredPixels decode(ImageReader reader) throws IOException {
    Colours colours = colours();
    TruncationListener truncation = new TruncationListener();
    reader.addIIOReadWarningListener(truncation);
    Raster raster = reader.readRaster(0, null);
    if (truncation.heard()) {
      throw new PictureException(
          "is truncated: its data end before the picture does. Copy or download it again.");
    }
    int bands = raster.getNumBands();
    if (bands != components.length) {
      throw new IOException(bands + " bands for " + components.length + " components");
    }
    int[] target = new int[raster.getWidth() * raster.getHeight()];
    int[] row = new int[raster.getWidth() * bands];
    int at = 0;
    for (int y = 0; y < raster.getHeight(); y++) {
      raster.getPixels(raster.getMinX(), raster.getMinY() + y, raster.getWidth(), 1, row);
      for (int i = 0; i < row.length; i += bands) {
        target[at++] =
            switch (colours) {
              case GREY -> StoredPixels.pack(255, row[i], row[i], row[i]);
              case RGB -> StoredPixels.pack(255, row[i], row[i + 1], row[i + 2]);
              case YCC -> rgb(row[i], row[i + 1], row[i + 2]);
              case CMYK ->
                  light(StoredPixels.pack(255, row[i], row[i + 1], row[i + 2]), row[i + 3]);
              case YCCK -> light(rgb(row[i], row[i + 1], row[i + 2]) ^ 0xffffff, row[i + 3]);
            };
      }
    }
    return new StoredPixels(raster.getWidth(), raster.getHeight(), target);
  }

  /** ITU-R BT.601 of the full range, in the 16-bit fractions of libjpeg. */
  private static int rgb(int luma, int blue, int red) {
    int cb = blue - 128;
    int cr = red - 128;
    return StoredPixels.pack(
        255,
        clip(luma + ((91881 * cr + 32768) >> 16)),
        clip(luma + ((-22554 * cb - 46802 * cr + 32768) >> 16)),
        clip(luma + ((116130 * cb + 32768) >> 16)));
  }

  private static int clip(int value) {
    return Math.max(0, Math.min(255, value));
  }

  /** Inks are stored inverted, as Adobe's programs do and other readers take for granted. */
  private static int light(int inks, int black) {
    return StoredPixels.ofInks(
        255 - (inks >> 16 & 255), 255 - (inks >> 8 & 255), 255 - (inks & 255), 255 - black);
  }
}
