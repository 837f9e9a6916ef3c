package io.github.controlnet.core.pipeline;

import io.github.controlnet.Annotators;
import io.github.controlnet.ControlNetPipeline;
import io.github.controlnet.GenerationRequest;
import io.github.controlnet.GenerationResult;
import io.github.controlnet.Latents;
import io.github.controlnet.PipelineConfig;
import io.github.controlnet.PipelineInfo;
import io.github.controlnet.Provenance;
import io.github.controlnet.Samplers;
import io.github.controlnet.Timings;
import io.github.controlnet.core.internal.Cancellation;
import io.github.controlnet.core.internal.Closing;
import io.github.controlnet.core.pipeline.canvas.PictureDecoder;
import io.github.controlnet.core.pipeline.condition.ControlMap;
import io.github.controlnet.core.pipeline.condition.ControlMaps;
import io.github.controlnet.core.pipeline.condition.PromptEncoder;
import io.github.controlnet.core.pipeline.condition.PromptPlanner;
import io.github.controlnet.core.pipeline.condition.TextPlan;
import io.github.controlnet.core.pipeline.denoise.DecodedPreview;
import io.github.controlnet.core.pipeline.denoise.DenoisingLoop;
import io.github.controlnet.core.pipeline.denoise.DenoisingTask;
import io.github.controlnet.core.pipeline.denoise.LoadedNetworks;
import io.github.controlnet.core.pipeline.denoise.Origin;
import io.github.controlnet.core.pipeline.denoise.PictureOrigin;
import io.github.controlnet.core.pipeline.denoise.Previewer;
import io.github.controlnet.core.pipeline.load.AdaptedPart;
import io.github.controlnet.core.pipeline.load.LoadedBase;
import io.github.controlnet.core.pipeline.load.LoadedControl;
import io.github.controlnet.core.pipeline.load.LoadedPreview;
import io.github.controlnet.core.pipeline.load.LoraSet;
import io.github.controlnet.core.pipeline.load.Residency;
import io.github.controlnet.core.pipeline.load.ResidentPart;
import io.github.controlnet.core.pipeline.plan.GenerationPlan;
import io.github.controlnet.core.pipeline.plan.PlannedControl;
import io.github.controlnet.core.pipeline.plan.RequestPlanner;
import io.github.controlnet.core.pipeline.plan.Seeds;
import io.github.controlnet.core.weights.BaseWeights;
import io.github.controlnet.core.weights.TextualInversionFile;
import io.github.controlnet.engine.Autoencoder;
import io.github.controlnet.engine.Component;
import io.github.controlnet.engine.ControlNetwork;
import io.github.controlnet.engine.Denoiser;
import io.github.controlnet.engine.EncodedText;
import io.github.controlnet.engine.LatentFormat;
import io.github.controlnet.engine.LatentShape;
import io.github.controlnet.engine.TextEncoder;
import io.github.controlnet.model.ControlModel;
import io.github.controlnet.model.Lora;
import io.github.controlnet.model.TextualInversion;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** The pipeline: what is loaded, and the phases of a generation. */
final class StableDiffusionPipeline implements ControlNetPipeline {
  private final PipelineConfig config;
  private final LoadedBase base;
  private final List<LoadedControl> controls;
  private final Optional<LoadedPreview> preview;
  private final RequestPlanner planner;
  private final ControlMaps maps;
  private final Residency residency;
  private final Lifecycle lifecycle;

  private StableDiffusionPipeline(PipelineConfig config, Closing resources) {
    this.config = config;
    this.base = resources.add(LoadedBase.open(config));
    Map<ControlModel, LoadedControl> opened = new HashMap<>();
    List<LoadedControl> loaded = new ArrayList<>();
    for (ControlModel model : models(config, base.weights())) {
      loaded.add(
          opened.computeIfAbsent(
              model,
              control ->
                  resources.add(LoadedControl.open(base, control, config.downloadListener()))));
    }
    this.controls = List.copyOf(loaded);
    // what does not fit is refused now, and stays open
    resources.add(LoraSet.open(base, config, config.loras()));
    this.preview =
        config
            .preview()
            .map(
                model -> resources.add(LoadedPreview.open(base, model, config.downloadListener())));
    this.planner =
        new RequestPlanner(
            base,
            controls,
            config.sampler().orElseGet(Samplers::ddim),
            new PromptPlanner(base, embeddings(config, base)),
            config.vaeTiling());
    this.maps =
        resources.add(
            new ControlMaps(
                base.weights().nativeSize(),
                Annotators.context().withDevice(config.device()).withThreads(config.threads())));
    this.residency = resources.add(Residency.of(config.offload()));
    this.lifecycle = new Lifecycle(resources::close);
  }

  static ControlNetPipeline open(PipelineConfig config) {
    return Closing.opening(resources -> new StableDiffusionPipeline(config, resources));
  }

  private static Map<String, float[][]> embeddings(PipelineConfig config, LoadedBase base) {
    Map<String, float[][]> vectors = new HashMap<>();
    for (TextualInversion embedding : config.embeddings()) {
      vectors.put(
          embedding.name(),
          TextualInversionFile.read(embedding.path(), base.weights().textEncoder().width()));
    }
    return vectors;
  }

  /** A merged 1.0 file given as base brings its control along. */
  private static List<ControlModel> models(PipelineConfig config, BaseWeights weights) {
    if (!config.controls().isEmpty() || weights.control().isEmpty()) {
      return config.controls();
    }
    return List.of(config.base().ownControl());
  }

  @Override
  public PipelineInfo info() {
    return new PipelineInfo(
        base.weights().family().name(),
        config.base().toString(),
        controls.stream().map(control -> control.model().toString()).toList(),
        base.weights().nativeSize(),
        base.latents().factor(),
        config.device(),
        base.engine().precision(),
        config.threads(),
        versions());
  }

  @Override
  public GenerationResult generate(GenerationRequest request) {
    lifecycle.enter();
    try {
      return base.session().call(() -> new Generation(request).run());
    } finally {
      lifecycle.leave();
    }
  }

  @Override
  public void close() {
    lifecycle.close();
  }

  private Map<String, String> versions() {
    Map<String, String> versions = new HashMap<>(base.engine().versions());
    versions.put("ControlNet for Java", LibraryVersion.get());
    return versions;
  }

  /** One call of {@link #generate}. */
  private final class Generation {
    private final GenerationRequest request;
    private final Cancellation cancellation;
    private final long start = System.nanoTime();
    private double loadSeconds;
    private double decodeSeconds;

    Generation(GenerationRequest request) {
      if (request == null) {
        throw new NullPointerException("The request must not be null.");
      }
      this.request = config.loras().isEmpty() ? request : withLoras(request);
      this.cancellation = new Cancellation(request.cancellation(), lifecycle::isClosed);
    }

    /** Those of the pipeline too, so that the record of a picture tells of them all. */
    private GenerationRequest withLoras(GenerationRequest asked) {
      List<Lora> all = new ArrayList<>(config.loras());
      all.addAll(asked.loras());
      return asked.toBuilder().loras(all).build();
    }

    GenerationResult run() {
      try (LoraSet loras = LoraSet.open(base, config, request.loras())) {
        return run(loras);
      }
    }

    private GenerationResult run(LoraSet loras) {
      GenerationPlan plan = planner.plan(request);
      cancellation.check();
      List<ControlMap> controlMaps = new ArrayList<>();
      for (PlannedControl control : plan.controls()) {
        controlMaps.add(maps.map(control.input(), control.annotator(), plan.size(), request));
        cancellation.check();
      }
      Seeds.Stream noise = plan.seeds().noise();
      Origin origin = origin(plan, noise);
      DenoisingTask task =
          new DenoisingTask(plan, encode(plan.text(), loras), origin, cancellation);
      DenoisingLoop loop = new DenoisingLoop(task, noise, request.listener());
      float[] latents = denoise(loop, plan, loras, controlMaps);
      List<BufferedImage> images = decode(latents, plan);
      if (plan.canvas().isPresent()) {
        images = images.stream().map(plan.canvas().get()::finish).toList();
      }
      LatentShape shape = plan.shape();
      return new GenerationResult(
          images,
          plan.seeds().perImage(),
          controlMaps.stream().map(ControlMap::picture).toList(),
          new Latents(shape.images(), shape.channels(), shape.height(), shape.width(), latents),
          provenance(plan, loras),
          new Timings(
              loadSeconds, loop.stepSeconds(), decodeSeconds, (System.nanoTime() - start) / 1e9));
    }

    private Origin origin(GenerationPlan plan, Seeds.Stream noise) {
      if (plan.canvas().isEmpty()) {
        return Origin.noise(plan, noise);
      }
      cancellation.check();
      try (Residency.Phase phase = residency.begin()) {
        Autoencoder autoencoder = use(phase, base.autoencoder());
        return new PictureOrigin(plan, plan.canvas().get(), autoencoder, noise);
      }
    }

    private EncodedText encode(TextPlan text, LoraSet loras) {
      cancellation.check();
      try (Residency.Phase phase = residency.begin()) {
        List<TextEncoder> encoders = new ArrayList<>();
        for (AdaptedPart<TextEncoder> encoder : base.textEncoders()) {
          encoders.add(use(phase, encoder, loras));
          cancellation.check();
        }
        return new PromptEncoder(encoders, base.weights().recipe().text(), text).encode();
      }
    }

    private float[] denoise(
        DenoisingLoop loop, GenerationPlan plan, LoraSet loras, List<ControlMap> controlMaps) {
      cancellation.check();
      try (Residency.Phase phase = residency.begin()) {
        Denoiser denoiser = use(phase, base.denoiser(), loras);
        List<ControlNetwork> networks = new ArrayList<>();
        for (PlannedControl control : plan.controls()) {
          cancellation.check();
          networks.add(use(phase, control.control().network()));
        }
        return loop.run(
            new LoadedNetworks(
                denoiser,
                networks,
                controlMaps.stream().map(ControlMap::hint).toList(),
                base.engine().imagesAtOnce(plan.shape())),
            previewer(plan, phase));
      }
    }

    private Previewer previewer(GenerationPlan plan, Residency.Phase phase) {
      if (preview.isEmpty()) {
        return Previewer.linear(plan);
      }
      LoadedPreview part = preview.get();
      return new DecodedPreview(
          plan.shape(),
          plan.sampler().settings().applyTo(base.weights().noiseSchedule()),
          part.latents(),
          () -> decoder(use(phase, part.autoencoder()), part.latents()),
          cancellation);
    }

    private List<BufferedImage> decode(float[] latents, GenerationPlan plan) {
      cancellation.check();
      try (Residency.Phase phase = residency.begin()) {
        Autoencoder autoencoder = use(phase, base.autoencoder());
        long begin = System.nanoTime();
        List<BufferedImage> images =
            decoder(autoencoder, plan.latents())
                .decodeEach(plan.latents().toAutoencoder(latents), plan.shape(), cancellation);
        decodeSeconds = (System.nanoTime() - begin) / 1e9;
        return images;
      }
    }

    private <C extends Component> C use(Residency.Phase phase, AdaptedPart<C> part, LoraSet loras) {
      long begin = System.nanoTime();
      C component = phase.use(part, loras, cancellation);
      loadSeconds += (System.nanoTime() - begin) / 1e9;
      return component;
    }

    private PictureDecoder decoder(Autoencoder autoencoder, LatentFormat latents) {
      return new PictureDecoder(
          autoencoder,
          latents.factor(),
          config.vaeTiling() ? OptionalInt.of(PictureDecoder.TILE) : OptionalInt.empty());
    }

    private <C extends Component> C use(Residency.Phase phase, ResidentPart<C> part) {
      long begin = System.nanoTime();
      C component = phase.use(part);
      loadSeconds += (System.nanoTime() - begin) / 1e9;
      return component;
    }

    private Provenance provenance(GenerationPlan plan, LoraSet loras) {
      return new Provenance(
          request,
          new Provenance.Resolved(
              plan.seeds().perImage(),
              plan.size().width(),
              plan.size().height(),
              plan.sampler().name(),
              plan.sampler().settings()),
          ModelSources.of(config, base, loras, plan.controls()),
          new Provenance.Environment(
              config.engine(), base.engine().precision(), Environment.current(config), versions()));
    }
  }
}
