package io.github.controlnet;

import io.github.controlnet.internal.Values;
import java.awt.image.BufferedImage;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The image that image to image starts from in place of noise (Meng et al. 2021, SDEdit,
 * arXiv:2108.01073). Immutable: each {@code with} method returns a new value, and the image is
 * copied when it is given. The one that it gives out is its own, to be read and not to be changed.
 */
public final class InitImage {
  /** The denoising strength without a mask, when none is set: that of diffusers. */
  public static final double USUAL_STRENGTH = 0.8;

  private final BufferedImage image;
  private final double strength;
  private final @Nullable InpaintMask mask;

  private InitImage(BufferedImage image, double strength, @Nullable InpaintMask mask) {
    this.image = image;
    this.strength = strength;
    this.mask = mask;
  }

  /**
   * Starts from an image.
   *
   * @param image the image
   * @return the init image, with the usual strength and no mask
   * @throws NullPointerException when it is null
   */
  public static InitImage of(BufferedImage image) {
    return new InitImage(Values.copy(image, "the init image"), 0, null);
  }

  /**
   * Sets the denoising strength: the share of the steps that are done. The image gets the noise of
   * the first of them.
   *
   * @param share more than 0, to keep nearly everything, up to 1, to start nearly from noise
   * @return a new init image
   * @throws IllegalArgumentException when it is outside its range
   */
  public InitImage withStrength(double share) {
    if (!(share > 0 && share <= 1)) {
      throw new IllegalArgumentException(
          "The denoising strength is %s; expected more than 0, up to 1.0. At 0 the picture would come back as it is."
              .formatted(share));
    }
    return new InitImage(image, share, mask);
  }

  /**
   * Paints only a part anew; the rest of the result is the image, to the pixel.
   *
   * @param chosen the mask; one of another size but the same shape is resized, bilinearly
   * @return a new init image
   * @throws IllegalArgumentException when the mask has another shape
   * @throws NullPointerException when it is null
   */
  public InitImage withMask(InpaintMask chosen) {
    return new InitImage(image, strength, Values.nonNull(chosen, "the mask").fitted(image));
  }

  /**
   * Returns the image.
   *
   * @return the image
   */
  public BufferedImage image() {
    return image;
  }

  /**
   * Returns the denoising strength.
   *
   * @return more than 0, up to 1; when none was set {@link #USUAL_STRENGTH}, with a mask 1, as in
   *     diffusers
   */
  public double strength() {
    if (strength == 0) {
      return mask == null ? USUAL_STRENGTH : 1;
    }
    return strength;
  }

  /**
   * Returns the mask.
   *
   * @return empty when the whole image is painted anew
   */
  public Optional<InpaintMask> mask() {
    return Optional.ofNullable(mask);
  }
}
