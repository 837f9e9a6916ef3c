package io.github.controlnet.core.hub;

import io.github.controlnet.model.HubReference;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Which files of a repository a loader needs: of each component the configuration and one variant
 * of the weights. Safetensors come before pickles, whole numbers before half ones.
 *
 * @param files what to fetch
 * @param missing what the loader needs and the list does not have
 */
record FileSelection(List<String> files, List<String> missing) {
  static final String INDEX = "model_index.json";

  /** Components with weights, by their folder in a diffusers repository. */
  private static final Set<String> NETWORKS =
      Set.of("unet", "vae", "text_encoder", "text_encoder_2", "controlnet");

  /** Components without weights, and the files each must have. */
  private static final Set<String> SETTINGS = Set.of("tokenizer", "tokenizer_2", "scheduler");

  private static final List<String> REQUIRED = List.of("unet", "vae", "text_encoder");
  private static final List<String> STEMS =
      List.of("diffusion_pytorch_model", "model", "pytorch_model");

  /** What training scripts call a LoRA. */
  private static final List<String> LORAS =
      List.of(
          "pytorch_lora_weights.safetensors",
          "pytorch_lora_weights.bin",
          "adapter_model.safetensors",
          "adapter_model.bin");

  private static final Pattern SMALL = Pattern.compile("[^/]+\\.(json|txt|yaml|yml)");
  private static final Pattern SHARD = Pattern.compile(".*-(\\d{5})-of-(\\d{5})(\\..*)?");
  private static final int MOST_SHARDS = 1000;

  FileSelection {
    files = List.copyOf(files);
    missing = List.copyOf(missing);
  }

  boolean isComplete() {
    return missing.isEmpty();
  }

  /** One file, and the configuration that is published beside it. */
  static FileSelection file(String file, List<String> names) {
    if (!names.contains(file)) {
      return new FileSelection(List.of(), List.of(file));
    }
    List<String> files = new ArrayList<>(List.of(file));
    String stem = file.replaceFirst("\\.[^./]*$", "");
    for (String beside : List.of(stem + ".yaml", stem + ".yml", stem + ".json")) {
      if (names.contains(beside) && !beside.equals(file)) {
        files.add(beside);
      }
    }
    String folder = file.substring(0, file.lastIndexOf('/') + 1);
    String name = file.substring(folder.length());
    boolean published = STEMS.stream().anyMatch(known -> name.startsWith(known + "."));
    if (published && names.contains(folder + "config.json")) {
      files.add(folder + "config.json");
    }
    return new FileSelection(files, List.of());
  }

  /**
   * What is needed of a whole repository.
   *
   * @param components those that model_index.json names; empty when it has not been read
   */
  static FileSelection repository(List<String> names, Set<String> components) {
    if (names.contains(INDEX)) {
      return pipeline(names, components);
    }
    Set<String> files = new LinkedHashSet<>();
    List<String> missing = new ArrayList<>();
    Optional<String> lora = LORAS.stream().filter(names::contains).findFirst();
    if (lora.isPresent()) {
      // PEFT keeps the alphas in a file beside
      return new FileSelection(
          Stream.of(lora.get(), "adapter_config.json").filter(names::contains).toList(), missing);
    }
    component("", names, true, files, missing);
    return new FileSelection(List.copyOf(files), missing);
  }

  /** What is needed of a reference. */
  static FileSelection of(HubReference reference, List<String> names, Set<String> components) {
    return reference.file().isPresent()
        ? file(reference.file().get(), names)
        : repository(names, components);
  }

  /** Tells whether a folder of a diffusers repository is one that the loader reads. */
  static boolean isComponent(String name) {
    return NETWORKS.contains(name) || SETTINGS.contains(name);
  }

  private static FileSelection pipeline(List<String> names, Set<String> components) {
    Set<String> files = new LinkedHashSet<>(List.of(INDEX));
    List<String> missing = new ArrayList<>();
    Set<String> wanted = new TreeSet<>(REQUIRED);
    wanted.addAll(components);
    for (String name : names) {
      int slash = name.indexOf('/');
      if (slash > 0 && isComponent(name.substring(0, slash))) {
        wanted.add(name.substring(0, slash));
      }
    }
    for (String component : wanted) {
      component(component + "/", names, NETWORKS.contains(component), files, missing);
      if (component.startsWith("tokenizer")) {
        if (!files.contains(component + "/tokenizer.json")) {
          require(component + "/vocab.json", files, missing);
          require(component + "/merges.txt", files, missing);
        }
      } else if (component.equals("scheduler")) {
        require("scheduler/scheduler_config.json", files, missing);
      }
    }
    return new FileSelection(List.copyOf(files), missing);
  }

  private static void component(
      String folder, List<String> names, boolean weights, Set<String> files, List<String> missing) {
    List<String> own =
        names.stream()
            .filter(name -> name.startsWith(folder))
            .map(name -> name.substring(folder.length()))
            .filter(name -> name.indexOf('/') < 0)
            .toList();
    if (weights) {
      if (own.contains("config.json")) {
        files.add(folder + "config.json");
      } else {
        missing.add(folder + "config.json");
      }
      Optional<List<String>> chosen = weights(own);
      chosen.ifPresentOrElse(
          found -> found.forEach(name -> files.add(folder + name)),
          () ->
              missing.add(
                  folder
                      + (folder.startsWith("text_encoder")
                          ? "model.safetensors"
                          : "diffusion_pytorch_model.safetensors")));
    } else {
      own.stream()
          .filter(name -> SMALL.matcher(name).matches())
          .forEach(name -> files.add(folder + name));
    }
  }

  private static void require(String name, Set<String> files, List<String> missing) {
    if (!files.contains(name)) {
      missing.add(name);
    }
  }

  /** The weights of one component, whole or as an index with all its shards. */
  private static Optional<List<String>> weights(List<String> names) {
    for (String extension : List.of("safetensors", "bin")) {
      for (String variant : List.of("", "fp16", "bf16")) {
        for (String stem : STEMS) {
          String infix = variant.isEmpty() ? "" : "." + variant;
          String whole = stem + infix + "." + extension;
          if (names.contains(whole)) {
            return Optional.of(List.of(whole));
          }
          String index = stem + "." + extension + ".index" + infix + ".json";
          Optional<List<String>> sharded = sharded(names, index, stem, infix, extension);
          if (sharded.isPresent()) {
            return sharded;
          }
        }
      }
    }
    return Optional.empty();
  }

  private static Optional<List<String>> sharded(
      List<String> names, String index, String stem, String infix, String extension) {
    if (!names.contains(index)) {
      return Optional.empty();
    }
    // a variant stands before the numbers in newer files, behind them in older ones
    Pattern shards =
        Pattern.compile(
            "(%1$s%2$s-\\d{5}-of-\\d{5}|%1$s-\\d{5}-of-\\d{5}%2$s)\\.%3$s"
                .formatted(stem, Pattern.quote(infix), extension));
    List<String> files = new ArrayList<>(List.of(index));
    int count = 0;
    for (String name : names) {
      Matcher numbers = SHARD.matcher(name);
      if (shards.matcher(name).matches() && numbers.matches()) {
        files.add(name);
        count = Integer.parseInt(numbers.group(2));
      }
    }
    boolean all = count > 0 && count <= MOST_SHARDS && files.size() == count + 1;
    return all ? Optional.of(files) : Optional.empty();
  }
}
