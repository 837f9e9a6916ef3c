package io.github.controlnet.core.pipeline.canvas;

import io.github.controlnet.GenerationRequest;
import io.github.controlnet.InitImage;
import io.github.controlnet.InpaintMask;
import io.github.controlnet.MaskedContent;
import io.github.controlnet.exception.InvalidRequestException;
import io.github.controlnet.image.Images;
import java.awt.Rectangle;
import java.awt.image.BufferedImage;
import java.util.Optional;

/**
 * A picture that is worked on: which part of it in which size goes through the networks, and how
 * what comes out goes back into it.
 */
public final class Canvas {
  private final BufferedImage source;
  private final Optional<GreyMask> mask;
  private final Rectangle region;
  private final PictureSize size;
  private final double strength;
  private final MaskedContent content;

  private Canvas(
      BufferedImage source,
      Optional<GreyMask> mask,
      Rectangle region,
      PictureSize size,
      InitImage init) {
    this.source = source;
    this.mask = mask;
    this.region = region;
    this.size = size;
    this.strength = init.strength();
    this.content = init.mask().map(InpaintMask::content).orElse(MaskedContent.ORIGINAL);
  }

  /**
   * Decides what is worked on.
   *
   * <p>The whole picture goes through the networks in the size that the request asks for, else in
   * its own, rounded down; the masked part alone in the size asked for, else its short side brought
   * to the base's native size.
   *
   * @param multiple what sides of pictures are multiples of
   */
  public static Canvas of(InitImage init, GenerationRequest request, int nativeSize, int multiple) {
    BufferedImage source = Images.toRgb(init.image());
    Rectangle whole = new Rectangle(source.getWidth(), source.getHeight());
    Optional<GreyMask> mask =
        init.mask().map(shape -> GreyMask.of(shape.image()).blurred(shape.blur()));
    if (mask.isPresent() && init.mask().flatMap(Canvas::padding).isPresent()) {
      int padding = init.mask().flatMap(Canvas::padding).get();
      Rectangle part = CropRegion.padded(mask.get(), padding);
      // a sliver is widened rather than generated miles long
      int width = Math.max(part.width, part.height / 2);
      int height = Math.max(part.height, part.width / 2);
      PictureSize size =
          PictureSize.following(request, width, height, nativeSize).checked(multiple);
      double aspect = (double) size.width() / size.height();
      Rectangle widened = CropRegion.of(mask.get(), padding, aspect);
      return new Canvas(source, mask, widened, size, init);
    }
    PictureSize size =
        PictureSize.isGiven(request)
            ? PictureSize.following(request, whole.width, whole.height, nativeSize)
            : new PictureSize(whole.width, whole.height).roundedDown(multiple);
    size = size.checked(multiple);
    if (mask.isPresent() && PictureSize.isGiven(request)) {
      // a size that was asked for is the result's: the picture itself is brought to it
      source = Pictures.resized(source, size.width(), size.height());
      mask = Optional.of(mask.get().resized(size.width(), size.height()));
      whole = new Rectangle(size.width(), size.height());
    }
    return new Canvas(source, mask, whole, size, init);
  }

  private static Optional<Integer> padding(InpaintMask mask) {
    return mask.padding().stream().boxed().findFirst();
  }

  /** The size in which the networks work. */
  public PictureSize size() {
    return size;
  }

  /** The denoising strength. */
  public double strength() {
    return strength;
  }

  public boolean isMasked() {
    return mask.isPresent();
  }

  /** What is under the mask at first. */
  public MaskedContent content() {
    return content;
  }

  /**
   * The part that is worked on, for the autoencoder: [3, height, width], -1 to 1. Unless the masked
   * content is to be the original, what the mask hides is not in it.
   */
  public float[] pixels() {
    BufferedImage part = cropped(source);
    return Pictures.toPixels(
        content == MaskedContent.ORIGINAL ? part : MaskedFill.of(part, workingMask()));
  }

  /** The picture's pixels with 0, a middle grey, where they are painted. */
  public float[] keptPixels() {
    float[] pixels = Pictures.toPixels(cropped(source));
    GreyMask shape = workingMask();
    int plane = size.width() * size.height();
    for (int i = 0; i < pixels.length; i++) {
      int at = i % plane;
      if (shape.paints(at % size.width(), at / size.width())) {
        pixels[i] = 0;
      }
    }
    return pixels;
  }

  /**
   * The mask in the size of one channel of latents.
   *
   * @throws InvalidRequestException when it has nothing left to paint there
   */
  public float[] latentMask(int factor) {
    float[] latents = workingMask().toLatents(factor);
    for (float value : latents) {
      if (value > 0) {
        return latents;
      }
    }
    throw new InvalidRequestException(
        "The mask is too small: latents stand for %d x %d pixels, and at %d x %d it meets none of them. Enlarge the mask, or generate only the masked part."
            .formatted(factor, factor, size.width(), size.height()));
  }

  private GreyMask workingMask() {
    return mask.orElseThrow().cropped(region).resized(size.width(), size.height());
  }

  /** Cuts the same part out of another picture of the scene, such as a control's. */
  public BufferedImage sameRegion(BufferedImage other) {
    double across = (double) other.getWidth() / source.getWidth();
    double down = (double) other.getHeight() / source.getHeight();
    Rectangle part = new Rectangle();
    part.setFrameFromDiagonal(
        Math.rint(region.x * across),
        Math.rint(region.y * down),
        Math.rint((region.x + region.width) * across),
        Math.rint((region.y + region.height) * down));
    if (part.width == other.getWidth() && part.height == other.getHeight()) {
      return other;
    }
    part.setSize(Math.max(1, part.width), Math.max(1, part.height));
    return Images.toRgb(other).getSubimage(part.x, part.y, part.width, part.height);
  }

  private BufferedImage cropped(BufferedImage picture) {
    BufferedImage part = picture.getSubimage(region.x, region.y, region.width, region.height);
    return Pictures.resized(part, size.width(), size.height());
  }

  /** Puts what was generated back: outside the mask the result is the source, to the pixel. */
  public BufferedImage finish(BufferedImage generated) {
    if (mask.isEmpty()) {
      return generated;
    }
    BufferedImage part = Pictures.resized(generated, region.width, region.height);
    BufferedImage result = Images.toRgb(source);
    GreyMask shape = mask.get();
    for (int y = 0; y < region.height; y++) {
      for (int x = 0; x < region.width; x++) {
        int level = shape.level(region.x + x, region.y + y);
        if (level > 0) {
          int old = source.getRGB(region.x + x, region.y + y);
          result.setRGB(region.x + x, region.y + y, mixed(old, part.getRGB(x, y), level));
        }
      }
    }
    return result;
  }

  private static int mixed(int old, int fresh, int level) {
    int colour = 0;
    for (int shift = 0; shift <= 16; shift += 8) {
      int sum = (old >> shift & 255) * (255 - level) + (fresh >> shift & 255) * level;
      colour |= ((sum + 127) / 255) << shift;
    }
    return colour;
  }
}
