package io.github.controlnet.core.sampler;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * Prints the table of {@code docs/samplers.md}: how far each sampler is from diffusers' at the
 * steps that the page names, the greater of epsilon and v-prediction and of all etas.
 */
final class SamplerErrorTable {
  private SamplerErrorTable() {}

  public static void main(String[] arguments) {
    SamplerReference reference = new SamplerReference();
    Map<String, Map<Integer, Double>> errors = new LinkedHashMap<>();
    for (SamplerReference.Case wanted : reference.cases()) {
      errors
          .computeIfAbsent(wanted.sampler(), name -> new TreeMap<>())
          .merge(wanted.steps(), reference.run(wanted).error(), Math::max);
    }
    System.out.println("| sampler | 5 steps | 20 steps | 50 steps |");
    System.out.println("|---|---|---|---|");
    errors.forEach(
        (name, by) ->
            System.out.printf(
                "| `%s` | %.1e | %.1e | %.1e |%n", name, by.get(5), by.get(20), by.get(50)));
  }
}
