package io.github.controlnet.core.pipeline.load;

import io.github.controlnet.PipelineConfig;
import io.github.controlnet.core.hub.HubOptions;
import io.github.controlnet.core.hub.HuggingFaceHub;
import io.github.controlnet.core.hub.ModelFolders;
import io.github.controlnet.core.internal.Closing;
import io.github.controlnet.core.text.ClipTokenizer;
import io.github.controlnet.core.weights.BaseWeights;
import io.github.controlnet.core.weights.SeparateParts;
import io.github.controlnet.engine.Autoencoder;
import io.github.controlnet.engine.AutoencoderSpec;
import io.github.controlnet.engine.Denoiser;
import io.github.controlnet.engine.Device;
import io.github.controlnet.engine.Engine;
import io.github.controlnet.engine.EngineOptions;
import io.github.controlnet.engine.LatentFormat;
import io.github.controlnet.engine.OffloadPolicy;
import io.github.controlnet.engine.Precision;
import io.github.controlnet.engine.TextEncoder;
import io.github.controlnet.exception.IncompatibleModelException;
import io.github.controlnet.exception.InvalidRequestException;
import io.github.controlnet.internal.SharedResources.Lease;
import io.github.controlnet.internal.lookup.Providers;
import io.github.controlnet.model.BaseModel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** An opened base with its engine: what pipelines built from the same base share. */
public final class LoadedBase implements AutoCloseable {
  private final Closing resources;
  private final Path path;
  private final Engine engine;
  private final BaseWeights weights;
  private final Path tokenizerFolder;
  private final ClipTokenizer tokenizer;
  private final List<ResidentPart<TextEncoder>> textEncoders;
  private final ResidentPart<Denoiser> denoiser;
  private final ResidentPart<Autoencoder> autoencoder;

  /** What two pipelines must agree in to share. */
  private record Key(
      String engine,
      Device device,
      Precision precision,
      int threads,
      boolean streaming,
      Duration exitGrace,
      Optional<Path> tokenizer,
      SeparateParts separate) {}

  private LoadedBase(PipelineConfig config, Closing resources) {
    this.resources = resources;
    BaseModel base = config.base();
    this.path = ModelFolders.of(base, config.downloadListener());
    this.weights = resources.add(BaseWeights.open(path, base.config(), separate(config)));
    this.tokenizerFolder = tokenizerFolder(config, weights);
    this.tokenizer = ClipTokenizer.open(tokenizerFolder);
    int positions = weights.textEncoder().positions();
    if (tokenizer.length() > positions) {
      throw new IncompatibleModelException(
          "The tokenizer makes texts of %d tokens, the text encoder of %s takes at most %d. Use the tokenizer that belongs to the base."
              .formatted(tokenizer.length(), path, positions));
    }
    this.engine =
        resources.add(
            Providers.engine(config.engine())
                .open(
                    new EngineOptions(
                        config.device(),
                        config.precision(),
                        config.threads(),
                        streams(config),
                        config.exitGrace())));
    this.textEncoders =
        List.of(part(engine.textEncoder(weights.textEncoder(), weights.textEncoderWeights())));
    this.denoiser = part(engine.denoiser(weights.unet(), weights.unetWeights()));
    this.autoencoder =
        part(engine.autoencoder(weights.autoencoder(), weights.autoencoderWeights()));
  }

  private static SeparateParts separate(PipelineConfig config) {
    return new SeparateParts(config.vae(), config.textEncoder());
  }

  private <C extends io.github.controlnet.engine.Component> ResidentPart<C> part(C component) {
    return resources.add(new ResidentPart<>(component));
  }

  private static boolean streams(PipelineConfig config) {
    return config.offload() == OffloadPolicy.SEQUENTIAL;
  }

  /** Opens the base, or takes part in it when another pipeline of the same base has opened it. */
  public static Lease<LoadedBase> lease(PipelineConfig config) {
    Key key =
        new Key(
            config.engine(),
            config.device(),
            config.precision(),
            config.threads(),
            streams(config),
            config.exitGrace(),
            config.tokenizer(),
            separate(config));
    return config
        .base()
        .sharedResources()
        .lease(key, LoadedBase.class, () -> Closing.opening(all -> new LoadedBase(config, all)));
  }

  private static Path tokenizerFolder(PipelineConfig config, BaseWeights weights) {
    return config
        .tokenizer()
        .or(weights::tokenizer)
        .or(() -> cachedTokenizer(weights))
        .orElseThrow(
            () ->
                new InvalidRequestException(
                    "There is no tokenizer beside the base %s, nor in the hub's cache. Give a folder with vocab.json and merges.txt, or tokenizer.json: tokenizer(Path) of the pipeline's builder, or --tokenizer; \"controlnet download openai/clip-vit-large-patch14/vocab.json\" and the same with merges.txt fetch that of Stable Diffusion 1.x."
                        .formatted(config.base())));
  }

  /** CLIP's tokenizer, when a fetched model has it and the base's family takes it. */
  private static Optional<Path> cachedTokenizer(BaseWeights weights) {
    OptionalInt vocabulary = weights.recipe().clipVocabulary();
    return vocabulary.equals(OptionalInt.of(weights.textEncoder().vocabulary()))
        ? new HuggingFaceHub(HubOptions.fromEnvironment()).cachedClipTokenizer()
        : Optional.empty();
  }

  public Engine engine() {
    return engine;
  }

  /** Where the base is on this disk. */
  public Path path() {
    return path;
  }

  public BaseWeights weights() {
    return weights;
  }

  /** Where the tokenizer is, which may be inside the base. */
  public Path tokenizerFolder() {
    return tokenizerFolder;
  }

  public ClipTokenizer tokenizer() {
    return tokenizer;
  }

  public AutoencoderSpec autoencoderSpec() {
    return weights.autoencoder();
  }

  /** How latents are written down between denoiser and autoencoder. */
  public LatentFormat latents() {
    return weights.autoencoder().latents();
  }

  /** The text encoders, in the order of the family's recipe. */
  public List<ResidentPart<TextEncoder>> textEncoders() {
    return textEncoders;
  }

  public ResidentPart<Denoiser> denoiser() {
    return denoiser;
  }

  public ResidentPart<Autoencoder> autoencoder() {
    return autoencoder;
  }

  @Override
  public void close() {
    resources.close();
  }
}
