package io.github.controlnet.core.pipeline.canvas;

import java.awt.image.BufferedImage;

/**
 * Runs the colours around a mask into it. What the mask leaves of the picture is blurred with its
 * opacity, and the blurs are laid over each other from the widest to the narrowest, the narrow ones
 * several times, since they are thin inside the mask. The rounding is that of Pillow 13, so that
 * every pixel equals {@code fill} in modules/masking.py of Stable Diffusion web UI.
 */
public final class MaskedFill {
  private static final int OPAQUE = 255;
  private static final int FRACTION_BITS = 7;

  /** Radius of each blur in pixels, and how often it is laid on. */
  private static final int[][] LAYERS = {{256, 1}, {64, 1}, {16, 2}, {4, 4}, {2, 2}, {0, 1}};

  private MaskedFill() {}

  /**
   * Fills.
   *
   * @param picture RGB
   * @param mask as large; what is not black is hidden by as much
   * @return a picture without what was hidden; black where a mask hides so much that no blur
   *     reaches
   */
  static BufferedImage of(BufferedImage picture, GreyMask mask) {
    int width = picture.getWidth();
    int height = picture.getHeight();
    int[] pixels = picture.getRGB(0, 0, width, height, null, 0, width);
    // colours multiplied by the opacity, then the opacity itself
    GreyMask[] left = new GreyMask[4];
    for (int channel = 0; channel < left.length; channel++) {
      int[] levels = new int[pixels.length];
      for (int i = 0; i < levels.length; i++) {
        int full = channel == 3 ? OPAQUE : pixels[i] >> (16 - 8 * channel) & 255;
        levels[i] = divided(full * (OPAQUE - mask.levels()[i]) + 128);
      }
      left[channel] = new GreyMask(width, height, levels);
    }
    int[][] filled = new int[4][pixels.length];
    for (int[] layer : LAYERS) {
      lay(filled, blurred(left, layer[0]), layer[1]);
    }
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = filled[0][i] << 16 | filled[1][i] << 8 | filled[2][i];
    }
    BufferedImage result = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    result.setRGB(0, 0, width, height, pixels, 0, width);
    return result;
  }

  /** Blurs, then divides the colours by the opacity again. */
  private static int[][] blurred(GreyMask[] channels, int radius) {
    int[][] blurred = new int[channels.length][];
    for (int channel = 0; channel < channels.length; channel++) {
      blurred[channel] = channels[channel].blurred(radius).levels().clone();
    }
    for (int i = 0; i < blurred[3].length; i++) {
      int opacity = blurred[3][i];
      for (int channel = 0; channel < 3 && opacity > 0; channel++) {
        blurred[channel][i] = Math.min(255, OPAQUE * blurred[channel][i] / opacity);
      }
    }
    return blurred;
  }

  private static void lay(int[][] below, int[][] above, int times) {
    for (int i = 0; i < below[3].length; i++) {
      int opacity = above[3][i];
      for (int time = 0; time < times && opacity > 0; time++) {
        int together = opacity * OPAQUE + below[3][i] * (OPAQUE - opacity);
        int share = (int) ((((long) opacity * OPAQUE * OPAQUE) << FRACTION_BITS) / together);
        int rest = (OPAQUE << FRACTION_BITS) - share;
        for (int channel = 0; channel < 3; channel++) {
          int sum = above[channel][i] * share + below[channel][i] * rest;
          below[channel][i] = divided(sum + (128 << FRACTION_BITS)) >> FRACTION_BITS;
        }
        below[3][i] = divided(together + 128);
      }
    }
  }

  /** Divides by 255. */
  private static int divided(int value) {
    return ((value >> 8) + value) >> 8;
  }
}
