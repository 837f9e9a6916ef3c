package io.github.controlnet.core.pipeline;

import io.github.controlnet.spi.engine.LatentShape;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;

/**
 * Draws latents without the autoencoder: each pixel's colour is a linear map of its latent. The
 * factors are the least-squares fit for Stable Diffusion 1.x that its community uses; other latents
 * are drawn in grey.
 */
final class LatentPreview {
  private static final float[][] RGB_OF_LATENT = {
    {0.298f, 0.207f, 0.208f},
    {0.187f, 0.286f, 0.173f},
    {-0.158f, 0.189f, 0.264f},
    {-0.184f, -0.271f, -0.473f},
  };

  private LatentPreview() {}

  static List<BufferedImage> draw(float[] latents, LatentShape shape) {
    int plane = shape.height() * shape.width();
    List<BufferedImage> pictures = new ArrayList<>();
    for (int image = 0; image < shape.images(); image++) {
      int start = image * shape.channels() * plane;
      BufferedImage picture =
          new BufferedImage(shape.width(), shape.height(), BufferedImage.TYPE_INT_RGB);
      int[] row = new int[shape.width()];
      for (int y = 0; y < shape.height(); y++) {
        for (int x = 0; x < row.length; x++) {
          row[x] = colour(latents, start + y * row.length + x, plane, shape.channels());
        }
        picture.setRGB(0, y, row.length, 1, row, 0, row.length);
      }
      pictures.add(picture);
    }
    return pictures;
  }

  private static int colour(float[] latents, int at, int plane, int channels) {
    if (channels != RGB_OF_LATENT.length) {
      int grey = level(latents[at] / 3);
      return grey << 16 | grey << 8 | grey;
    }
    float red = 0;
    float green = 0;
    float blue = 0;
    for (int channel = 0; channel < channels; channel++) {
      float value = latents[at + channel * plane];
      red += value * RGB_OF_LATENT[channel][0];
      green += value * RGB_OF_LATENT[channel][1];
      blue += value * RGB_OF_LATENT[channel][2];
    }
    return level(red) << 16 | level(green) << 8 | level(blue);
  }

  private static int level(float value) {
    return Math.max(0, Math.min(255, Math.round(value * 127.5f + 127.5f)));
  }
}
