package io.github.controlnet.core.pipeline.condition;

import io.github.controlnet.ControlInput;
import io.github.controlnet.core.pipeline.canvas.PictureSize;
import io.github.controlnet.core.pipeline.canvas.Pictures;
import io.github.controlnet.engine.ControlMask;
import io.github.controlnet.exception.InvalidRequestException;
import io.github.controlnet.image.Images;
import io.github.controlnet.image.Resampling;
import io.github.controlnet.image.ResizeMode;
import java.awt.image.BufferedImage;
import java.util.Optional;

/** The mask of a control as a grid over the picture. */
public final class ControlMasks {
  /** Sides rounded to multiples of 64 leave the aspect a little off. */
  private static final double TOLERANCE = 1.1;

  private ControlMasks() {}

  /** Refuses a mask that would be distorted. */
  public static void check(ControlInput input, PictureSize size) {
    if (input.resizeMode() != ResizeMode.STRETCH || input.mask().isEmpty()) {
      return;
    }
    BufferedImage mask = input.mask().get();
    BufferedImage image = input.image();
    if (!similar(mask, size.width(), size.height())
        && !similar(mask, image.getWidth(), image.getHeight())) {
      throw new InvalidRequestException(
          "The control mask is %d x %d, its control image %d x %d, the picture %d x %d; expected a mask with the aspect of one of them. Resize mode crop or fill takes any."
              .formatted(
                  mask.getWidth(),
                  mask.getHeight(),
                  image.getWidth(),
                  image.getHeight(),
                  size.width(),
                  size.height()));
    }
  }

  private static boolean similar(BufferedImage mask, int width, int height) {
    double ratio = (double) mask.getWidth() * height / ((double) mask.getHeight() * width);
    return ratio <= TOLERANCE && ratio >= 1 / TOLERANCE;
  }

  static Optional<ControlMask> of(ControlInput input, PictureSize size) {
    return input
        .mask()
        .map(
            mask -> {
              // A stretched mask needs no resizing here: it covers the picture anyhow.
              BufferedImage fitted =
                  input.resizeMode() == ResizeMode.STRETCH
                      ? Images.toRgb(mask)
                      : Images.fit(
                          mask,
                          size.width(),
                          size.height(),
                          input.resizeMode(),
                          Resampling.BILINEAR);
              int[] levels = Pictures.levels(fitted);
              float[] values = new float[levels.length];
              for (int i = 0; i < values.length; i++) {
                values[i] = levels[i] / 255f;
              }
              return new ControlMask(fitted.getHeight(), fitted.getWidth(), values);
            });
  }
}
