package io.github.controlnet.annotators;

/** The annotator {@code seg_ofade20k}: the 150 classes of ADE20K, by OneFormer. */
public final class SegOfade20kProvider extends OneFormerProvider {
  /** Creates the provider; called by {@link java.util.ServiceLoader}. */
  public SegOfade20kProvider() {
    super(
        "seg_ofade20k",
        "ADE20K",
        "lllyasviel/Annotators/250_16_swin_l_oneformer_ade20k_160k.pth",
        640,
        2560,
        Palette::ade20k);
  }
}
