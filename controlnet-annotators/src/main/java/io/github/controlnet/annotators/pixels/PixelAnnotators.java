package io.github.controlnet.annotators.pixels;

import io.github.controlnet.annotator.Annotation;
import io.github.controlnet.annotator.AnnotatorOption;
import io.github.controlnet.annotator.AnnotatorOptions;
import io.github.controlnet.annotators.raster.MatScope;
import io.github.controlnet.annotators.raster.OpenCv;
import io.github.controlnet.annotators.raster.Pixels;
import io.github.controlnet.annotators.support.Specification;
import io.github.controlnet.image.Images;
import io.github.controlnet.image.Resampling;
import io.github.controlnet.spi.AnnotatorCatalog;
import io.github.controlnet.spi.AnnotatorProvider;
import java.awt.image.BufferedImage;
import java.util.List;
import org.opencv.core.Mat;
import org.opencv.core.Size;
import org.opencv.imgproc.Imgproc;

/** Annotators that do something to the pixels of a photograph and look for nothing in it. */
public final class PixelAnnotators implements AnnotatorCatalog {
  private static final String TILE = "control_v11f1e_sd15_tile";
  private static final String RECOLOR = "ioclab_sd15_recolor";
  private static final double LEAST_RATE = 1.1;

  /** Creates the catalog; called by {@link java.util.ServiceLoader}. */
  public PixelAnnotators() {}

  @Override
  public List<AnnotatorProvider> annotators() {
    return List.of(
        threshold(),
        binary(),
        invert(),
        blur(),
        tileResample(),
        tileColorfix(),
        shuffle(),
        recolorLuminance(),
        recolorIntensity());
  }

  /**
   * White where the least of R, G, B is above a level, black elsewhere, as sd-webui-controlnet's
   * threshold. At 127 it is also the rule of the original code's {@code
   * gradio_scribble2image_interactive}, for strokes drawn in white on black.
   */
  private static AnnotatorProvider threshold() {
    return Specification.named("threshold", "Bright areas, white on black.")
        .options(
            AnnotatorOption.integer(
                "threshold", 127, 0, 255, "White is where R, G and B all exceed it."))
        .pixelwise(
            options -> {
              int threshold = options.integer("threshold");
              return pixel -> Pixels.least(pixel) > threshold ? Pixels.WHITE : Pixels.BLACK;
            });
  }

  /**
   * Dark areas white, bright areas black, split at a level of grey or where Otsu's method splits
   * (N. Otsu, "A Threshold Selection Method from Gray-Level Histograms", 1979). Equal to {@code
   * cv2.threshold} with {@code THRESH_BINARY_INV} on the grey picture, as sd-webui-controlnet's
   * binary.
   */
  private static AnnotatorProvider binary() {
    return Specification.named("binary", "Dark areas, white on black, split at a level of grey.")
        .options(
            AnnotatorOption.integer(
                "threshold",
                0,
                0,
                255,
                "White is where grey does not exceed it; 0 and 255 let Otsu's method choose."))
        .drawing(
            options -> {
              int threshold = options.integer("threshold");
              // 255 would make every pixel white; the original gives it to Otsu's method too.
              boolean otsu = threshold == 0 || threshold == 255;
              int type = Imgproc.THRESH_BINARY_INV + (otsu ? Imgproc.THRESH_OTSU : 0);
              return (photo, scope) -> {
                Mat grey = scope.create();
                Imgproc.cvtColor(photo, grey, Imgproc.COLOR_RGB2GRAY);
                Mat split = scope.create();
                Imgproc.threshold(grey, split, threshold, 255, type);
                return OpenCv.toImage(split);
              };
            });
  }

  /**
   * The negative, 255 - RGB, as sd-webui-controlnet's invert. It makes a map of a drawing in black
   * on white, for models of lines that want white on black.
   */
  private static AnnotatorProvider invert() {
    return Specification.named("invert", "The negative; for drawings in black on white.")
        .pixelwise(options -> pixel -> pixel ^ Pixels.WHITE);
  }

  /**
   * The photograph blurred, for tile models; equal to {@code cv2.GaussianBlur(photo, (0, 0),
   * sigma)}, as sd-webui-controlnet's blur_gaussian.
   */
  private static AnnotatorProvider blur() {
    return Specification.named("blur", "The photograph behind a Gaussian blur.")
        .aliases("blur_gaussian")
        .controls(TILE)
        .options(AnnotatorOption.number("sigma", 9, 0.01, 64, "Width of the blur in pixels."))
        .drawing(
            options -> {
              double sigma = options.number("sigma");
              return (photo, scope) -> {
                Mat blurred = scope.create();
                Imgproc.GaussianBlur(photo, blurred, new Size(), sigma);
                return OpenCv.toImage(blurred);
              };
            });
  }

  /**
   * The photograph, made smaller by a rate, for tile models. Equal to {@code cv2.resize} with
   * {@code INTER_AREA}, as sd-webui-controlnet's tile_resample: rates below 1.1 leave the
   * photograph as it is. With larger ones the map is smaller than the photograph, each side divided
   * by the rate, the fraction cut off, at least one pixel; the pipeline brings it to the size of
   * the generation.
   */
  private static AnnotatorProvider tileResample() {
    return Specification.named("tile_resample", "The photograph, made smaller by a rate.")
        .controls(TILE)
        .options(
            AnnotatorOption.number(
                "rate", 1, 1, 8, "The sides are divided by it; below 1.1 nothing is done."))
        .anySize()
        .creating(
            options -> {
              double rate = options.number("rate");
              return photo ->
                  Annotation.of(rate < LEAST_RATE ? Images.toRgb(photo) : smaller(photo, rate));
            });
  }

  private static BufferedImage smaller(BufferedImage photo, double rate) {
    return Images.resize(
        photo,
        (int) Math.max(1, photo.getWidth() / rate),
        (int) Math.max(1, photo.getHeight() / rate),
        Resampling.AREA);
  }

  /**
   * The photograph itself, which is what sd-webui-controlnet's tile_colorfix gives the control
   * network. What that one does besides, correcting the colours of each step's prediction, happens
   * while sampling and is no part of a map.
   */
  private static AnnotatorProvider tileColorfix() {
    return Specification.named(
            "tile_colorfix",
            "The photograph itself; the correction of colours while sampling is not part of a map.")
        .controls(TILE)
        .pixelwise(options -> pixel -> pixel);
  }

  /**
   * The photograph bent along smooth noise, so that its colours and textures stay and its content
   * goes. Equal to {@code numpy.random.seed(seed)} followed by ControlNet 1.1's {@code
   * ContentShuffleDetector()(photo)}: noise on a grid of 256 pixels, one each for x and y, and
   * {@code cv2.remap}. The original draws from numpy's global generator, whatever its state; here
   * the seed is an option and nothing is shared.
   */
  private static AnnotatorProvider shuffle() {
    return Specification.named(
            "shuffle", "The photograph bent by noise: its colours without its content.")
        .controls("control_v11e_sd15_shuffle")
        .options(
            AnnotatorOption.integer(
                "seed", 12345, 0, 999_999_999, "Another one bends in another way."))
        .drawing(
            options -> {
              int seed = options.integer("seed");
              return (photo, scope) -> bend(photo, seed, scope);
            });
  }

  private static BufferedImage bend(Mat photo, int seed, MatScope scope) {
    NumpyRandom random = new NumpyRandom(seed);
    int width = photo.cols();
    int height = photo.rows();
    Mat sourceX = NoiseDisk.draw(width, height, width - 1, random, scope);
    Mat sourceY = NoiseDisk.draw(width, height, height - 1, random, scope);
    Mat bent = scope.create();
    Imgproc.remap(photo, bent, sourceX, sourceY, Imgproc.INTER_LINEAR);
    return OpenCv.toImage(bent);
  }

  /**
   * The lightness of L*a*b*, with gamma, in grey; as sd-webui-controlnet's recolor_luminance. Like
   * the original it takes the RGB picture for BGR, so that red and blue weigh each other's share.
   */
  private static AnnotatorProvider recolorLuminance() {
    return Specification.named("recolor_luminance", "Grey by lightness, to be coloured again.")
        .controls(RECOLOR)
        .options(GreyTable.GAMMA)
        .drawing(
            options -> {
              int[] table = table(options);
              return (photo, scope) -> {
                Mat lab = scope.create();
                Imgproc.cvtColor(photo, lab, Imgproc.COLOR_BGR2Lab);
                return Pixels.map(OpenCv.toImage(lab), pixel -> table[Pixels.red(pixel)]);
              };
            });
  }

  /**
   * The value of HSV, which is the greatest of R, G, B, with gamma, in grey; as
   * sd-webui-controlnet's recolor_intensity.
   */
  private static AnnotatorProvider recolorIntensity() {
    return Specification.named(
            "recolor_intensity", "Grey by the brightest channel, to be coloured again.")
        .controls(RECOLOR)
        .options(GreyTable.GAMMA)
        .pixelwise(
            options -> {
              int[] table = table(options);
              return pixel -> table[Pixels.greatest(pixel)];
            });
  }

  private static int[] table(AnnotatorOptions options) {
    return GreyTable.ofGamma(options.number(GreyTable.GAMMA.name()));
  }
}
