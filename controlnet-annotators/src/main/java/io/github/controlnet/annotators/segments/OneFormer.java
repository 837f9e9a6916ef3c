package io.github.controlnet.annotators.segments;

import io.github.controlnet.annotator.AnnotatorOption;
import io.github.controlnet.annotators.networks.OneFormerNetwork;
import io.github.controlnet.annotators.raster.ImageNet;
import io.github.controlnet.annotators.raster.MatScope;
import io.github.controlnet.annotators.raster.Planes;
import io.github.controlnet.annotators.support.LoadedNetwork;
import io.github.controlnet.annotators.support.Networks;
import io.github.controlnet.core.torch.FloatTensor;
import java.awt.image.BufferedImage;
import java.util.Arrays;
import org.opencv.core.Mat;
import org.opencv.core.Size;

/**
 * What every pixel belongs to, by OneFormer (J. Jain et al., arXiv 2211.06220); equal to {@code
 * OneformerDetector} of github.com/Mikubill/sd-webui-controlnet at
 * 56cec5b2958edf3b1807b7e7b2b1b5186dbd2f81.
 */
final class OneFormer {
  /** The option that says how large a picture the network sees. */
  static final String INPUT_SIZE = "input_size";

  private static final int LEAST_SIZE = 32;
  private static final int GREATEST_SIZE = 2048;
  private static final int BYTES_PER_PIXEL = 3072;

  private final Networks networks;
  private final LoadedNetwork network;
  private final SegmentDrawing drawing;
  private final int shortSide;
  private final int longSide;

  /**
   * Loads the network.
   *
   * @param palette of the classes
   * @param shortSide the short side of what the network sees
   * @param longSide the long side at the most
   */
  OneFormer(Networks networks, Palette palette, int shortSide, int longSide) {
    this.networks = networks;
    this.network = networks.load(new OneFormerNetwork(palette.size()));
    this.drawing = new SegmentDrawing(palette);
    this.shortSide = shortSide;
    this.longSide = longSide;
  }

  static AnnotatorOption inputSize(int usual) {
    return AnnotatorOption.integer(
        INPUT_SIZE,
        usual,
        LEAST_SIZE,
        GREATEST_SIZE,
        "The short side of what the network sees; greater ones show finer detail.");
  }

  BufferedImage of(Mat photo, MatScope scope) {
    Size size = PillowResize.size(photo.size(), shortSide, longSide);
    networks.requireMemory((int) size.width, (int) size.height, BYTES_PER_PIXEL, INPUT_SIZE);
    Mat seen = scope.keep(PillowResize.bilinear(photo, size));
    FloatTensor input =
        Planes.rgb(seen, (level, channel) -> ImageNet.normalised(level / 255f, channel));
    FloatTensor map = new FloatTensor(new float[] {photo.rows(), photo.cols()}, 2);
    float[] labels = network.run(input, map).get(OneFormerNetwork.LABELS).values();
    int[] classes = new int[labels.length];
    Arrays.setAll(classes, i -> (int) labels[i]);
    return drawing.draw(classes, photo.cols(), photo.rows());
  }
}
