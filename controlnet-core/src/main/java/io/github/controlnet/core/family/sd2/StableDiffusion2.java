package io.github.controlnet.core.family.sd2;

import io.github.controlnet.core.family.Defaults;
import io.github.controlnet.core.family.Family;
import io.github.controlnet.core.family.LatentDiffusion;
import io.github.controlnet.core.family.Recipe;
import io.github.controlnet.core.family.Section;
import io.github.controlnet.core.family.TensorIndex;
import java.util.List;
import java.util.Optional;

/**
 * Stable Diffusion 2.x: OpenCLIP's text model, hidden states of 1024, 64 channels an attention
 * head. Recognised and named, not run.
 */
public final class StableDiffusion2 implements Family {
  private static final String OPEN_CLIP = "cond_stage_model.model.";

  /** Creates the family; called by the service loader. */
  public StableDiffusion2() {}

  @Override
  public String name() {
    return "Stable Diffusion 2.x";
  }

  @Override
  public boolean matches(TensorIndex index) {
    return LatentDiffusion.contextWidth(index)
            .map(width -> width == 1024)
            .orElseGet(() -> index.hasPrefix(OPEN_CLIP))
        && !LatentDiffusion.isExtended(index);
  }

  @Override
  public List<Section> sections() {
    return LatentDiffusion.sections(Section.unread(OPEN_CLIP, "OpenCLIP text encoder"));
  }

  @Override
  public Defaults defaults() {
    Defaults usual = LatentDiffusion.DEFAULTS;
    return new Defaults(
        Defaults.headsOf(64), false, usual.latents(), usual.noiseSchedule(), usual.latentSide());
  }

  @Override
  public Optional<String> tinyAutoencoder() {
    return Optional.of("taesd");
  }

  @Override
  public Optional<Recipe> recipe() {
    return Optional.empty();
  }
}
