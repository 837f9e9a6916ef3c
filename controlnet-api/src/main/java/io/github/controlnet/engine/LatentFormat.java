package io.github.controlnet.engine;

import java.util.List;

/**
 * How latents are written down: their size, how an autoencoder's numbers become those that a
 * denoiser works on, and what they look like.
 *
 * @param channels channels of the latents, at least 1; 4 for Stable Diffusion
 * @param factor how many pixels a latent stands for along each side, at least 1; 8 for Stable
 *     Diffusion
 * @param scale what the autoencoder's latents are multiplied with, positive; 0.18215 for Stable
 *     Diffusion 1.x
 * @param shift what is taken off them before, finite; 0 for Stable Diffusion
 * @param preview the colours of the denoiser's latents
 */
public record LatentFormat(int channels, int factor, double scale, double shift, Preview preview) {

  /** Checks that the numbers can be calculated with. */
  public LatentFormat {
    if (channels < 1
        || factor < 1
        || !(scale > 0)
        || !Double.isFinite(scale)
        || !Double.isFinite(shift)) {
      throw new IllegalArgumentException(
          "Latents of %d channels, factor %d, scale %s and shift %s cannot be; expected at least 1, at least 1, a positive and a finite number."
              .formatted(channels, factor, scale, shift));
    }
    if (!preview.colours().isEmpty() && preview.colours().size() != channels) {
      throw new IllegalArgumentException(
          "The preview has colours for %d channels of %d; expected one for each, or none."
              .formatted(preview.colours().size(), channels));
    }
  }

  /**
   * Turns an autoencoder's latents into the denoiser's.
   *
   * @param latents the autoencoder's, of any shape; not changed
   * @return {@code (latents - shift) x scale}
   */
  public float[] toDenoiser(float[] latents) {
    float off = (float) shift;
    float by = (float) scale;
    float[] result = new float[latents.length];
    for (int i = 0; i < result.length; i++) {
      result[i] = (latents[i] - off) * by;
    }
    return result;
  }

  /**
   * Turns a denoiser's latents into the autoencoder's.
   *
   * @param latents the denoiser's, of any shape; not changed
   * @return {@code latents / scale + shift}
   */
  public float[] toAutoencoder(float[] latents) {
    float by = (float) (1 / scale);
    float on = (float) shift;
    float[] result = new float[latents.length];
    for (int i = 0; i < result.length; i++) {
      result[i] = latents[i] * by + on;
    }
    return result;
  }

  /**
   * A linear map from the denoiser's latents to colours, for previews without the autoencoder: -1
   * is dark, 1 is light.
   *
   * @param colours what each channel adds for each unit of it; empty where no map is known: then
   *     the first channel is shown in grey
   * @param bias the colour where all channels are 0
   */
  public record Preview(List<Colour> colours, Colour bias) {
    /** No known colours. */
    public static final Preview GREY = new Preview(List.of());

    /** Copies the list. */
    public Preview {
      colours = List.copyOf(colours);
    }

    /**
     * Creates a map without bias.
     *
     * @param colours what each channel adds for each unit of it
     */
    public Preview(List<Colour> colours) {
      this(colours, new Colour(0, 0, 0));
    }
  }

  /**
   * A colour, -1 to 1 in each part when it is shown.
   *
   * @param red its red
   * @param green its green
   * @param blue its blue
   */
  public record Colour(float red, float green, float blue) {}
}
