package io.github.controlnet.annotators;

/** The annotator {@code seg_ofcoco}: the 133 things and stuffs of COCO, by OneFormer. */
public final class SegOfcocoProvider extends OneFormerProvider {
  /** Creates the provider; called by {@link java.util.ServiceLoader}. */
  public SegOfcocoProvider() {
    super(
        "seg_ofcoco",
        "COCO",
        "lllyasviel/Annotators/150_16_swin_l_oneformer_coco_100ep.pth",
        800,
        1333,
        Palette::coco);
  }
}
