package io.github.controlnet.annotators.segments;

import io.github.controlnet.annotators.support.Specification;
import io.github.controlnet.spi.AnnotatorCatalog;
import io.github.controlnet.spi.AnnotatorProvider;
import java.util.List;
import java.util.function.Supplier;

/** Annotators that say what every pixel belongs to. */
public final class SegmentAnnotators implements AnnotatorCatalog {
  private static final String CONTROL = "control_v11p_sd15_seg";

  /** Of UniFormer's photograph; what the network needs depends on the input size. */
  private static final long PHOTO_BYTES_PER_PIXEL = 64;

  /** Creates the catalog; called by {@link java.util.ServiceLoader}. */
  public SegmentAnnotators() {}

  @Override
  public List<AnnotatorProvider> annotators() {
    return List.of(
        uniformer(),
        oneFormer(
            "seg_ofade20k",
            "ADE20K",
            "lllyasviel/Annotators/250_16_swin_l_oneformer_ade20k_160k.pth",
            640,
            2560,
            Palette::ade20k),
        oneFormer(
            "seg_ofcoco",
            "COCO",
            "lllyasviel/Annotators/150_16_swin_l_oneformer_coco_100ep.pth",
            800,
            1333,
            Palette::coco));
  }

  private static AnnotatorProvider uniformer() {
    return Specification.named(
            "seg_ufade20k",
            "What every pixel belongs to, in the colours of ADE20K's classes, by UniFormer.")
        .aliases("segmentation", "seg")
        .controls(CONTROL, "control_sd15_seg")
        .weights(
            "lllyasviel/Annotators/upernet_global_small.pth",
            "lllyasviel/ControlNet/annotator/ckpts/upernet_global_small.pth")
        .options(Uniformer.INPUT_SIZE)
        .labels()
        .bytesPerPixel(PHOTO_BYTES_PER_PIXEL)
        .drawing((options, networks) -> new Uniformer(networks, options)::of);
  }

  /**
   * The classes of a data set, by OneFormer.
   *
   * @param shortSide the short side of what the network sees, which an option changes
   * @param longSide the long side at the most, as long as the short side is not changed
   */
  private static AnnotatorProvider oneFormer(
      String name,
      String dataSet,
      String weights,
      int shortSide,
      int longSide,
      Supplier<Palette> palette) {
    double longest = (double) longSide / shortSide;
    return Specification.named(
            name,
            "What every pixel belongs to, in the colours of %s's classes, by OneFormer."
                .formatted(dataSet))
        .controls(CONTROL)
        .weights(weights)
        .options(OneFormer.inputSize(shortSide))
        .labels()
        .drawing(
            (options, networks) -> {
              int side = options.integer(OneFormer.INPUT_SIZE);
              int most = (int) Math.rint(side * longest);
              return new OneFormer(networks, palette.get(), side, most)::of;
            });
  }
}
