package io.github.controlnet.core.training;

import io.github.controlnet.Annotators;
import io.github.controlnet.core.hub.ModelFolders;
import io.github.controlnet.core.internal.Closing;
import io.github.controlnet.core.tensors.ScopedWeights;
import io.github.controlnet.core.tensors.StoredWeights;
import io.github.controlnet.core.text.ClipTokenizer;
import io.github.controlnet.core.weights.BaseWeights;
import io.github.controlnet.engine.Autoencoder;
import io.github.controlnet.engine.Autoencoder.LatentDistribution;
import io.github.controlnet.engine.Device;
import io.github.controlnet.engine.Engine;
import io.github.controlnet.engine.EngineOptions;
import io.github.controlnet.engine.LatentShape;
import io.github.controlnet.engine.Precision;
import io.github.controlnet.engine.TextEncoder;
import io.github.controlnet.engine.TrainableControl;
import io.github.controlnet.engine.TrainingEngine;
import io.github.controlnet.engine.TrainingSpec;
import io.github.controlnet.engine.WeightSource;
import io.github.controlnet.exception.InvalidRequestException;
import io.github.controlnet.internal.lookup.Providers;
import io.github.controlnet.training.LossType;
import io.github.controlnet.training.RunConfig;
import io.github.controlnet.training.TrainingConfig;
import io.github.controlnet.training.TrainingPlan;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** What a training works with: models, data and engine, opened and held against each other. */
final class TrainingSetup {
  private final TrainingPlan plan;
  private final TrainingConfig config;
  private final Closing resources;
  private final BaseWeights base;
  private final InitialControl control;
  private final int side;
  private final TrainingData data;
  private final DataOrder order;
  private final TrainingEngine engine;
  private final TrainingSpec spec;
  private final Cache<Integer, LatentDistribution> latents;

  /**
   * Opens all.
   *
   * @param resources closes it
   * @throws InvalidRequestException when it does not go together
   */
  TrainingSetup(TrainingPlan plan, Closing resources) {
    this.plan = plan;
    this.config = plan.config();
    this.resources = resources;
    Path basePath = ModelFolders.of(plan.base());
    this.base = resources.add(BaseWeights.open(basePath, plan.base().config()));
    requireEncoder(basePath);
    this.side = config.data().resolution() > 0 ? config.data().resolution() : base.nativeSize();
    this.control =
        plan.control()
            .map(model -> InitialControl.open(model, base, basePath, resources))
            .orElseGet(() -> InitialControl.fresh(base, basePath, config.run().seed()));
    this.data =
        TrainingData.open(config.data(), config.output().folder(), plan.listener()::onWarning);
    this.order = new DataOrder(data.size(), config.run().seed());
    this.engine = resources.add(engine());
    this.spec = computed();
    this.latents = new Cache<>(cacheBytes(3), value -> 8L * value.mean().length + 64);
  }

  private void requireEncoder(Path path) {
    if (!base.autoencoder().hasEncoder()) {
      throw new InvalidRequestException(
          "The base %s has no encoder in its autoencoder, so no picture can be learned from; use a complete base model."
              .formatted(path));
    }
  }

  private TrainingEngine engine() {
    Engine found =
        Providers.engine(plan.engine())
            .open(new EngineOptions(Device.CPU, Precision.FLOAT32, config.run().threads()));
    if (found instanceof TrainingEngine trains) {
      return trains;
    }
    InvalidRequestException refused =
        new InvalidRequestException(
            "The engine %s runs networks but cannot train them; use one that can, such as pytorch."
                .formatted(plan.engine()));
    Closing.closeAfter(refused, found);
    throw refused;
  }

  private TrainingSpec computed() {
    RunConfig run = config.run();
    return new TrainingSpec(
        base.unet(),
        control.spec(),
        config.loss().type() == LossType.L1,
        !run.sdLocked(),
        run.onlyMidControl(),
        run.gradientCheckpointing(),
        engine.trainingPrecision(run.precision()),
        config.optimizer().averageDecay() > 0);
  }

  /** Three parts of four for latents, one for hidden states. */
  private long cacheBytes(int parts) {
    return ((long) config.data().cacheMegabytes() << 20) * parts / 4;
  }

  BaseWeights base() {
    return base;
  }

  InitialControl control() {
    return control;
  }

  TrainingData data() {
    return data;
  }

  DataOrder order() {
    return order;
  }

  TrainingSpec spec() {
    return spec;
  }

  /** The side of pictures, in pixels. */
  int side() {
    return side;
  }

  private LatentShape imageShape() {
    int factor = base.autoencoder().factor();
    return new LatentShape(1, base.autoencoder().latentChannels(), side / factor, side / factor);
  }

  /** Loads the frozen networks that make batches. */
  BatchMaker batchMaker() {
    ClipTokenizer tokenizer =
        ClipTokenizer.open(
            plan.tokenizer()
                .or(base::tokenizer)
                .orElseThrow(
                    () ->
                        new InvalidRequestException(
                            "There is no tokenizer beside the base %s; name its folder."
                                .formatted(plan.base()))));
    Autoencoder autoencoder =
        resources.add(engine.autoencoder(base.autoencoder(), base.autoencoderWeights()));
    autoencoder.load();
    TextEncoder textEncoder =
        resources.add(engine.textEncoder(base.textEncoder(), base.textEncoderWeights()));
    textEncoder.load();
    return new BatchMaker(
        autoencoder,
        textEncoder,
        tokenizer,
        new Diffusion(base.noiseSchedule(), config.loss().minSnrGamma()),
        imageShape(),
        base.autoencoder().latents(),
        latents,
        new Cache<>(cacheBytes(1), value -> 4L * value.length + 64));
  }

  /**
   * Loads the networks that learn.
   *
   * @param resumed where they go on
   */
  TrainableControl network(Optional<Checkpoint> resumed) {
    Map<String, WeightSource> sources = new LinkedHashMap<>();
    sources.put(TrainableControl.UNET, base.unetWeights());
    sources.put(TrainableControl.CONTROL, control.weights());
    if (resumed.isEmpty()) {
      return network(sources);
    }
    try (StoredWeights state = StoredWeights.open(resumed.get().tensors())) {
      sources.put("", state);
      return network(sources);
    }
  }

  private TrainableControl network(Map<String, WeightSource> sources) {
    return resources.add(engine.trainableControl(spec, ScopedWeights.of(sources)));
  }

  /**
   * Starts to read samples.
   *
   * @param position the first one's
   * @param ahead how many pictures are computed at once
   * @param warnings is told of broken records, by the threads that read
   */
  SampleQueue queue(long position, int ahead, Consumer<String> warnings) {
    Optional<ControlMapMaker> annotator = Optional.empty();
    if (!config.data().annotator().equals("none")) {
      annotator =
          Optional.of(
              resources.add(
                  new ControlMapMaker(
                      config.data().annotator(),
                      config.data().annotatorOptions(),
                      Annotators.context().withThreads(config.run().threads()),
                      config.output().folder().resolve("control-maps"))));
    }
    SampleReader reader =
        new SampleReader(
            data,
            order,
            new SampleReader.Plan(
                config.run().seed(),
                side,
                imageShape().size(),
                base.noiseSchedule().timesteps(),
                config.loss().promptDropRate(),
                config.data().onBrokenRecord()),
            annotator,
            latents,
            warnings);
    int workers = config.data().workers();
    return resources.add(
        new SampleQueue(reader, position, workers, Math.max(2 * ahead, 2 * workers)));
  }
}
