package io.github.controlnet.cli;

import io.github.controlnet.ControlNetPipeline;
import io.github.controlnet.GenerationRequest;
import io.github.controlnet.Preset;
import io.github.controlnet.sampler.Sampler;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import picocli.CommandLine.Mixin;

/** Everything that options say of a request, for every command that takes one. */
final class RequestOptions {
  @Mixin private ControlOptions controls = new ControlOptions();
  @Mixin private PromptOptions prompting = new PromptOptions();
  @Mixin private LoraOptions loras = new LoraOptions();
  @Mixin private PictureOptions pictures = new PictureOptions();
  @Mixin private SamplingOptions sampling = new SamplingOptions();

  /** What a file tells of a request, and the option that names the file. */
  record Stored(String option, GenerationRequest request) {}

  /** Takes the controls of a stored request, unless pictures are given. */
  void complete(Stored stored) {
    controls.complete(stored.option(), stored.request().controls().list());
  }

  /**
   * Looks for wrong usage before any file is touched.
   *
   * @param stored what options change, where there is something
   * @param given tells whether an option was given
   * @return a request with all but its controls and the picture to start from
   */
  GenerationRequest.Builder check(
      ModelOptions models, Optional<Stored> stored, Predicate<String> given, Usage usage) {
    controls.check(models, usage);
    pictures.check(usage);
    loras.check(usage);
    if (stored.isEmpty()) {
      GenerationRequest.Builder request = GenerationRequest.builder();
      loras.folder(usage).ifPresent(request::loraFolder);
      sampling.begin(request, given, usage);
      prompting.apply(request, given, usage);
      return request;
    }
    GenerationRequest asked = stored.get().request();
    boolean sized = asked.output().width().isPresent() || asked.output().height().isPresent();
    if (sized && given.test("--image-resolution")) {
      throw usage.wrong(
          "What %s names tells its size; to change it give --width and --height."
              .formatted(stored.get().option()));
    }
    // It holds its controls already, and options may change those.
    GenerationRequest.Builder request =
        asked.toBuilder().controls(asked.controls().withList(List.of()));
    loras.folder(usage).ifPresent(request::loraFolder);
    if (given.test("--lora")) {
      request.loras(List.of());
    }
    sampling.apply(request, given, usage);
    prompting.apply(request, given, usage);
    return request;
  }

  /** Adds the LoRAs, fetching those that are on the hub. */
  void addLoras(GenerationRequest.Builder request, Usage usage, HubModels hub) {
    loras.apply(request, usage, hub);
  }

  /** Adds what is read from the files of pictures. */
  void readPictures(
      GenerationRequest.Builder request,
      ModelOptions models,
      ModelOptions.Selection selection,
      Usage usage) {
    controls.inputs(models, selection, usage).forEach(request::control);
    pictures.read().ifPresent(request::initImage);
  }

  /** Adds the learned words. */
  void apply(ControlNetPipeline.Builder pipeline) {
    prompting.apply(pipeline);
  }

  /** Complains unless each control has its picture, which only the open pipeline can tell. */
  void checkCount(ModelOptions models, ControlNetPipeline pipeline, Usage usage) {
    int inputs = controls.pictureCount(models);
    if (inputs > 0 && !controls.namesModels()) {
      ControlOptions.checkCount(pipeline.info().controls().size(), inputs, usage);
    }
  }

  /** The preset, when one was chosen. */
  Optional<Preset> preset() {
    return sampling.preset();
  }

  /** Tells whether every sampler is to draw. */
  boolean everySampler() {
    return sampling.everySampler();
  }

  /** Returns a sampler with the settings that the options give. */
  Sampler sampler(String name) {
    return sampling.sampler(name);
  }

  /** Tells whether something was said of what the picture should show. */
  static boolean tells(Predicate<String> given) {
    return Stream.of("--prompt", "--added-prompt", "--prompt-embeddings", "--control-image")
        .anyMatch(given);
  }
}
