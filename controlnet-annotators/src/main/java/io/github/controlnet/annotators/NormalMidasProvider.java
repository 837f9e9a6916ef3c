package io.github.controlnet.annotators;

import io.github.controlnet.annotator.Annotator;
import io.github.controlnet.annotator.AnnotatorOption;
import io.github.controlnet.annotator.AnnotatorOptions;
import java.awt.image.BufferedImage;
import java.util.List;
import org.opencv.core.CvType;
import org.opencv.core.Mat;
import org.opencv.imgproc.Imgproc;

/**
 * The annotator {@code normal_midas}: normals of surfaces from the depth of MiDaS; equal to {@code
 * MidasDetector} of controlnet_aux with {@code depth_and_normal}. Red is towards the camera, blue
 * is along the rows, as the model of ControlNet 1.0 wants it.
 */
public final class NormalMidasProvider extends LearnedProvider {

  /** Creates the provider; called by {@link java.util.ServiceLoader}. */
  public NormalMidasProvider() {
    super(
        "normal_midas",
        "Normals of surfaces from the depth of MiDaS.",
        Midas.WEIGHTS,
        AnnotatorOption.number(
            "a", 2 * Math.PI, 0.01, 1000, "Greater values make the relief flatter."),
        AnnotatorOption.number(
            "bg_threshold", 0.1, 0, 1, "What is less near, of 0 to 1, becomes a flat background."));
  }

  @Override
  public List<String> aliases() {
    return List.of("normal", "normal_map");
  }

  @Override
  public List<String> controls() {
    return List.of("control_sd15_normal");
  }

  @Override
  long bytesPerPixel() {
    return Midas.BYTES_PER_PIXEL;
  }

  @Override
  public Annotator create(AnnotatorOptions options) {
    float towards = (float) options.number("a");
    double background = options.number("bg_threshold");
    return LearnedAnnotator.open(
        this,
        networks -> {
          Midas midas = Midas.load(networks, file(options));
          return (photo, scope) ->
              normals(midas.nearness(photo, scope), towards, background, scope);
        });
  }

  private static BufferedImage normals(
      Mat nearness, float towards, double background, MatScope scope) {
    Mat slope = scope.create();
    Imgproc.Sobel(nearness, slope, CvType.CV_32F, 1, 0, 3);
    float[] along = Planes.values(slope);
    Imgproc.Sobel(nearness, slope, CvType.CV_32F, 0, 1, 3);
    float[] down = Planes.values(slope);
    float[] share = RelativeDepth.share(Planes.values(nearness));
    return Pixels.fill(
        nearness.cols(),
        nearness.rows(),
        i -> {
          boolean flat = share[i] < background;
          float x = flat ? 0 : along[i];
          float y = flat ? 0 : down[i];
          float length = (float) Math.sqrt(x * x + y * y + towards * towards);
          return channel(towards / length) << 16 | channel(y / length) << 8 | channel(x / length);
        });
  }

  private static int channel(float part) {
    return Planes.level(part * 127.5f + 127.5f);
  }
}
