package io.github.controlnet.annotators.depth;

import io.github.controlnet.annotators.networks.NormalBaeNetwork;
import io.github.controlnet.annotators.raster.ImageNet;
import io.github.controlnet.annotators.raster.MatScope;
import io.github.controlnet.annotators.raster.Pixels;
import io.github.controlnet.annotators.raster.Planes;
import io.github.controlnet.annotators.support.LoadedNetwork;
import io.github.controlnet.annotators.support.Networks;
import io.github.controlnet.core.torch.FloatTensor;
import java.awt.image.BufferedImage;
import org.opencv.core.Mat;

/**
 * Surface normals (G. Bae et al., arXiv 2109.09881), x, y and z in red, green and blue; equal to
 * {@code NormalBaeDetector} of controlnet_aux.
 */
final class NormalBae {
  private static final int MULTIPLE = 64;

  private final LoadedNetwork network;

  NormalBae(Networks networks) {
    network = networks.load(new NormalBaeNetwork());
  }

  BufferedImage of(Mat photo, MatScope scope) {
    Mat padded = scope.keep(Planes.padded(photo, MULTIPLE));
    return draw(
        network.run(Planes.rgb(padded, NormalBae::input)).get(0), photo.cols(), photo.rows());
  }

  private static float input(int level, int channel) {
    return ImageNet.normalised(level / 255f, channel);
  }

  private static BufferedImage draw(FloatTensor normals, int width, int height) {
    int stride = normals.side(-1);
    int plane = stride * normals.side(-2);
    float[] values = normals.values();
    return Pixels.fill(
        width,
        height,
        i -> {
          int at = i / width * stride + i % width;
          return (level(values[at]) << 16)
              | (level(values[plane + at]) << 8)
              | level(values[2 * plane + at]);
        });
  }

  private static int level(float component) {
    return Planes.level((component + 1f) * 0.5f * 255f);
  }
}
