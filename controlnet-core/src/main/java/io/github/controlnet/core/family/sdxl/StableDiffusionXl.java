package io.github.controlnet.core.family.sdxl;

import io.github.controlnet.core.family.Defaults;
import io.github.controlnet.core.family.Family;
import io.github.controlnet.core.family.LatentDiffusion;
import io.github.controlnet.core.family.Recipe;
import io.github.controlnet.core.family.Section;
import io.github.controlnet.core.family.TensorIndex;
import java.util.List;
import java.util.Optional;

/**
 * Stable Diffusion XL and its refiner: two text encoders, hidden states of 2048 (the refiner's:
 * 1280), an embedding of sizes and pooled text. Recognised and named, not run.
 */
public final class StableDiffusionXl implements Family {
  /** Creates the family; called by the service loader. */
  public StableDiffusionXl() {}

  @Override
  public String name() {
    return "Stable Diffusion XL";
  }

  @Override
  public boolean matches(TensorIndex index) {
    return LatentDiffusion.isExtended(index)
        || LatentDiffusion.contextWidth(index)
            .map(width -> width == 2048 || width == 1280)
            .orElse(false);
  }

  @Override
  public List<Section> sections() {
    return LatentDiffusion.sections(
        Section.unread(LatentDiffusion.EMBEDDERS, "Stable Diffusion XL text encoders"));
  }

  @Override
  public Defaults defaults() {
    Defaults usual = LatentDiffusion.DEFAULTS;
    return new Defaults(
        Defaults.headsOf(64), true, usual.latents(), usual.noiseSchedule(), usual.latentSide());
  }

  @Override
  public Optional<String> tinyAutoencoder() {
    return Optional.of("taesdxl");
  }

  @Override
  public Optional<Recipe> recipe() {
    return Optional.empty();
  }
}
