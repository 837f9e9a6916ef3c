package io.github.controlnet.annotators.depth;

import io.github.controlnet.annotator.AnnotatorOption;
import io.github.controlnet.annotators.networks.DepthAnythingNetwork.Version;
import io.github.controlnet.annotators.raster.Planes;
import io.github.controlnet.annotators.support.LoadedNetwork;
import io.github.controlnet.annotators.support.Specification;
import io.github.controlnet.annotators.support.WeightsFile;
import io.github.controlnet.core.torch.FloatTensor;
import io.github.controlnet.spi.AnnotatorCatalog;
import io.github.controlnet.spi.AnnotatorProvider;
import java.util.List;
import org.opencv.core.Mat;

/** Annotators of depth, and of the normals of surfaces. */
public final class DepthAnnotators implements AnnotatorCatalog {
  /** The control models that maps of depth are made for. */
  private static final List<String> DEPTH =
      List.of("control_v11f1p_sd15_depth", "control_sd15_depth");

  private static final String[] MIDAS = {
    "lllyasviel/Annotators/dpt_hybrid-midas-501f0c75.pt",
    "lllyasviel/ControlNet/annotator/ckpts/dpt_hybrid-midas-501f0c75.pt"
  };
  private static final String LERES = "lllyasviel/Annotators/res101.pth";
  private static final WeightsFile MERGE =
      WeightsFile.of(
          "merge_model",
          "The network that merges depths",
          "lllyasviel/Annotators/latest_net_G.pth");

  /** LeReS without boost reads pictures with sides of multiples of it. */
  private static final int LERES_MULTIPLE = 64;

  private static final long MIDAS_BYTES_PER_PIXEL = 2048;
  private static final long NORMAL_BAE_BYTES_PER_PIXEL = 4096;

  /** Of the photograph alone: the networks see sizes that do not depend on its own. */
  private static final long PHOTO_BYTES_PER_PIXEL = 64;

  /** LeReS, the network that merges, and what they make of a picture of 1024 x 1024 pixels. */
  private static final long BOOST_BYTES = 2_000_000_000;

  /** Creates the catalog; called by {@link java.util.ServiceLoader}. */
  public DepthAnnotators() {}

  @Override
  public List<AnnotatorProvider> annotators() {
    return List.of(
        depthMidas(),
        depthLeres(),
        depthLeresBoosted(),
        depthZoe(),
        depthAnything(),
        depthAnythingV2(),
        normalMidas(),
        normalBae());
  }

  /**
   * Depth by MiDaS with a hybrid vision transformer (R. Ranftl et al., arXiv 2103.13413); equal to
   * {@code MidasDetector} of controlnet_aux.
   */
  private static AnnotatorProvider depthMidas() {
    return Specification.named("depth_midas", "Depth, the nearest white, by MiDaS.")
        .aliases("depth")
        .controls(DEPTH)
        .weights(MIDAS)
        .bytesPerPixel(MIDAS_BYTES_PER_PIXEL)
        .drawing(
            (options, networks) -> {
              Midas midas = new Midas(networks);
              return (photo, scope) ->
                  RelativeDepth.map(
                      Planes.values(midas.nearness(photo, scope)), photo.cols(), photo.rows());
            });
  }

  /**
   * Depth, near places bright, by LeReS (W. Yin et al., arXiv 2012.09365); equal to {@code
   * LeresDetector} of controlnet_aux without its boost.
   */
  private static AnnotatorProvider depthLeres() {
    return Specification.named("depth_leres", "Depth by LeReS, near places bright.")
        .aliases("leres")
        .controls(DEPTH)
        .weights(LERES)
        .options(Leres.NEAR, Leres.BACKGROUND)
        .drawing(
            (options, networks) -> {
              Leres leres = new Leres(options);
              LoadedNetwork network = Leres.load(networks);
              return (photo, scope) -> {
                Mat padded = scope.keep(Planes.padded(photo, LERES_MULTIPLE));
                FloatTensor depth = network.run(Leres.input(padded)).get(0);
                return leres.draw(depth, photo.cols(), photo.rows());
              };
            });
  }

  /**
   * Depth by LeReS with finer detail, which sd-webui-controlnet calls depth_leres++: from the
   * photograph at two resolutions and from parts of it, merged by a second network (S. Mahdi H.
   * Miangoleh et al., arXiv 2105.14021); equal to {@code LeresDetector} of controlnet_aux with its
   * boost.
   */
  private static AnnotatorProvider depthLeresBoosted() {
    return Specification.named(
            "depth_leres_boosted",
            "Depth by LeReS with finer detail, near places bright; takes minutes.")
        .aliases("depth_leres++", "leres++")
        .controls(DEPTH)
        .weights(LERES)
        .weights(MERGE)
        .options(Boost.INPUT_SIZE, Leres.NEAR, Leres.BACKGROUND)
        .bytes((width, height) -> BOOST_BYTES + PHOTO_BYTES_PER_PIXEL * width * height)
        .drawing(
            (options, networks) -> {
              Leres leres = new Leres(options);
              Boost boost = Boost.load(networks, MERGE, options);
              return (photo, scope) ->
                  leres.draw(Planes.of(boost.depth(photo, scope)), photo.cols(), photo.rows());
            });
  }

  private static AnnotatorProvider depthZoe() {
    return Specification.named("depth_zoe", "Depth, the nearest white, by ZoeDepth.")
        .aliases("zoe", "zoe_depth")
        .controls(DEPTH)
        .weights("lllyasviel/Annotators/ZoeD_M12_N.pt")
        .options(Zoe.INPUT_SIZE)
        .bytesPerPixel(PHOTO_BYTES_PER_PIXEL)
        .drawing((options, networks) -> new Zoe(networks, options)::of);
  }

  /** Depth by Depth Anything (L. Yang et al., arXiv 2401.10891), small, base or large. */
  private static AnnotatorProvider depthAnything() {
    return Specification.named("depth_anything", "Depth, the nearest white, by Depth Anything.")
        .controls(DEPTH)
        .weights(
            "LiheYoung/depth-anything-small-hf/model.safetensors",
            "LiheYoung/depth-anything-base-hf/model.safetensors",
            "LiheYoung/depth-anything-large-hf/model.safetensors")
        .options(DepthAnything.INPUT_SIZE)
        .bytesPerPixel(PHOTO_BYTES_PER_PIXEL)
        .drawing((options, networks) -> new DepthAnything(networks, options, Version.V1)::of);
  }

  /** Depth by Depth Anything V2 (L. Yang et al., arXiv 2406.09414), small, base or large. */
  private static AnnotatorProvider depthAnythingV2() {
    return Specification.named(
            "depth_anything_v2", "Depth, the nearest white, by Depth Anything V2.")
        .controls(DEPTH)
        .weights(
            "depth-anything/Depth-Anything-V2-Small/depth_anything_v2_vits.pth",
            "depth-anything/Depth-Anything-V2-Base/depth_anything_v2_vitb.pth",
            "depth-anything/Depth-Anything-V2-Large/depth_anything_v2_vitl.pth",
            "depth-anything/Depth-Anything-V2-Small-hf/model.safetensors",
            "depth-anything/Depth-Anything-V2-Base-hf/model.safetensors",
            "depth-anything/Depth-Anything-V2-Large-hf/model.safetensors")
        .options(DepthAnything.INPUT_SIZE)
        .bytesPerPixel(PHOTO_BYTES_PER_PIXEL)
        .drawing((options, networks) -> new DepthAnything(networks, options, Version.V2)::of);
  }

  private static AnnotatorProvider normalMidas() {
    return Specification.named("normal_midas", "Normals of surfaces from the depth of MiDaS.")
        .aliases("normal", "normal_map")
        .controls("control_sd15_normal")
        .weights(MIDAS)
        .options(
            AnnotatorOption.number(
                "a", 2 * Math.PI, 0.01, 1000, "Greater values make the relief flatter."),
            AnnotatorOption.number(
                "bg_threshold",
                0.1,
                0,
                1,
                "What is less near, of 0 to 1, becomes a flat background."))
        .bytesPerPixel(MIDAS_BYTES_PER_PIXEL)
        .drawing(
            (options, networks) ->
                new MidasNormals(
                        new Midas(networks),
                        (float) options.number("a"),
                        options.number("bg_threshold"))
                    ::of);
  }

  private static AnnotatorProvider normalBae() {
    return Specification.named("normal_bae", "Surface normals, x, y and z in red, green and blue.")
        .aliases("normalbae")
        .controls("control_v11p_sd15_normalbae")
        .weights("lllyasviel/Annotators/scannet.pt")
        .bytesPerPixel(NORMAL_BAE_BYTES_PER_PIXEL)
        .drawing((options, networks) -> new NormalBae(networks)::of);
  }
}
