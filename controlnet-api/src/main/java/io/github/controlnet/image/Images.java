package io.github.controlnet.image;

import io.github.controlnet.exception.InvalidRequestException;
import io.github.controlnet.exception.UnreadableImageException;
import java.awt.Dimension;
import java.awt.image.BufferedImage;
import java.io.InputStream;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Reads, converts and resizes images. Every method returns a new image of type {@link
 * BufferedImage#TYPE_INT_RGB} and leaves its input as it was; all of them may be called from many
 * threads.
 */
public final class Images {
  /** The most pixels that an image may have, read or made: as many as 16384 x 16384. */
  public static final int MAX_PIXELS = 1 << 28;

  /**
   * The most that the long side of an image may be of its short side, where something is scaled by
   * the short side, annotated or generated: 16. A strip of 1 x 500 pixels would else become one of
   * 512 x 256000.
   */
  public static final int MAX_ASPECT = 16;

  /** What the sides of a photograph are rounded to. */
  private static final int RESOLUTION_MULTIPLE = 64;

  private Images() {}

  /**
   * Reads an image file as 8-bit RGB. The result is the samples that are stored, whatever profiles
   * and other metadata say and however broken those are; EXIF orientation is honoured, transparency
   * is put over white (see {@link #toRgb}), 16-bit samples keep their high byte. What the
   * components of a JPEG are is decided as in libjpeg; CMYK is converted as in Pillow. A GIF is its
   * whole screen. Of an animation, the first image is read.
   *
   * @param file a PNG, JPEG (also CMYK), GIF, BMP or TIFF file, and WebP and whatever else the
   *     application has an ImageIO reader for
   * @return an image of type {@link BufferedImage#TYPE_INT_RGB}
   * @throws UnreadableImageException when it is missing, a folder, not an image, truncated, of a
   *     kind that is not read (such as a JPEG with arithmetic coding, or of more than 100 scans),
   *     or has more than {@link #MAX_PIXELS} pixels; the size is checked before anything is decoded
   */
  public static BufferedImage read(Path file) {
    byte[] encoded = PictureReader.bytes(required(file, "The picture's path"));
    return PictureReader.read(encoded, PictureReader.name(file));
  }

  /**
   * Reads an image from memory; the same as {@link #read(Path)} otherwise.
   *
   * @param encoded the bytes of an image file
   * @return an image of type {@link BufferedImage#TYPE_INT_RGB}
   * @throws UnreadableImageException as {@link #read(Path)}
   */
  public static BufferedImage read(byte[] encoded) {
    return PictureReader.read(required(encoded, "The picture"), PictureReader.UNNAMED);
  }

  /**
   * Reads an image from a stream, to its end; the same as {@link #read(Path)} otherwise.
   *
   * @param stream holds the bytes of one image file; it is not closed
   * @return an image of type {@link BufferedImage#TYPE_INT_RGB}
   * @throws UnreadableImageException as {@link #read(Path)}, also when the stream fails
   */
  public static BufferedImage read(InputStream stream) {
    byte[] encoded = PictureReader.bytes(required(stream, "The picture's stream"));
    return PictureReader.read(encoded, PictureReader.UNNAMED);
  }

  /**
   * Reads an image file as a mask: as {@link #toMask} takes an image, which {@link #read} would put
   * over white first.
   *
   * @param file a file of the kinds that {@link #read(Path)} reads
   * @return a grey image of type {@link BufferedImage#TYPE_INT_RGB}, white where it masks
   * @throws UnreadableImageException as {@link #read(Path)}
   */
  public static BufferedImage readMask(Path file) {
    byte[] encoded = PictureReader.bytes(required(file, "The mask's path"));
    return PictureReader.readMask(encoded, PictureReader.name(file));
  }

  /**
   * Reads a mask from memory; the same as {@link #readMask(Path)} otherwise.
   *
   * @param encoded the bytes of an image file
   * @return a grey image of type {@link BufferedImage#TYPE_INT_RGB}, white where it masks
   * @throws UnreadableImageException as {@link #read(Path)}
   */
  public static BufferedImage readMask(byte[] encoded) {
    return PictureReader.readMask(required(encoded, "The mask"), PictureReader.UNNAMED);
  }

  /**
   * Reads what an image's file says before its pixels: nothing is decoded.
   *
   * @param encoded the bytes of an image file
   * @return its format and size
   * @throws UnreadableImageException when it is not an image, or of a kind that is not read
   */
  public static PictureHeader readHeader(byte[] encoded) {
    return PictureReader.header(required(encoded, "The picture"), PictureReader.UNNAMED);
  }

  /**
   * Converts an image to 8-bit RGB by its stored values, with no colour management: grey g becomes
   * (g, g, g), 16-bit samples keep their high byte. Transparency is put over white as the original
   * code's {@code HWC3} does: {@code colour * alpha + 255 * (1 - alpha)} in float32, the fraction
   * cut off.
   *
   * @param image any image with 8-bit or 16-bit samples, packed pixels or a palette
   * @return a new image of type {@link BufferedImage#TYPE_INT_RGB}
   * @throws UnreadableImageException when its samples are of another kind, such as float
   */
  public static BufferedImage toRgb(BufferedImage image) {
    return StoredPixels.of(required(image, "The picture")).overWhite().toImage();
  }

  /**
   * Takes an image as a mask, as Stable Diffusion web UI does: where any of it is transparent, its
   * opacity masks and its colours say nothing, so that white, black or red on nothing is one mask;
   * an image without transparency masks by its brightness (the luma of ITU-R 601, as Pillow's mode
   * {@code L}). Every mask of a request is taken so.
   *
   * @param image any image that {@link #toRgb} converts
   * @return a new grey image of type {@link BufferedImage#TYPE_INT_RGB}, white where it masks
   * @throws UnreadableImageException when its samples are of another kind, such as float
   */
  public static BufferedImage toMask(BufferedImage image) {
    return StoredPixels.of(required(image, "The mask")).mask().toImage();
  }

  /**
   * Resizes an image. Each way of resampling gives what OpenCV 4.9's {@code cv2.resize} gives on
   * 8-bit RGB, bit for bit.
   *
   * @param image any image that {@link #toRgb} converts
   * @param width new width in pixels, at least 1
   * @param height new height in pixels, at least 1
   * @param resampling how pixels are computed
   * @return a new image
   * @throws IllegalArgumentException when a side is below 1
   * @throws InvalidRequestException when the result exceeds {@link #MAX_PIXELS}
   */
  public static BufferedImage resize(
      BufferedImage image, int width, int height, Resampling resampling) {
    required(image, "The picture");
    required(resampling, "The resampling");
    if (width < 1 || height < 1) {
      throw new IllegalArgumentException(
          "The new size is %d x %d; expected at least 1 x 1.".formatted(width, height));
    }
    checkPixels(width, height);
    return Pixels.of(image).resize(width, height, resampling).toImage();
  }

  /**
   * Resizes a photograph as the original code does ({@code resize_image} of {@code
   * annotator/util.py}): to {@link #resolutionSize}, by Lanczos when enlarging, by area when
   * reducing.
   *
   * @param photo any image that {@link #toRgb} converts
   * @param shortSide the resolution in pixels, at least 64
   * @return a new image, its sides multiples of 64
   * @throws IllegalArgumentException when the resolution is below 64
   * @throws InvalidRequestException when the long side is more than {@link #MAX_ASPECT} times the
   *     short one, or the result exceeds {@link #MAX_PIXELS}
   */
  public static BufferedImage resizeToResolution(BufferedImage photo, int shortSide) {
    required(photo, "The photograph");
    Dimension size = resolutionSize(photo.getWidth(), photo.getHeight(), shortSide);
    boolean enlarging = shortSide > Math.min(photo.getWidth(), photo.getHeight());
    return resize(
        photo, size.width, size.height, enlarging ? Resampling.LANCZOS4 : Resampling.AREA);
  }

  /**
   * Computes the size that the original code gives a photograph: both sides scaled so that the
   * shorter one is the resolution, then each rounded to a multiple of 64, half to even, and at
   * least 64.
   *
   * @param width of the photograph in pixels, at least 1
   * @param height of the photograph in pixels, at least 1
   * @param shortSide the resolution in pixels, at least 64
   * @return the new width and height in pixels
   * @throws IllegalArgumentException when a side is below 1 or the resolution below 64
   * @throws InvalidRequestException when the long side is more than {@link #MAX_ASPECT} times the
   *     short one, or the result exceeds {@link #MAX_PIXELS}
   */
  public static Dimension resolutionSize(int width, int height, int shortSide) {
    if (width < 1 || height < 1) {
      throw new IllegalArgumentException(
          "The photograph's size is %d x %d; expected at least 1 x 1.".formatted(width, height));
    }
    checkAspect("The photograph", width, height);
    if (shortSide < RESOLUTION_MULTIPLE) {
      throw new IllegalArgumentException(
          "The resolution is %d; expected at least %d pixels for the short side."
              .formatted(shortSide, RESOLUTION_MULTIPLE));
    }
    double scale = (double) shortSide / Math.min(width, height);
    double newWidth = roundToMultiple(width * scale);
    double newHeight = roundToMultiple(height * scale);
    checkPixels(newWidth, newHeight);
    return new Dimension((int) newWidth, (int) newHeight);
  }

  /**
   * Refuses an image that is too long for its short side.
   *
   * @param what the image, as the beginning of a sentence, such as {@code The control image}
   * @param width in pixels, at least 1
   * @param height in pixels, at least 1
   * @throws InvalidRequestException when the long side is more than {@link #MAX_ASPECT} times the
   *     short one
   */
  public static void checkAspect(String what, int width, int height) {
    if (Math.max(width, height) > (long) MAX_ASPECT * Math.min(width, height)) {
      throw new InvalidRequestException(
          "%s is %d x %d pixels, an aspect of %s:1; expected at most %d:1. Crop it."
              .formatted(
                  what,
                  width,
                  height,
                  Math.round((double) Math.max(width, height) / Math.min(width, height) * 10)
                      / 10.0,
                  MAX_ASPECT));
    }
  }

  /**
   * Brings an image to a size of another aspect.
   *
   * @param image any image that {@link #toRgb} converts
   * @param width new width in pixels, at least 1
   * @param height new height in pixels, at least 1
   * @param mode {@link ResizeMode#STRETCH} scales each side on its own; {@link ResizeMode#CROP}
   *     scales until the size is covered and cuts the overhang off evenly; {@link ResizeMode#FILL}
   *     scales until the image fits inside and surrounds it by black, evenly. An odd pixel goes to
   *     the right or the bottom
   * @param resampling how pixels are computed
   * @return a new image
   * @throws IllegalArgumentException as {@link #resize}
   * @throws InvalidRequestException as {@link #resize}
   */
  public static BufferedImage fit(
      BufferedImage image, int width, int height, ResizeMode mode, Resampling resampling) {
    required(image, "The picture");
    required(mode, "The resize mode");
    if (mode == ResizeMode.STRETCH || width < 1 || height < 1) {
      return resize(image, width, height, resampling);
    }
    checkPixels(width, height);
    double byWidth = (double) width / image.getWidth();
    double byHeight = (double) height / image.getHeight();
    double scale =
        mode == ResizeMode.CROP ? Math.max(byWidth, byHeight) : Math.min(byWidth, byHeight);
    // The side that decides the scale is met exactly, whatever rounding says.
    int scaledWidth = scale == byWidth ? width : scaled(image.getWidth(), scale, width, mode);
    int scaledHeight = scale == byHeight ? height : scaled(image.getHeight(), scale, height, mode);
    BufferedImage scaled = resize(image, scaledWidth, scaledHeight, resampling);
    if (scaledWidth == width && scaledHeight == height) {
      return scaled;
    }
    return Pixels.of(scaled)
        .placed(
            Math.floorDiv(width - scaledWidth, 2),
            Math.floorDiv(height - scaledHeight, 2),
            width,
            height)
        .toImage();
  }

  private static int scaled(int side, double scale, int target, ResizeMode mode) {
    double length = Math.rint(side * scale);
    if (length > MAX_PIXELS) {
      checkPixels(length, 1);
    }
    return mode == ResizeMode.CROP
        ? Math.max(target, (int) length)
        : Math.max(1, Math.min(target, (int) length));
  }

  private static double roundToMultiple(double length) {
    return Math.max(1, Math.rint(length / RESOLUTION_MULTIPLE)) * RESOLUTION_MULTIPLE;
  }

  static void checkPixels(double width, double height) {
    if (width * height > MAX_PIXELS) {
      throw new InvalidRequestException(
          "The picture would have %.0f x %.0f pixels; expected at most %d in all."
              .formatted(width, height, MAX_PIXELS));
    }
  }

  private static <T> T required(@Nullable T value, String what) {
    if (value == null) {
      throw new NullPointerException(what + " must not be null.");
    }
    return value;
  }
}
