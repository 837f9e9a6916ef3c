package io.github.controlnet.core.pipeline.denoise;

import io.github.controlnet.engine.LatentFormat.Colour;
import io.github.controlnet.engine.LatentFormat.Preview;
import io.github.controlnet.engine.LatentShape;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;

/**
 * Draws latents without the autoencoder: each pixel's colour is a linear map of its latent, that of
 * the latents' format; latents without one are drawn in grey.
 */
final class LatentPreview {
  private LatentPreview() {}

  static List<BufferedImage> draw(float[] latents, LatentShape shape, Preview preview) {
    int plane = shape.height() * shape.width();
    List<BufferedImage> pictures = new ArrayList<>();
    for (int image = 0; image < shape.images(); image++) {
      int start = image * shape.channels() * plane;
      BufferedImage picture =
          new BufferedImage(shape.width(), shape.height(), BufferedImage.TYPE_INT_RGB);
      int[] row = new int[shape.width()];
      for (int y = 0; y < shape.height(); y++) {
        for (int x = 0; x < row.length; x++) {
          row[x] = colour(latents, start + y * row.length + x, plane, preview);
        }
        picture.setRGB(0, y, row.length, 1, row, 0, row.length);
      }
      pictures.add(picture);
    }
    return pictures;
  }

  private static int colour(float[] latents, int at, int plane, Preview preview) {
    List<Colour> colours = preview.colours();
    if (colours.isEmpty()) {
      int grey = level(latents[at] / 3);
      return grey << 16 | grey << 8 | grey;
    }
    float red = preview.bias().red();
    float green = preview.bias().green();
    float blue = preview.bias().blue();
    for (int channel = 0; channel < colours.size(); channel++) {
      float value = latents[at + channel * plane];
      red += value * colours.get(channel).red();
      green += value * colours.get(channel).green();
      blue += value * colours.get(channel).blue();
    }
    return level(red) << 16 | level(green) << 8 | level(blue);
  }

  private static int level(float value) {
    return Math.max(0, Math.min(255, Math.round(value * 127.5f + 127.5f)));
  }
}
