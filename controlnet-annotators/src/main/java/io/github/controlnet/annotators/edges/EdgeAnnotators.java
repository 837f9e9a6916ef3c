package io.github.controlnet.annotators.edges;

import io.github.controlnet.annotator.AnnotatorOption;
import io.github.controlnet.annotators.raster.OpenCv;
import io.github.controlnet.annotators.raster.Pixels;
import io.github.controlnet.annotators.raster.Planes;
import io.github.controlnet.annotators.support.Specification;
import io.github.controlnet.spi.AnnotatorCatalog;
import io.github.controlnet.spi.AnnotatorProvider;
import java.util.List;
import org.opencv.core.Mat;
import org.opencv.imgproc.Imgproc;

/** Annotators of edges, and of strokes along them. */
public final class EdgeAnnotators implements AnnotatorCatalog {
  private static final String HED = "lllyasviel/Annotators/ControlNetHED.pth";
  private static final String PIDINET = "lllyasviel/Annotators/table5_pidinet.pth";
  private static final String SOFTEDGE = "control_v11p_sd15_softedge";
  private static final String SCRIBBLE_10 = "control_sd15_scribble";
  private static final String SCRIBBLE_11 = "control_v11p_sd15_scribble";
  private static final int LIGHT = 127;

  private static final AnnotatorOption SAFE =
      AnnotatorOption.flag(
          "safe", false, "Edges in steps of strength, which hide the picture's content.");

  /** Creates the catalog; called by {@link java.util.ServiceLoader}. */
  public EdgeAnnotators() {}

  @Override
  public List<AnnotatorProvider> annotators() {
    return List.of(
        canny(),
        hed(),
        scribbleHed(),
        pidinet(),
        scribblePidinet(),
        teed(),
        anyline(),
        scribble(),
        scribbleXdog());
  }

  /**
   * Canny's edges as OpenCV finds them (J. Canny, "A Computational Approach to Edge Detection",
   * 1986), equal to {@code cv2.Canny(photo, low, high)} on the RGB picture, which is what the
   * original code calls. Thresholds given the wrong way round are exchanged, as OpenCV does.
   */
  private static AnnotatorProvider canny() {
    return Specification.named("canny", "Canny edges, white on black.")
        .controls("control_sd15_canny", "control_v11p_sd15_canny")
        .options(
            AnnotatorOption.integer(
                "low",
                100,
                1,
                255,
                "Gradients above it are edges where they continue a strong one."),
            AnnotatorOption.integer("high", 200, 1, 255, "Gradients above it are strong edges."))
        .invertedPreview()
        .drawing(
            options -> {
              int low = options.integer("low");
              int high = options.integer("high");
              return (photo, scope) -> {
                Mat edges = scope.create();
                Imgproc.Canny(photo, edges, low, high);
                return OpenCv.toImage(edges);
              };
            });
  }

  /**
   * Soft edges by the network of S. Xie and Z. Tu (arXiv 1504.06375) with the weights that
   * ControlNet 1.1 publishes; equal to {@code HEDdetector} of controlnet_aux.
   */
  private static AnnotatorProvider hed() {
    return Specification.named("hed", "Soft edges, white on black, by HED.")
        .aliases("softedge_hed")
        .controls(SOFTEDGE, "control_sd15_hed")
        .weights(HED)
        .options(SAFE)
        .leastSide(HedEdges.LEAST_SIDE)
        .drawing(
            (options, networks) -> {
              boolean safe = options.flag(SAFE.name());
              HedEdges hed = new HedEdges(networks);
              return (photo, scope) -> hed.of(photo, safe, scope);
            });
  }

  /**
   * Strokes of a pen along HED's edges, ControlNet 1.1's "fake scribble"; equal to {@code
   * HEDdetector} of controlnet_aux with {@code scribble=True}.
   */
  private static AnnotatorProvider scribbleHed() {
    return Specification.named("scribble_hed", "Scribbles along HED's edges, white on black.")
        .controls(SCRIBBLE_11, SCRIBBLE_10)
        .weights(HED)
        .invertedPreview()
        .leastSide(HedEdges.LEAST_SIDE)
        .drawing(
            (options, networks) -> {
              HedEdges hed = new HedEdges(networks);
              return (photo, scope) -> SoftEdges.scribble(hed.of(photo, false, scope), scope);
            });
  }

  /**
   * Soft edges by PiDiNet (Z. Su et al., arXiv 2108.07009); equal to {@code PidiNetDetector} of
   * controlnet_aux.
   */
  private static AnnotatorProvider pidinet() {
    return Specification.named("pidinet", "Soft edges, white on black, by PiDiNet.")
        .aliases("softedge_pidinet")
        .controls(SOFTEDGE)
        .weights(PIDINET)
        .options(
            SAFE, AnnotatorOption.flag("binary", false, "White where the strength exceeds a half."))
        .leastSide(PidinetEdges.LEAST_SIDE)
        .drawing(
            (options, networks) -> {
              boolean safe = options.flag(SAFE.name());
              boolean binary = options.flag("binary");
              PidinetEdges pidinet = new PidinetEdges(networks);
              return (photo, scope) -> pidinet.of(photo, safe, binary);
            });
  }

  /**
   * Strokes of a pen along PiDiNet's edges; equal to {@code PidiNetDetector} of controlnet_aux with
   * {@code scribble=True}.
   */
  private static AnnotatorProvider scribblePidinet() {
    return Specification.named(
            "scribble_pidinet", "Scribbles along PiDiNet's edges, white on black.")
        .controls(SCRIBBLE_11, SCRIBBLE_10)
        .weights(PIDINET)
        .invertedPreview()
        .leastSide(PidinetEdges.LEAST_SIDE)
        .drawing(
            (options, networks) -> {
              PidinetEdges pidinet = new PidinetEdges(networks);
              return (photo, scope) -> SoftEdges.scribble(pidinet.of(photo, false, false), scope);
            });
  }

  /**
   * Soft edges by TEED (X. Soria et al., arXiv 2308.06468); equal to {@code TEEDdetector} of
   * controlnet_aux.
   */
  private static AnnotatorProvider teed() {
    return Specification.named("teed", "Soft edges, white on black, by TEED.")
        .aliases("softedge_teed")
        .controls(SOFTEDGE)
        .weights(
            "fal-ai/teed/5_model.pth", "bdsqlsz/qinglong_controlnet-lllite/Annotators/7_model.pth")
        .options(
            AnnotatorOption.integer(
                "safe_steps",
                SoftEdges.SAFE_STEPS,
                0,
                10,
                "Edges in so many steps of strength, which hide the picture's content; 0 for all levels."))
        .drawing(
            (options, networks) -> {
              int steps = options.integer("safe_steps");
              TeedEdges teed = new TeedEdges(networks);
              return (photo, scope) -> {
                Mat padded = scope.keep(Planes.padded(photo, TeedEdges.MULTIPLE));
                return Pixels.corner(teed.of(padded, steps, scope), photo.cols(), photo.rows());
              };
            });
  }

  private static AnnotatorProvider anyline() {
    return Specification.named("anyline", "Edges and dark lines, white on black, by TEED.")
        .aliases("softedge_anyline")
        .controls("mistoLine_rank256", "mistoLine_fp16", SOFTEDGE)
        .weights("TheMistoAI/MistoLine/Anyline/MTEED.pth")
        .options(
            AnnotatorOption.number(
                "sigma", 2, 0.01, 100, "Width of the dark lines' blur in pixels."),
            DarkLines.threshold(3))
        .drawing(
            (options, networks) ->
                new Anyline(new TeedEdges(networks), new DarkLines(options))::of);
  }

  /**
   * Dark strokes become white, the rest black. A pixel is a stroke where the least of R, G, B is
   * below 127: the rule of the original code's {@code gradio_scribble2image}, which has no options
   * and shows people the negative.
   */
  private static AnnotatorProvider scribble() {
    return Specification.named(
            "scribble", "Dark strokes, white on black; for drawings, not photographs.")
        .controls(SCRIBBLE_10, SCRIBBLE_11)
        .invertedPreview()
        .pixelwise(options -> pixel -> Pixels.least(pixel) < LIGHT ? Pixels.WHITE : Pixels.BLACK);
  }

  private static AnnotatorProvider scribbleXdog() {
    return Specification.named(
            "scribble_xdog", "Strokes where the picture is darker than around, white on black.")
        .controls(SCRIBBLE_10, SCRIBBLE_11)
        .options(AnnotatorOption.integer("threshold", 32, 1, 64, "Less gives more strokes."))
        .drawing(options -> new XdogStrokes(options.integer("threshold"))::of);
  }
}
