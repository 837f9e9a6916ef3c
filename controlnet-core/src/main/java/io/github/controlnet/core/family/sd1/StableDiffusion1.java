package io.github.controlnet.core.family.sd1;

import io.github.controlnet.core.family.Defaults;
import io.github.controlnet.core.family.Family;
import io.github.controlnet.core.family.LatentDiffusion;
import io.github.controlnet.core.family.Recipe;
import io.github.controlnet.core.family.Role;
import io.github.controlnet.core.family.Section;
import io.github.controlnet.core.family.TensorIndex;
import io.github.controlnet.core.family.TextRecipe;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** Stable Diffusion 1.x and other sizes of the same design: one CLIP text model, 8 heads. */
public final class StableDiffusion1 implements Family, Recipe {
  /** Widths that are other families': 2.x, XL's refiner, XL. */
  private static final Set<Long> OTHERS = Set.of(1024L, 1280L, 2048L);

  private static final TextRecipe TEXT =
      new TextRecipe(List.of(new TextRecipe.Encoder(Role.TEXT_ENCODER, 0, false)));

  /** Creates the family; called by the service loader. */
  public StableDiffusion1() {}

  @Override
  public String name() {
    return "Stable Diffusion 1.x";
  }

  @Override
  public boolean matches(TensorIndex index) {
    return LatentDiffusion.contextWidth(index).filter(width -> !OTHERS.contains(width)).isPresent()
        && !LatentDiffusion.isExtended(index);
  }

  @Override
  public List<Section> sections() {
    return LatentDiffusion.sections(
        Section.of("cond_stage_model.transformer.", Role.TEXT_ENCODER, LatentDiffusion.CLIP_TEXT),
        Section.of("cond_stage_model.", Role.TEXT_ENCODER, LatentDiffusion.CLIP_TEXT));
  }

  @Override
  public Defaults defaults() {
    return LatentDiffusion.DEFAULTS;
  }

  @Override
  public Optional<String> tinyAutoencoder() {
    return Optional.of("taesd");
  }

  @Override
  public Optional<Recipe> recipe() {
    return Optional.of(this);
  }

  @Override
  public TextRecipe text() {
    return TEXT;
  }

  @Override
  public OptionalInt clipVocabulary() {
    return OptionalInt.of(49408);
  }
}
