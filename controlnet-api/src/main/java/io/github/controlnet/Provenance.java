package io.github.controlnet;

import io.github.controlnet.engine.Precision;
import io.github.controlnet.sampler.ScheduleSettings;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Everything that decides what a generation makes, for a record beside the pictures: the request,
 * and what was decided beyond it. With the control maps of the {@link GenerationResult} it is
 * enough to make them again; the package {@code io.github.controlnet.core.provenance} of
 * controlnet-core writes it into PNG files and reads it back.
 *
 * @param request the request as it was given, with its pictures
 * @param resolved what the request left open, as it was decided
 * @param models the files that decide about the pictures, the base first
 * @param environment what computed them
 */
public record Provenance(
    GenerationRequest request,
    Resolved resolved,
    List<ModelSource> models,
    Environment environment) {

  /** Copies the list. */
  public Provenance {
    models = List.copyOf(models);
  }

  /**
   * Finds a model by its role.
   *
   * @param role as in {@link ModelSource}
   * @return the model; empty when there is none in this role
   */
  public Optional<ModelSource> model(String role) {
    return models.stream().filter(each -> each.role().equals(role)).findFirst();
  }

  /**
   * What a request may leave open.
   *
   * @param seeds the seeds as used, one for each image
   * @param width of the generation, in pixels
   * @param height of the generation, in pixels
   * @param sampler the sampler's name
   * @param scheduleSettings what took the place of the base's noise schedule
   */
  public record Resolved(
      List<Long> seeds, int width, int height, String sampler, ScheduleSettings scheduleSettings) {
    /** Copies the list. */
    public Resolved {
      seeds = List.copyOf(seeds);
    }
  }

  /**
   * What decides about the last bits of the numbers.
   *
   * @param engine the engine's name
   * @param precision the number type in which the networks ran
   * @param machine processor, cores, threads, device, system
   * @param versions names and versions of what computed
   */
  public record Environment(
      String engine,
      Precision precision,
      Map<String, String> machine,
      Map<String, String> versions) {
    /** Copies the maps. */
    public Environment {
      machine = Map.copyOf(machine);
      versions = Map.copyOf(versions);
    }
  }

  /**
   * A file or folder that decides about the pictures.
   *
   * @param role {@code base}, {@code control 1} and so on, {@code vae}, {@code text encoder},
   *     {@code tokenizer}, {@code base config}, {@code control 1 config}, {@code embedding} and its
   *     word
   * @param name a name without folders of this machine: the id on a hub, or the last part of the
   *     path
   * @param path where it is on this machine
   */
  public record ModelSource(String role, String name, Path path) {
    /** The role of the base model. */
    public static final String BASE = "base";

    /** The role of a separate autoencoder. */
    public static final String VAE = "vae";

    /** The role of a separate text encoder. */
    public static final String TEXT_ENCODER = "text encoder";

    /** The role of a tokenizer that is not the base's own. */
    public static final String TOKENIZER = "tokenizer";

    /** The role of a separate configuration of the base. */
    public static final String BASE_CONFIG = "base config";

    /**
     * Names the role of a control.
     *
     * @param number 1 for the first that acted
     * @return the role
     */
    public static String control(int number) {
      return "control " + number;
    }

    /**
     * Returns the role of a LoRA.
     *
     * @param number its place among the LoRAs of the request, from 1
     * @return such as {@code lora 1}
     */
    public static String lora(int number) {
      return "lora " + number;
    }

    /**
     * Returns the role of a word learned by textual inversion.
     *
     * @param word the word
     * @return such as {@code embedding cat}
     */
    public static String embedding(String word) {
      return "embedding " + word;
    }

    /**
     * Names the role of a control's separate configuration.
     *
     * @param number 1 for the first that acted
     * @return the role
     */
    public static String controlConfig(int number) {
      return "control " + number + " config";
    }
  }
}
