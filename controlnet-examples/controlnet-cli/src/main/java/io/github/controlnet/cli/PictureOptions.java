package io.github.controlnet.cli;

import io.github.controlnet.InitImage;
import io.github.controlnet.InpaintMask;
import io.github.controlnet.MaskedContent;
import io.github.controlnet.exception.InvalidRequestException;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The picture that image to image and inpainting start from. */
final class PictureOptions {
  @Option(
      names = "--init-image",
      paramLabel = "FILE",
      description =
          "Start from this picture instead of noise: image to image. The result has its size,"
              + " rounded down to multiples of 8, unless one is given. Default: none.")
  private @Nullable Path initImage;

  @Option(
      names = {"--strength", "--denoising-strength"},
      paramLabel = "X",
      description =
          "Denoising strength: the share of the steps that are done, more than 0 to 1."
              + " Default: 0.8, with a mask 1.0.")
  private @Nullable Double strength;

  @Option(
      names = "--mask",
      paramLabel = "FILE",
      description =
          "Inpainting: white is painted anew, the rest stays as it is, to the pixel; in a picture"
              + " with transparency, what is opaque. As large as the init image. Default: none.")
  private @Nullable Path mask;

  @Option(
      names = "--mask-blur",
      paramLabel = "X",
      description = "Blurs the mask's edge, radius in pixels. Default: 0.")
  private @Nullable Double maskBlur;

  @Option(
      names = {"--only-masked", "--inpaint-full-res"},
      description =
          "Generates the masked part alone, at full size, and puts it back. Default: off.")
  private boolean onlyMasked;

  @Option(
      names = "--padding",
      paramLabel = "N",
      description =
          "With --only-masked: how much around the mask is seen, in pixels of the picture."
              + " Default: 32.")
  private @Nullable Integer padding;

  @Option(
      names = {"--inpaint-fill", "--masked-content"},
      paramLabel = "NAME",
      converter = Choices.ToMaskedContent.class,
      description =
          "What is under the mask at first: original, fill (the colours around it), noise or"
              + " nothing (both in the latents). Default: original.")
  private @Nullable MaskedContent content;

  /** Looks for what can be wrong with the options alone, before any file is touched. */
  void check(Usage usage) {
    if (initImage == null) {
      needs("--strength", strength != null, "--init-image", usage);
      needs("--mask", mask != null, "--init-image", usage);
    }
    if (mask == null) {
      needs("--mask-blur", maskBlur != null, "--mask", usage);
      needs("--only-masked", onlyMasked, "--mask", usage);
      needs("--inpaint-fill", content != null, "--mask", usage);
    }
    needs("--padding", padding != null && !onlyMasked, "--only-masked", usage);
    BufferedImage white = new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB);
    white.setRGB(0, 0, 0xffffff);
    usage.value(() -> of(white, mask == null ? Optional.empty() : Optional.of(white)));
  }

  private static void needs(String option, boolean given, String other, Usage usage) {
    if (given) {
      throw usage.wrong("%s needs %s.".formatted(option, other));
    }
  }

  /** Reads the pictures. */
  Optional<InitImage> read() {
    if (initImage == null) {
      return Optional.empty();
    }
    BufferedImage picture = ControlOptions.read("--init-image", initImage);
    Optional<BufferedImage> shape =
        Optional.ofNullable(mask).map(file -> ControlOptions.readMask("--mask", file));
    return Optional.of(InvalidRequestException.checking(() -> of(picture, shape)));
  }

  private InitImage of(BufferedImage picture, Optional<BufferedImage> shape) {
    InitImage init = InitImage.of(picture);
    if (strength != null) {
      init = init.withStrength(strength);
    }
    if (shape.isEmpty()) {
      return init;
    }
    InpaintMask white = InpaintMask.of(shape.get());
    if (maskBlur != null) {
      white = white.withBlur(maskBlur);
    }
    if (content != null) {
      white = white.withContent(content);
    }
    if (onlyMasked) {
      white = white.withOnlyMasked(padding == null ? InpaintMask.USUAL_PADDING : padding);
    }
    return init.withMask(white);
  }
}
