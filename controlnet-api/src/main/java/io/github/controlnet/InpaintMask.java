package io.github.controlnet;

import io.github.controlnet.image.Images;
import io.github.controlnet.image.Resampling;
import io.github.controlnet.internal.Values;
import java.awt.image.BufferedImage;
import java.util.OptionalInt;

/**
 * Which part of an image is painted anew: white is painted, black is kept, grey is blended at the
 * end. Inside the networks a pixel counts as white from half of the full brightness on. Immutable:
 * each {@code with} method returns a new value, and the image is copied when it is given. The one
 * that it gives out is its own, to be read and not to be changed.
 */
public final class InpaintMask {
  /** The padding that other tools begin with. */
  public static final int USUAL_PADDING = 32;

  private static final int HALF = 128;
  private static final int WHOLE = -1;

  private final BufferedImage image;
  private final double blur;
  private final int padding;
  private final MaskedContent content;

  private InpaintMask(BufferedImage image, double blur, int padding, MaskedContent content) {
    this.image = image;
    this.blur = blur;
    this.padding = padding;
    this.content = content;
  }

  /**
   * Uses an image as mask.
   *
   * @param mask taken as {@link Images#toMask} does: by its opacity where any of it is transparent,
   *     else by its brightness; of the shape of the image that it masks, to whose size it is
   *     brought. A file is read by {@link Images#readMask(java.nio.file.Path)}, since {@link
   *     Images#read(java.nio.file.Path)} puts transparency over white
   * @return the mask, without blur
   * @throws IllegalArgumentException when no pixel is bright enough to count
   * @throws NullPointerException when it is null
   * @throws io.github.controlnet.exception.UnreadableImageException when it has pixels of a kind
   *     that is not read
   */
  public static InpaintMask of(BufferedImage mask) {
    BufferedImage levels = Images.toMask(Values.nonNull(mask, "the mask"));
    if (!hasWhite(levels)) {
      throw new IllegalArgumentException(
          "The mask is empty: none of its %d x %d pixels is white (128 or more of 255), so there is nothing to paint. Paint the part to change in white."
              .formatted(mask.getWidth(), mask.getHeight()));
    }
    return new InpaintMask(levels, 0, WHOLE, MaskedContent.ORIGINAL);
  }

  /** Brings the mask to the size of its image; another shape would be stretched. */
  InpaintMask fitted(BufferedImage picture) {
    int width = picture.getWidth();
    int height = picture.getHeight();
    if (image.getWidth() == width && image.getHeight() == height) {
      return this;
    }
    // Equal but for the rounding of a side to a pixel.
    long difference = Math.abs((long) image.getWidth() * height - (long) width * image.getHeight());
    if (difference > Math.max(width, height)) {
      throw new IllegalArgumentException(
          "The mask is %d x %d, the init image %d x %d; expected the same size, or the same shape. Resize the mask."
              .formatted(image.getWidth(), image.getHeight(), width, height));
    }
    return new InpaintMask(
        Images.resize(image, width, height, Resampling.BILINEAR), blur, padding, content);
  }

  private static boolean hasWhite(BufferedImage levels) {
    int[] row = new int[levels.getWidth()];
    for (int y = 0; y < levels.getHeight(); y++) {
      levels.getRGB(0, y, row.length, 1, row, 0, row.length);
      for (int pixel : row) {
        if ((pixel & 255) >= HALF) {
          return true;
        }
      }
    }
    return false;
  }

  /**
   * Blurs the edge, so that new and old run into each other.
   *
   * @param radius standard deviation of the Gaussian in pixels of the image, 0 to 256; 0 for a hard
   *     edge
   * @return a new mask
   * @throws IllegalArgumentException when it is outside its range
   */
  public InpaintMask withBlur(double radius) {
    return new InpaintMask(
        image, Values.between(radius, 0, 256, "the mask blur"), padding, content);
  }

  /**
   * Generates only the masked part, at the full size of a generation, and puts it back into the
   * image: small things get as much detail as large ones.
   *
   * @param pixels how much around the mask the networks see, in pixels of the image, 0 to 8192
   * @return a new mask
   * @throws IllegalArgumentException when it is outside its range
   */
  public InpaintMask withOnlyMasked(int pixels) {
    return new InpaintMask(image, blur, Values.between(pixels, 0, 8192, "the padding"), content);
  }

  /**
   * Says what is under the mask when painting begins.
   *
   * @param chosen the usual is the image's own content
   * @return a new mask
   * @throws NullPointerException when it is null
   */
  public InpaintMask withContent(MaskedContent chosen) {
    return new InpaintMask(image, blur, padding, Values.nonNull(chosen, "the masked content"));
  }

  /**
   * Returns the mask as grey levels.
   *
   * @return white is painted
   */
  public BufferedImage image() {
    return image;
  }

  /**
   * Returns the radius of the blur.
   *
   * @return pixels; 0 for none
   */
  public double blur() {
    return blur;
  }

  /**
   * Returns what is under the mask when painting begins.
   *
   * @return {@link MaskedContent#ORIGINAL} when none was chosen
   */
  public MaskedContent content() {
    return content;
  }

  /**
   * Returns the padding around the masked part, when that alone is generated.
   *
   * @return empty when the whole image is
   */
  public OptionalInt padding() {
    return padding == WHOLE ? OptionalInt.empty() : OptionalInt.of(padding);
  }
}
