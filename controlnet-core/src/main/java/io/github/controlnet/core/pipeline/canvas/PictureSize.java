package io.github.controlnet.core.pipeline.canvas;

import io.github.controlnet.GenerationRequest;
import io.github.controlnet.exception.InvalidRequestException;
import io.github.controlnet.image.Images;
import java.awt.image.BufferedImage;

/**
 * Width and height of the pictures, in pixels.
 *
 * @param width pixels
 * @param height pixels
 */
public record PictureSize(int width, int height) {
  /** The most pixels of a generated picture: as many as 4096 x 4096. */
  static final int MOST_PIXELS = 1 << 24;

  private static final int ROUNDING = 64;

  /**
   * Resolves the size of a request: as given; else from the first control image, its short side
   * brought to the resolution and both sides to multiples of 64; else the base's native size.
   */
  public static PictureSize of(GenerationRequest request, int nativeSize, int multiple) {
    if (request.controls().list().isEmpty()) {
      int resolution = request.output().resolution().orElse(nativeSize);
      return new PictureSize(
              request.output().width().orElse(resolution),
              request.output().height().orElse(resolution))
          .checked(multiple);
    }
    BufferedImage image = request.controls().list().get(0).image();
    return following(request, image.getWidth(), image.getHeight(), nativeSize).checked(multiple);
  }

  /** Tells whether the request asks for a size in any way. */
  static boolean isGiven(GenerationRequest request) {
    return request.output().width().isPresent()
        || request.output().height().isPresent()
        || request.output().resolution().isPresent();
  }

  /** As given; what is not, in the aspect of a picture brought to the resolution. */
  static PictureSize following(
      GenerationRequest request, int imageWidth, int imageHeight, int nativeSize) {
    int resolution = request.output().resolution().orElse(nativeSize);
    double scale = (double) resolution / Math.min(imageWidth, imageHeight);
    if (request.output().width().isPresent()) {
      scale = (double) request.output().width().getAsInt() / imageWidth;
    } else if (request.output().height().isPresent()) {
      scale = (double) request.output().height().getAsInt() / imageHeight;
    }
    return new PictureSize(
        request.output().width().orElse(rounded(imageWidth * scale)),
        request.output().height().orElse(rounded(imageHeight * scale)));
  }

  PictureSize roundedDown(int multiple) {
    return new PictureSize(
        Math.max(multiple, width - width % multiple),
        Math.max(multiple, height - height % multiple));
  }

  PictureSize checked(int multiple) {
    check("width", width, multiple);
    check("height", height, multiple);
    if (Math.max(width, height) > (long) Images.MAX_ASPECT * Math.min(width, height)) {
      throw new InvalidRequestException(
          "The picture would be %d x %d pixels, an aspect of %d:1; expected at most %d:1. Crop the picture that gives the size, or give width and height nearer to each other."
              .formatted(
                  width,
                  height,
                  Math.max(width, height) / Math.min(width, height),
                  Images.MAX_ASPECT));
    }
    if ((long) width * height > MOST_PIXELS) {
      throw new InvalidRequestException(
          "The picture would be %d x %d, %d pixels; expected at most %d, as many as 4096 x 4096. Give a smaller size."
              .formatted(width, height, (long) width * height, MOST_PIXELS));
    }
    return this;
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
