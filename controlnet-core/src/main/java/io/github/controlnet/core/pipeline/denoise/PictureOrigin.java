package io.github.controlnet.core.pipeline.denoise;

import io.github.controlnet.MaskedContent;
import io.github.controlnet.core.pipeline.canvas.Canvas;
import io.github.controlnet.core.pipeline.canvas.Pictures;
import io.github.controlnet.core.pipeline.plan.GenerationPlan;
import io.github.controlnet.core.pipeline.plan.Inpainting;
import io.github.controlnet.core.pipeline.plan.Seeds;
import io.github.controlnet.engine.Autoencoder;
import io.github.controlnet.engine.Autoencoder.LatentDistribution;
import io.github.controlnet.engine.LatentShape;

/**
 * Begins with a picture. Without a mask that is all (SDEdit: Meng et al. 2021, arXiv:2108.01073).
 * With one an ordinary U-Net's latents are held to the source outside the mask after each step
 * (Avrahami et al. 2022, Blended Latent Diffusion, arXiv:2206.02779, algorithm 1); a U-Net made for
 * inpainting is shown mask and source in channels of its own (Rombach et al. 2022,
 * arXiv:2112.10752, section 4.5). The order in which noise is drawn is diffusers': the source's
 * latents, the noise of the batch, the masked source's latents, then whatever the steps need. What
 * is under the mask at first is that of modules/processing.py of Stable Diffusion web UI.
 */
public final class PictureOrigin implements Origin {
  private final GenerationPlan plan;
  private final Inpainting inpainting;
  private final LatentDistribution picture;
  private final LatentDistribution kept;
  private final float[] mask;
  private final double strength;
  private final MaskedContent content;
  private final Seeds.Stream draws;
  private float[] source = {};
  private float[] keptSource = {};
  private float[] noise = {};

  /**
   * Encodes what is needed.
   *
   * @param autoencoder loaded
   */
  public PictureOrigin(
      GenerationPlan plan, Canvas canvas, Autoencoder autoencoder, Seeds.Stream draws) {
    this.plan = plan;
    this.draws = draws;
    this.inpainting = plan.inpainting();
    this.strength = canvas.strength();
    this.content = canvas.content();
    LatentShape all = plan.shape();
    LatentShape one = new LatentShape(1, all.channels(), all.height(), all.width());
    LatentDistribution nothing = new LatentDistribution(new float[0], new float[0]);
    this.picture = needsPicture() ? autoencoder.encode(canvas.pixels(), one) : nothing;
    boolean shown = inpainting == Inpainting.SHOWN;
    this.kept = shown ? autoencoder.encode(canvas.keptPixels(), one) : nothing;
    this.mask = canvas.isMasked() ? canvas.latentMask(plan.latents().factor()) : new float[0];
  }

  /** At full strength a masked part begins with noise alone, if no content is wanted there. */
  private boolean startsFromNoise() {
    return inpainting != Inpainting.NONE && strength == 1 && content == MaskedContent.ORIGINAL;
  }

  private boolean needsPicture() {
    return !startsFromNoise() || inpainting == Inpainting.BLENDED;
  }

  @Override
  public float[] begin() {
    if (needsPicture()) {
      source = draw(picture);
    }
    noise = draws.next(plan.shape().size());
    replaceMasked();
    if (inpainting == Inpainting.SHOWN) {
      keptSource = draw(kept);
    } else if (inpainting == Inpainting.BLENDED && !picture.isCertain()) {
      // diffusers encodes the masked source for every model: only its draw is left to see
      draws.forEachImage(picture.mean().length);
    }
    return startsFromNoise()
        ? Pictures.scaled(noise, plan.sampling().initialNoiseScale())
        : plan.sampling().addNoise(0, source, noise);
  }

  private void replaceMasked() {
    if (content != MaskedContent.NOISE && content != MaskedContent.NOTHING) {
      return;
    }
    for (int i = 0; i < source.length; i++) {
      if (mask[i % mask.length] > 0) {
        source[i] = content == MaskedContent.NOISE ? noise[i] : 0;
      }
    }
  }

  /** Draws latents of one picture for every image of the batch. */
  private float[] draw(LatentDistribution distribution) {
    int each = distribution.mean().length;
    float[] latents = new float[plan.shape().size()];
    float[] drawn = distribution.isCertain() ? new float[latents.length] : draws.forEachImage(each);
    for (int image = 0; image < plan.shape().images(); image++) {
      float[] part = new float[each];
      System.arraycopy(drawn, image * each, part, 0, each);
      System.arraycopy(
          plan.latents().toDenoiser(distribution.sample(part)), 0, latents, image * each, each);
    }
    return latents;
  }

  @Override
  public int addedChannels() {
    return inpainting == Inpainting.SHOWN ? 1 + plan.shape().channels() : 0;
  }

  @Override
  public float[] unetInput(float[] scaled) {
    if (inpainting != Inpainting.SHOWN) {
      return scaled;
    }
    int images = plan.shape().images();
    int each = scaled.length / images;
    float[] input = new float[2 * scaled.length + images * mask.length];
    int at = 0;
    for (int image = 0; image < images; image++) {
      System.arraycopy(scaled, image * each, input, at, each);
      System.arraycopy(mask, 0, input, at + each, mask.length);
      System.arraycopy(keptSource, image * each, input, at + each + mask.length, each);
      at += 2 * each + mask.length;
    }
    return input;
  }

  @Override
  public float[] hold(int next, float[] latents) {
    if (inpainting != Inpainting.BLENDED) {
      return latents;
    }
    float[] outside =
        next < plan.sampling().evaluations()
            ? plan.sampling().addNoise(next, source, noise)
            : source;
    float[] held = new float[latents.length];
    for (int i = 0; i < held.length; i++) {
      float share = mask[i % mask.length];
      held[i] = (1 - share) * outside[i] + share * latents[i];
    }
    return held;
  }
}
