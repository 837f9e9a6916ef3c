package io.github.controlnet.core.training;

import io.github.controlnet.Annotators;
import io.github.controlnet.core.control.UntrainedControl;
import io.github.controlnet.core.export.BaseExport;
import io.github.controlnet.core.export.ControlExport;
import io.github.controlnet.core.export.SafetensorsWriter;
import io.github.controlnet.core.export.WriteOptions;
import io.github.controlnet.core.hub.ModelFolders;
import io.github.controlnet.core.internal.Closing;
import io.github.controlnet.core.models.ControlNet;
import io.github.controlnet.core.models.UNet;
import io.github.controlnet.core.tensors.ScopedWeights;
import io.github.controlnet.core.tensors.StoredWeights;
import io.github.controlnet.core.text.ClipTokenizer;
import io.github.controlnet.core.torch.engine.PyTorchEngineProvider;
import io.github.controlnet.core.torch.training.AdamW;
import io.github.controlnet.core.torch.training.TrainableControl;
import io.github.controlnet.core.torch.training.TrainingGraph;
import io.github.controlnet.core.weights.BaseWeights;
import io.github.controlnet.core.weights.Compatibility;
import io.github.controlnet.core.weights.ControlWeights;
import io.github.controlnet.engine.Autoencoder;
import io.github.controlnet.engine.Autoencoder.LatentDistribution;
import io.github.controlnet.engine.ControlNetSpec;
import io.github.controlnet.engine.Device;
import io.github.controlnet.engine.Engine;
import io.github.controlnet.engine.EngineOptions;
import io.github.controlnet.engine.LatentShape;
import io.github.controlnet.engine.Precision;
import io.github.controlnet.engine.TextEncoder;
import io.github.controlnet.engine.WeightSource;
import io.github.controlnet.exception.ControlNetException;
import io.github.controlnet.exception.EngineException;
import io.github.controlnet.exception.GenerationCancelledException;
import io.github.controlnet.exception.InvalidRequestException;
import io.github.controlnet.model.ModelLayout;
import io.github.controlnet.model.NewControl;
import io.github.controlnet.training.DataConfig;
import io.github.controlnet.training.LossType;
import io.github.controlnet.training.OptimizerConfig;
import io.github.controlnet.training.RunConfig;
import io.github.controlnet.training.TrainingConfig;
import io.github.controlnet.training.TrainingPlan;
import io.github.controlnet.training.TrainingProgress;
import io.github.controlnet.training.TrainingResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/** One training, from its plan to its result. */
final class Training {
  private static final int SPEED_WINDOW = 20;

  private final TrainingPlan plan;
  private final TrainingConfig config;
  private final Closing resources;
  private final Path folder;
  private final Path checkpoints;
  private final BaseWeights base;
  private final ControlNetSpec architecture;
  private final WeightSource initial;
  private final TrainingData data;
  private final DataOrder order;
  private final int side;
  private final Optional<Checkpoint> resumed;
  private final String control;
  private BatchSplit split;

  /** From the threads that read; the listener is told of them on this one. */
  private final Queue<String> warnings = new ConcurrentLinkedQueue<>();

  Training(TrainingPlan plan, Closing resources) {
    this.plan = plan;
    this.config = plan.config();
    this.resources = resources;
    this.folder = config.output().folder();
    this.checkpoints = folder.resolve("checkpoints");
    this.resumed = resumed();
    Path basePath = ModelFolders.of(plan.base());
    this.base = resources.add(BaseWeights.open(basePath, plan.base().config()));
    requireEncoder(basePath);
    this.side = config.data().resolution() > 0 ? config.data().resolution() : base.nativeSize();
    if (plan.control().isPresent()) {
      Path path = ModelFolders.of(plan.control().get());
      ControlWeights control =
          resources.add(
              ControlWeights.open(
                  path, plan.control().get().config(), Optional.of(base.baseUNet())));
      Compatibility.check(base, basePath, control, path);
      this.architecture = control.architecture();
      this.initial = control.weights();
      this.control = Fingerprint.of(initial);
    } else {
      UntrainedControl fresh = untrained(basePath);
      this.architecture = fresh.architecture();
      this.initial = fresh.weights();
      this.control = "made from the base";
    }
    this.data = TrainingData.open(config.data(), folder, plan.listener()::onWarning);
    this.order = new DataOrder(data.size(), config.run().seed());
    BatchSplit asked = BatchSplit.asked(config.run());
    this.split = isMemoryLimited() ? resumed.map(Checkpoint::split).orElse(asked) : asked;
    resumed.ifPresent(checkpoint -> checkpoint.require(facts()));
  }

  private UntrainedControl untrained(Path path) {
    List<Integer> widths = UntrainedControl.usualHintWidths(base.autoencoder().factor());
    if (widths.isEmpty()) {
      throw new InvalidRequestException(
          "A latent of %s stands for %d x %d pixels, for which there is no usual hint block; make a control with add-control and start from that."
              .formatted(path, base.autoencoder().factor(), base.autoencoder().factor()));
    }
    NewControl made = NewControl.defaults().withSeed(config.run().seed()).withHintWidths(widths);
    return UntrainedControl.of(base.unet(), base.unetWeights(), made);
  }

  private void requireEncoder(Path path) {
    if (!base.autoencoder().hasEncoder()) {
      throw new InvalidRequestException(
          "The base %s has no encoder in its autoencoder, so no picture can be learned from; use a complete base model."
              .formatted(path));
    }
  }

  private Optional<Checkpoint> resumed() {
    Optional<Checkpoint> newest = Checkpoint.newest(checkpoints);
    if (newest.isPresent() && !config.output().resume()) {
      throw new InvalidRequestException(
          "%s holds a training already, at step %d; use another output folder, or let it go on (resume)."
              .formatted(folder, newest.get().step()));
    }
    return newest;
  }

  private boolean isMemoryLimited() {
    return config.run().memoryLimitMegabytes() > 0;
  }

  /** What must be the same for a training to go on. */
  private Map<String, String> facts() {
    RunConfig run = config.run();
    DataConfig from = config.data();
    OptimizerConfig optimizer = config.optimizer();
    Map<String, Object> all = new LinkedHashMap<>();
    all.put(
        "base",
        Fingerprint.of(base.unetWeights(), base.textEncoderWeights(), base.autoencoderWeights()));
    all.put("control", control);
    all.put("data", data.digest());
    all.put("annotator", from.annotator() + new TreeMap<>(from.annotatorOptions()));
    all.put("resolution", side);
    all.put("seed", run.seed());
    all.put("number of pictures in an update", BatchSplit.asked(run).pictures());
    all.put("batch size", split.size());
    all.put("accumulation", split.count());
    all.put("precision", TrainableControl.bfloat16(run.precision()) ? "bfloat16" : "float32");
    all.put("sd_locked", run.sdLocked());
    all.put("only_mid_control", run.onlyMidControl());
    all.put("loss", config.loss().type().name().toLowerCase(Locale.ROOT));
    all.put("min_snr_gamma", config.loss().minSnrGamma());
    all.put("prompt_drop_rate", config.loss().promptDropRate());
    all.put("beta1", optimizer.beta1());
    all.put("beta2", optimizer.beta2());
    all.put("weight_decay", optimizer.weightDecay());
    all.put("epsilon", optimizer.epsilon());
    all.put("gradient_clip", optimizer.gradientClip());
    all.put("moving average", optimizer.averageDecay() > 0);
    all.put("average_decay", optimizer.averageDecay());
    Map<String, String> texts = new LinkedHashMap<>();
    all.forEach((key, value) -> texts.put(key, String.valueOf(value)));
    return texts;
  }

  private TrainingGraph graph() {
    RunConfig run = config.run();
    return new TrainingGraph(
        base.unet(),
        architecture,
        config.loss().type() == LossType.L1,
        !run.sdLocked(),
        run.onlyMidControl(),
        run.gradientCheckpointing(),
        TrainableControl.bfloat16(run.precision()),
        config.optimizer().averageDecay() > 0);
  }

  TrainingResult run() {
    int first = resumed.map(Checkpoint::step).orElse(0);
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new ControlNetException("%s cannot be made: %s.".formatted(folder, e), e);
    }
    Checkpoint.prune(checkpoints, 0);
    Engine engine =
        resources.add(
            new PyTorchEngineProvider()
                .open(new EngineOptions(Device.CPU, Precision.FLOAT32, config.run().threads())));
    Cache<Integer, LatentDistribution> latents =
        new Cache<>(cacheBytes(3), value -> 8L * value.mean().length + 64);
    BatchMaker maker = batchMaker(engine, latents);
    TrainableControl network = resources.add(network(engine));
    if (isMemoryLimited() && resumed.isEmpty()) {
      split = split.within(memoryForSteps(), ResidentMemory.now(), n -> trial(network, maker, n));
    }
    plan.listener()
        .onStart(
            "%,d records, %d x %d pixels, batches of %d%s%s"
                .formatted(
                    data.size(),
                    side,
                    side,
                    split.pictures(),
                    split.count() > 1 ? ", %d at once".formatted(split.size()) : "",
                    first > 0 ? ", going on after step " + first : ""));
    LossLog log = resources.add(LossLog.open(folder.resolve("loss.csv"), first));
    SampleQueue queue = resources.add(queue(latents, (long) first * split.pictures()));
    return loop(first, network, maker, queue, log);
  }

  /** The limit without what the caches may grow to. */
  private long memoryForSteps() {
    return ((long) config.run().memoryLimitMegabytes() - config.data().cacheMegabytes()) << 20;
  }

  /** Computes a step that changes nothing, and returns the bytes resident in it. */
  private long trial(TrainableControl network, BatchMaker maker, int pictures) {
    if (plan.cancellation().isCancelled()) {
      throw new GenerationCancelledException("The training was cancelled before its first step.");
    }
    OptimizerConfig sizes = config.optimizer();
    return ResidentMemory.peak(
        () -> {
          network.accumulate(maker.blank(pictures, architecture.hintChannels(), side));
          network.gradientNorm();
          network.update(
              new AdamW(0, sizes.beta1(), sizes.beta2(), sizes.weightDecay(), sizes.epsilon()),
              1,
              0,
              0);
        });
  }

  /** Three parts of four for latents, one for hidden states. */
  private long cacheBytes(int parts) {
    return ((long) config.data().cacheMegabytes() << 20) * parts / 4;
  }

  private LatentShape imageShape() {
    int factor = base.autoencoder().factor();
    return new LatentShape(1, base.autoencoder().latentChannels(), side / factor, side / factor);
  }

  private BatchMaker batchMaker(Engine engine, Cache<Integer, LatentDistribution> latents) {
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

  private TrainableControl network(Engine engine) {
    Map<String, WeightSource> sources = new LinkedHashMap<>();
    sources.put("unet.", base.unetWeights());
    sources.put("control.", initial);
    if (resumed.isEmpty()) {
      return TrainableControl.load(engine, graph(), ScopedWeights.of(sources));
    }
    try (StoredWeights state = StoredWeights.open(resumed.get().tensors())) {
      sources.put("", state);
      return TrainableControl.load(engine, graph(), ScopedWeights.of(sources));
    }
  }

  private SampleQueue queue(Cache<Integer, LatentDistribution> latents, long position) {
    Optional<ControlMapMaker> annotator = Optional.empty();
    if (!config.data().annotator().equals("none")) {
      annotator =
          Optional.of(
              resources.add(
                  new ControlMapMaker(
                      config.data().annotator(),
                      config.data().annotatorOptions(),
                      Annotators.context().withThreads(config.run().threads()),
                      folder.resolve("control-maps"))));
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
            warnings::add);
    int depth = Math.max(2 * split.size(), 2 * config.data().workers());
    return new SampleQueue(reader, position, config.data().workers(), depth);
  }

  private TrainingResult loop(
      int first, TrainableControl network, BatchMaker maker, SampleQueue queue, LossLog log) {
    RunConfig run = config.run();
    Updates updates =
        new Updates(
            config.optimizer(),
            new LearningRate(config.optimizer().learningRate(), config.schedule(), run.steps()));
    Speed speed = new Speed();
    Optional<Checkpoint> last = resumed;
    for (int step = first + 1; step <= run.steps(); step++) {
      if (plan.cancellation().isCancelled() || Thread.currentThread().isInterrupted()) {
        cancel(step - 1, last, network, log);
      }
      long begin = System.nanoTime();
      double loss = 0;
      for (int i = 0; i < split.count(); i++) {
        List<Sample> samples = new ArrayList<>();
        for (int j = 0; j < split.size(); j++) {
          samples.add(queue.take());
        }
        loss += network.accumulate(maker.batch(samples, 1.0 / split.count()));
      }
      for (String warning = warnings.poll(); warning != null; warning = warnings.poll()) {
        plan.listener().onWarning(warning);
      }
      double norm = network.gradientNorm();
      requireFinite(step, loss, norm, last);
      double rate = updates.update(network, step, norm);
      double seconds = (System.nanoTime() - begin) / 1e9;
      speed.add(seconds);
      long epoch = order.epoch((long) step * split.pictures());
      log.add(step, epoch, loss, rate, norm, seconds);
      plan.listener()
          .onStep(
              new TrainingProgress(
                  step,
                  run.steps(),
                  (int) epoch,
                  loss,
                  log.mean(),
                  rate,
                  norm,
                  speed.perSecond(),
                  (run.steps() - step) / speed.perSecond()));
      boolean due =
          config.output().checkpointEvery() > 0 && step % config.output().checkpointEvery() == 0;
      boolean painting =
          config.output().sampleEvery() > 0
              && step % config.output().sampleEvery() == 0
              && !config.output().samples().isEmpty();
      if (due || step == run.steps()) {
        last = Optional.of(save(step, network, log));
      }
      if (painting) {
        paint(step, network);
      }
    }
    Checkpoint finished = last.orElseGet(() -> save(run.steps(), network, log));
    return result(finished, network, log);
  }

  private void requireFinite(int step, double loss, double norm, Optional<Checkpoint> last) {
    if (!Double.isFinite(loss) || !Double.isFinite(norm)) {
      throw new EngineException(
          "At step %d the loss is %s and the norm of the gradients %s; use a lower learning rate or clip gradients. %s"
              .formatted(
                  step,
                  loss,
                  norm,
                  last.map(l -> "The newest checkpoint is %s.".formatted(l.folder()))
                      .orElse("There is no checkpoint yet.")));
    }
  }

  private void cancel(int step, Optional<Checkpoint> last, TrainableControl network, LossLog log) {
    boolean saved = last.map(checkpoint -> checkpoint.step() == step).orElse(step == 0);
    if (!saved) {
      save(step, network, log);
    }
    throw new GenerationCancelledException(
        "The training was cancelled after step %d; start it again to go on from there."
            .formatted(step));
  }

  private Checkpoint save(int step, TrainableControl network, LossLog log) {
    WeightSource state = network.state();
    Checkpoint checkpoint =
        Checkpoint.write(
            checkpoints,
            step,
            facts(),
            temporary -> {
              SafetensorsWriter.write(
                  Checkpoint.tensors(temporary), state, WriteOptions.defaults());
              writeControl(temporary.resolve("control"), state);
            });
    Checkpoint.prune(checkpoints, config.output().keepCheckpoints());
    LossCurve.write(log.losses(), folder.resolve("loss.png"));
    plan.listener().onCheckpoint(checkpoint.folder());
    return checkpoint;
  }

  private void writeControl(Path target, WeightSource state) {
    ControlExport.write(
        target,
        architecture,
        learned("control.", initial, ControlNet.shapes(architecture), state),
        ModelLayout.DIFFUSERS,
        WriteOptions.defaults().withOverwrite(true));
  }

  private void writeBase(Path target, WeightSource state) {
    BaseExport.of(base)
        .withUnet(learned("unet.", base.unetWeights(), UNet.shapes(base.unet()), state))
        .write(target, ModelLayout.DIFFUSERS, WriteOptions.defaults().withOverwrite(true));
  }

  /** What was learned, the moving average where there is one, over what was there before. */
  private WeightSource learned(
      String scope, WeightSource before, Map<String, List<Long>> names, WeightSource state) {
    boolean averages = config.optimizer().averageDecay() > 0;
    return new Overlay(
        before, ScopedWeights.inside(state, averages ? "average." + scope : scope), names.keySet());
  }

  private void paint(int step, TrainableControl network) {
    Path temporary = folder.resolve(".painting.tmp");
    try {
      Checkpoint.delete(temporary);
      Path control = temporary.resolve("control");
      writeControl(control, network.state());
      Optional<Path> changed = Optional.empty();
      if (!config.run().sdLocked()) {
        changed = Optional.of(temporary.resolve("base"));
        writeBase(changed.get(), network.state());
      }
      plan.listener().onSamples(new SamplePainter(plan, side).paint(step, control, changed));
      Checkpoint.delete(temporary);
    } catch (IOException e) {
      throw new ControlNetException("%s cannot be used: %s.".formatted(temporary, e), e);
    }
  }

  private TrainingResult result(Checkpoint checkpoint, TrainableControl network, LossLog log) {
    Path control = folder.resolve("control");
    writeControl(control, network.state());
    Optional<Path> changed = Optional.empty();
    if (!config.run().sdLocked()) {
      changed = Optional.of(folder.resolve("base"));
      writeBase(changed.get(), network.state());
    }
    return new TrainingResult(control, changed, checkpoint.step(), log.mean());
  }

  /** How fast the last steps were. */
  private static final class Speed {
    private final List<Double> seconds = new ArrayList<>();

    void add(double step) {
      seconds.add(step);
      if (seconds.size() > SPEED_WINDOW) {
        seconds.remove(0);
      }
    }

    double perSecond() {
      return seconds.size() / seconds.stream().mapToDouble(Double::doubleValue).sum();
    }
  }
}
