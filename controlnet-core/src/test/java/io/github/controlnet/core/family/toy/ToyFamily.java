package io.github.controlnet.core.family.toy;

import io.github.controlnet.core.family.Defaults;
import io.github.controlnet.core.family.Family;
import io.github.controlnet.core.family.NameTable;
import io.github.controlnet.core.family.Recipe;
import io.github.controlnet.core.family.Role;
import io.github.controlnet.core.family.Section;
import io.github.controlnet.core.family.TensorIndex;
import io.github.controlnet.core.family.TextRecipe;
import io.github.controlnet.engine.Conditioning;
import io.github.controlnet.engine.LatentFormat;
import io.github.controlnet.sampler.NoiseSchedule;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** Everything about the family: the class and its name table. */
public final class ToyFamily implements Family, Recipe {
  static final LatentFormat LATENTS = new LatentFormat(4, 2, 0.5, 0.25, LatentFormat.Preview.GREY);

  /** Its files write slashes where the canonical names have dots. */
  private static final NameTable NAMES =
      new NameTable() {
        @Override
        public boolean recognises(Collection<String> names) {
          return names.stream().anyMatch(name -> name.contains("/"));
        }

        @Override
        public Map<String, String> canonical(Collection<String> names) {
          Map<String, String> canonical = replaced(names, '/', '.');
          // a table that is computed
          canonical.keySet().removeIf(name -> name.endsWith("position_ids"));
          return canonical;
        }

        @Override
        public Map<String, String> original(Collection<String> names) {
          return replaced(names, '.', '/');
        }

        private Map<String, String> replaced(Collection<String> names, char from, char to) {
          Map<String, String> result = new LinkedHashMap<>();
          names.forEach(name -> result.put(name, name.replace(from, to)));
          return result;
        }
      };

  @Override
  public String name() {
    return "Toy";
  }

  @Override
  public boolean matches(TensorIndex index) {
    return index.hasPrefix("toy_net.") || index.hasPrefix("toy_control.");
  }

  @Override
  public List<Section> sections() {
    return List.of(
        Section.of("toy_net.", Role.UNET, NAMES),
        Section.of("toy_control.", Role.CONTROL, NAMES),
        Section.of("toy_pixels.", Role.AUTOENCODER, NAMES),
        Section.of("toy_words.", Role.TEXT_ENCODER, NAMES));
  }

  @Override
  public Defaults defaults() {
    return new Defaults(
        Defaults.headsOf(16), false, LATENTS, NoiseSchedule.linear(0.001, 0.01, 100), 24);
  }

  @Override
  public Optional<Recipe> recipe() {
    return Optional.of(this);
  }

  @Override
  public TextRecipe text() {
    return new TextRecipe(List.of(new TextRecipe.Encoder(Role.TEXT_ENCODER, 1, false)));
  }

  @Override
  public OptionalInt clipVocabulary() {
    return OptionalInt.empty();
  }

  @Override
  public Conditioning complete(Conditioning text, int width, int height) {
    List<Double> size = List.of((double) width, (double) height);
    return text.withSizeIds(Collections.nCopies(text.branches().size(), size)).withGuidance(3);
  }
}
