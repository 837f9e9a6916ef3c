package io.github.controlnet.core.pipeline;

import io.github.controlnet.GenerationRequest;
import io.github.controlnet.InvalidRequestException;
import java.awt.image.BufferedImage;

/**
 * Width and height of the pictures, in pixels.
 *
 * @param width pixels
 * @param height pixels
 */
record PictureSize(int width, int height) {
  private static final int ROUNDING = 64;

  /**
   * Resolves the size of a request: as given; else from the first control image, its short side
   * brought to the resolution and both sides to multiples of 64; else the base's native size.
   */
  static PictureSize of(GenerationRequest request, int nativeSize, int multiple) {
    int resolution = request.imageResolution().orElse(nativeSize);
    PictureSize size =
        request.controls().isEmpty()
            ? new PictureSize(resolution, resolution)
            : followingImage(request, resolution);
    size =
        new PictureSize(request.width().orElse(size.width), request.height().orElse(size.height));
    check("width", size.width, multiple);
    check("height", size.height, multiple);
    return size;
  }

  private static PictureSize followingImage(GenerationRequest request, int resolution) {
    BufferedImage image = request.controls().get(0).image();
    double scale = (double) resolution / Math.min(image.getWidth(), image.getHeight());
    if (request.width().isPresent()) {
      scale = (double) request.width().getAsInt() / image.getWidth();
    } else if (request.height().isPresent()) {
      scale = (double) request.height().getAsInt() / image.getHeight();
    }
    return new PictureSize(rounded(image.getWidth() * scale), rounded(image.getHeight() * scale));
  }

  private static int rounded(double side) {
    return (int) Math.max(ROUNDING, Math.rint(side / ROUNDING) * ROUNDING);
  }

  private static void check(String what, int side, int multiple) {
    if (side % multiple != 0) {
      int below = Math.max(multiple, side / multiple * multiple);
      throw new InvalidRequestException(
          "The %s is %d; expected a multiple of %d, such as %d or %d."
              .formatted(what, side, multiple, below, below + multiple));
    }
  }
}
