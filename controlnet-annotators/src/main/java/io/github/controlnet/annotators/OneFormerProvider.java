package io.github.controlnet.annotators;

import io.github.controlnet.annotator.Annotator;
import io.github.controlnet.annotator.AnnotatorOption;
import io.github.controlnet.annotator.AnnotatorOptions;
import io.github.controlnet.annotators.network.OneFormerNetwork;
import io.github.controlnet.core.torch.FloatTensor;
import io.github.controlnet.image.Resampling;
import java.awt.image.BufferedImage;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.opencv.core.Mat;
import org.opencv.core.Size;

/**
 * What every pixel belongs to, by OneFormer (J. Jain et al., arXiv 2211.06220); equal to {@code
 * OneformerDetector} of github.com/Mikubill/sd-webui-controlnet at
 * 56cec5b2958edf3b1807b7e7b2b1b5186dbd2f81.
 */
abstract class OneFormerProvider extends LearnedProvider {
  private static final int LEAST_SIZE = 32;
  private static final int GREATEST_SIZE = 2048;
  private static final int BYTES_PER_PIXEL = 3072;

  private static final String INPUT_SIZE = "input_size";

  private final double longest;
  private final Supplier<Palette> palette;

  /**
   * Describes an annotator.
   *
   * @param dataSet what the network was trained with
   * @param weights the id of the published file
   * @param shortSide the short side of what the network sees
   * @param longSide the long side at the most, as long as the short side is not changed
   * @param palette of the data set's classes
   */
  OneFormerProvider(
      String name,
      String dataSet,
      String weights,
      int shortSide,
      int longSide,
      Supplier<Palette> palette) {
    super(
        name,
        "What every pixel belongs to, in the colours of %s's classes, by OneFormer."
            .formatted(dataSet),
        List.of(weights),
        AnnotatorOption.integer(
            INPUT_SIZE,
            shortSide,
            LEAST_SIZE,
            GREATEST_SIZE,
            "The short side of what the network sees; greater ones show finer detail."));
    this.longest = (double) longSide / shortSide;
    this.palette = palette;
  }

  @Override
  public final List<String> controls() {
    return List.of("control_v11p_sd15_seg");
  }

  @Override
  public final Resampling resampling() {
    return Resampling.NEAREST;
  }

  @Override
  public final Annotator create(AnnotatorOptions options) {
    int shortSide = options.integer(INPUT_SIZE);
    int longSide = (int) Math.rint(shortSide * longest);
    Palette colors = palette.get();
    SegmentDrawing drawing = new SegmentDrawing(colors);
    return LearnedAnnotator.open(
        this,
        options,
        OneFormerNames::original,
        new OneFormerNetwork(colors.size()),
        (photo, network, scope) -> {
          Size size = PillowResize.size(photo.size(), shortSide, longSide);
          return draw(photo, network, size, drawing, scope);
        });
  }

  private BufferedImage draw(
      Mat photo, Networks.Loaded network, Size size, SegmentDrawing drawing, MatScope scope) {
    Memory.requireInput(name(), (int) size.width, (int) size.height, BYTES_PER_PIXEL, INPUT_SIZE);
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
