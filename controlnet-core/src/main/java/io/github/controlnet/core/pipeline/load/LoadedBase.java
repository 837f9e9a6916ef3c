package io.github.controlnet.core.pipeline.load;

import io.github.controlnet.PipelineConfig;
import io.github.controlnet.core.family.Role;
import io.github.controlnet.core.hub.HubOptions;
import io.github.controlnet.core.hub.HuggingFaceHub;
import io.github.controlnet.core.hub.ModelFolders;
import io.github.controlnet.core.internal.Closing;
import io.github.controlnet.core.lora.BaseModules;
import io.github.controlnet.core.pipeline.load.Shared.Lease;
import io.github.controlnet.core.tensors.StoredSource;
import io.github.controlnet.core.text.ClipTokenizer;
import io.github.controlnet.core.weights.BaseWeights;
import io.github.controlnet.core.weights.SeparateParts;
import io.github.controlnet.engine.Autoencoder;
import io.github.controlnet.engine.AutoencoderSpec;
import io.github.controlnet.engine.Component;
import io.github.controlnet.engine.Denoiser;
import io.github.controlnet.engine.Device;
import io.github.controlnet.engine.Engine;
import io.github.controlnet.engine.EngineOptions;
import io.github.controlnet.engine.EngineSession;
import io.github.controlnet.engine.LatentFormat;
import io.github.controlnet.engine.OffloadPolicy;
import io.github.controlnet.engine.Precision;
import io.github.controlnet.engine.TextEncoder;
import io.github.controlnet.engine.WeightSource;
import io.github.controlnet.exception.IncompatibleModelException;
import io.github.controlnet.exception.InvalidRequestException;
import io.github.controlnet.internal.lookup.Providers;
import io.github.controlnet.model.BaseModel;
import io.github.controlnet.spi.EngineProvider;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A pipeline's base with its engine. The engine and each loaded component are shared with other
 * pipelines whose base has the same U-Net: the engine when device, number type and streaming are
 * equal, a component when its files and sizes are, too.
 */
public final class LoadedBase implements AutoCloseable {
  private final Closing resources;
  private final Path path;
  private final Optional<Path> vae;
  private final Engine engine;
  private final EngineSession session;
  private final Lease<BaseWeights> weights;
  private final Path tokenizerFolder;
  private final ClipTokenizer tokenizer;
  private @Nullable BaseModules modules;
  private final List<AdaptedPart<TextEncoder>> textEncoders;
  private final AdaptedPart<Denoiser> denoiser;
  private final ResidentPart<Autoencoder> autoencoder;

  /** What two pipelines must agree in to share an engine: all that decides about its tensors. */
  private record EngineKey(
      Class<?> provider, Device device, Precision precision, boolean streaming, Object base) {}

  /** An engine's component: what it is and where its weights are from. */
  private record PartKey(Engine engine, Object spec, Object origin) {}

  private LoadedBase(PipelineConfig config, Closing resources) {
    this.resources = resources;
    BaseModel base = config.base();
    this.path = ModelFolders.of(base, config.downloadListener());
    this.vae = config.vae().map(model -> ModelFolders.of(model, config.downloadListener()));
    SeparateParts parts = new SeparateParts(vae, config.textEncoder());
    // A shared component reads the weights of the pipeline that made it, beyond that one's end.
    this.weights =
        resources.add(
            Shared.OF_PROCESS.lease(
                new Object(),
                BaseWeights.class,
                () -> BaseWeights.open(path, base.config(), parts)));
    BaseWeights read = weights.get();
    this.tokenizerFolder = tokenizerFolder(config, read);
    this.tokenizer = ClipTokenizer.open(tokenizerFolder);
    int positions = read.textEncoder().positions();
    if (tokenizer.length() > positions) {
      throw new IncompatibleModelException(
          "The tokenizer makes texts of %d tokens, the text encoder of %s takes at most %d. Use the tokenizer that belongs to the base."
              .formatted(tokenizer.length(), path, positions));
    }
    this.engine = engine(config, read.unetWeights());
    this.session = resources.add(engine.session(config.threads(), config.exitGrace()));
    this.textEncoders =
        List.of(
            adapted(
                Role.TEXT_ENCODER,
                read.textEncoder(),
                read.textEncoderWeights(),
                engine::textEncoder));
    this.denoiser = adapted(Role.UNET, read.unet(), read.unetWeights(), engine::denoiser);
    this.autoencoder = part(read.autoencoder(), read.autoencoderWeights(), engine::autoencoder);
  }

  public static LoadedBase open(PipelineConfig config) {
    return Closing.opening(all -> new LoadedBase(config, all));
  }

  private Engine engine(PipelineConfig config, WeightSource base) {
    EngineProvider provider = Providers.engine(config.engine());
    boolean streaming = config.offload() == OffloadPolicy.SEQUENTIAL;
    EngineKey key =
        new EngineKey(
            provider.getClass(),
            config.device(),
            config.precision(),
            streaming,
            StoredSource.origin(base));
    EngineOptions options = new EngineOptions(config.device(), config.precision(), 0, streaming);
    return resources
        .add(Shared.OF_PROCESS.lease(key, Engine.class, () -> provider.open(options)))
        .get();
  }

  @SuppressWarnings("unchecked") // of one key, one kind
  private <S, C extends Component> AdaptedPart<C> adapted(
      Role role, S spec, WeightSource source, BiFunction<S, WeightSource, C> make) {
    Supplier<AdaptedPart<C>> create =
        () ->
            Closing.opening(
                all -> {
                  all.add(weights.again());
                  return AdaptedPart.of(source, role, changed -> make.apply(spec, changed), all);
                });
    return resources
        .add(
            Shared.OF_PROCESS.lease(
                new PartKey(engine, spec, StoredSource.origin(source)),
                (Class<AdaptedPart<C>>) (Class<?>) AdaptedPart.class,
                create))
        .get();
  }

  private <S, C extends Component> ResidentPart<C> part(
      S spec, WeightSource source, BiFunction<S, WeightSource, C> make) {
    Lease<ResidentPart<C>> lease = part(spec, source, List.of(), make);
    return resources.add(lease).get();
  }

  /**
   * Makes a component of this base's engine, or takes part in an equal one that another pipeline
   * made.
   *
   * @param spec its sizes
   * @param source its weights
   * @param owners what must stay open as long as the weights are read, besides this base's own
   * @param make makes it
   * @return a lease, which the caller closes before this base
   */
  @SuppressWarnings("unchecked") // of one key, one kind
  <S, C extends Component> Lease<ResidentPart<C>> part(
      S spec, WeightSource source, List<Lease<?>> owners, BiFunction<S, WeightSource, C> make) {
    Supplier<ResidentPart<C>> create =
        () ->
            Closing.opening(
                all -> {
                  all.add(weights.again());
                  owners.forEach(owner -> all.add(owner.again()));
                  return new ResidentPart<>(all.add(make.apply(spec, source)), all);
                });
    return Shared.OF_PROCESS.lease(
        new PartKey(engine, spec, StoredSource.origin(source)),
        (Class<ResidentPart<C>>) (Class<?>) ResidentPart.class,
        create);
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

  /** This pipeline's use of the engine. */
  public EngineSession session() {
    return session;
  }

  /** Where the separate autoencoder is on this disk; empty for the base's own. */
  public Optional<Path> vae() {
    return vae;
  }

  public BaseWeights weights() {
    return weights.get();
  }

  /** Where the tokenizer is, which may be inside the base. */
  public Path tokenizerFolder() {
    return tokenizerFolder;
  }

  public ClipTokenizer tokenizer() {
    return tokenizer;
  }

  public AutoencoderSpec autoencoderSpec() {
    return weights().autoencoder();
  }

  /** How latents are written down between denoiser and autoencoder. */
  public LatentFormat latents() {
    return weights().autoencoder().latents();
  }

  /** The modules that LoRAs may change. */
  synchronized BaseModules modules() {
    if (modules == null) {
      modules = new BaseModules(path.toString(), weights().family(), adaptable());
    }
    return modules;
  }

  private Map<Role, WeightSource> adaptable() {
    return Map.of(
        Role.TEXT_ENCODER, weights().textEncoderWeights(), Role.UNET, weights().unetWeights());
  }

  /** What LoRAs change: the files behind it. */
  Object adaptableOrigin() {
    return adaptable().entrySet().stream()
        .collect(
            Collectors.toMap(
                Map.Entry::getKey, component -> StoredSource.origin(component.getValue())));
  }

  /** The text encoders, in the order of the family's recipe. */
  public List<AdaptedPart<TextEncoder>> textEncoders() {
    return textEncoders;
  }

  public AdaptedPart<Denoiser> denoiser() {
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
