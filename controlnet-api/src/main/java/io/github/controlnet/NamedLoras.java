package io.github.controlnet;

import io.github.controlnet.exception.InvalidRequestException;
import io.github.controlnet.model.Lora;
import io.github.controlnet.model.LoraFolder;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Prompts without the names of LoRAs, and the LoRAs that they named.
 *
 * @param prompts as they are painted
 * @param loras in the order of their names
 */
record NamedLoras(Prompts prompts, List<Lora> loras) {

  /**
   * Reads prompts.
   *
   * @param folder where the LoRAs are; without one nothing is read, and names are refused later
   */
  static NamedLoras read(Prompts prompts, @Nullable LoraFolder folder) {
    if (folder == null) {
      return new NamedLoras(prompts, List.of());
    }
    LoraFolder.Tagged added = folder.read(prompts.added());
    List<Prompt> plain = new ArrayList<>();
    List<Lora> first = List.of();
    for (Prompt prompt : prompts.list()) {
      LoraFolder.Tagged tagged = folder.read(prompt.text());
      if (plain.isEmpty()) {
        first = tagged.loras();
      } else if (!first.equals(tagged.loras())) {
        throw new InvalidRequestException(
            "The prompts of one request name different LoRAs, %s and %s; expected the same in all, since they are painted together."
                .formatted(first, tagged.loras()));
      }
      plain.add(new Prompt(tagged.text(), prompt.negative()));
    }
    List<Lora> all = new ArrayList<>(first);
    all.addAll(added.loras());
    return new NamedLoras(prompts.withList(plain).withAdded(added.text()), List.copyOf(all));
  }
}
