package io.github.controlnet.core.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.controlnet.core.weights.ControlWeights;
import io.github.controlnet.engine.Precision;
import io.github.controlnet.exception.GenerationCancelledException;
import io.github.controlnet.exception.InvalidRequestException;
import io.github.controlnet.exception.ProviderNotFoundException;
import io.github.controlnet.model.BaseModel;
import io.github.controlnet.model.ControlModel;
import io.github.controlnet.progress.CancellationToken;
import io.github.controlnet.training.BrokenRecords;
import io.github.controlnet.training.ControlNetTrainer;
import io.github.controlnet.training.LossConfig;
import io.github.controlnet.training.LossType;
import io.github.controlnet.training.OptimizerConfig;
import io.github.controlnet.training.OutputConfig;
import io.github.controlnet.training.RunConfig;
import io.github.controlnet.training.TrainingConfig;
import io.github.controlnet.training.TrainingDataException;
import io.github.controlnet.training.TrainingListener;
import io.github.controlnet.training.TrainingProgress;
import io.github.controlnet.training.TrainingResult;
import io.github.controlnet.training.TrainingSample;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Whole trainings of the tiny model. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TrainingTest {
  private static final Path BASE = Path.of("src/test/resources/fixtures/tiny");
  private static final String WEIGHTS = "control/diffusion_pytorch_model.safetensors";
  private static final int STEPS = 14;
  private static final int KILLS = 5;
  private static final TrainingListener NOBODY = new TrainingListener() {};

  @TempDir private static Path folder;
  private Path data = Path.of("");

  @BeforeAll
  void data() throws IOException {
    data = CirclesData.write(folder.resolve("data"), 7);
  }

  @Test
  void killedFiveTimesEndsWithTheSameWeights() throws IOException, InterruptedException {
    Path whole = folder.resolve("whole");
    Path killed = folder.resolve("killed");
    TrainingProcess.train(BASE, data, whole, STEPS, NOBODY);
    Random random = new Random();
    long seed = random.nextLong();
    random.setSeed(seed);
    for (int i = 0; i < KILLS; i++) {
      killAtRandom(killed, random);
    }
    TrainingResult result = TrainingProcess.train(BASE, data, killed, STEPS, NOBODY);
    assertThat(result.steps()).isEqualTo(STEPS);
    for (String file : List.of(WEIGHTS, "checkpoints/step-00000014/training.safetensors")) {
      assertThat(killed.resolve(file))
          .as("%s, with seed %d", file, seed)
          .hasSameBinaryContentAs(whole.resolve(file));
    }
    assertThat(losses(killed)).hasSize(STEPS).isEqualTo(losses(whole));
    try (var left = Files.list(killed.resolve("checkpoints"))) {
      assertThat(left.map(path -> path.getFileName().toString()))
          .containsExactlyInAnyOrder("step-00000012", "step-00000014");
    }
  }

  /** Kills a process by SIGKILL a random while after it made a step, somewhere within a step. */
  private void killAtRandom(Path output, Random random) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                TrainingProcess.class.getName(),
                BASE.toString(),
                data.toString(),
                output.toString(),
                String.valueOf(STEPS))
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      assertThat(lines.readLine()).startsWith("step ");
      for (int more = random.nextInt(3); more > 0 && lines.readLine() != null; more--) {
        // one step further
      }
      Thread.sleep(random.nextInt(150));
    } finally {
      process.destroyForcibly().waitFor();
    }
  }

  private static List<String> losses(Path output) throws IOException {
    return Files.readAllLines(output.resolve("loss.csv")).stream()
        .skip(1)
        // without the seconds that a step took
        .map(line -> line.substring(0, line.lastIndexOf(',')))
        .toList();
  }

  @Test
  void cancelledGoesOnWhereItWas() {
    Path output = folder.resolve("cancelled");
    CancellationToken token = new CancellationToken();
    ControlNetTrainer first =
        ControlNetTrainer.builder()
            .base(BaseModel.of(BASE))
            .config(TrainingProcess.config(data, output, 5))
            .cancellation(token)
            .listener(
                new TrainingListener() {
                  @Override
                  public void onStep(TrainingProgress progress) {
                    if (progress.step() == 3) {
                      token.cancel();
                    }
                  }
                })
            .build();
    assertThatThrownBy(first::train)
        .isInstanceOf(GenerationCancelledException.class)
        .hasMessageContaining("after step 3");
    List<Integer> steps = new ArrayList<>();
    TrainingProcess.train(
        BASE,
        data,
        output,
        5,
        new TrainingListener() {
          @Override
          public void onStep(TrainingProgress progress) {
            steps.add(progress.step());
          }
        });
    assertThat(steps).containsExactly(4, 5);
  }

  @Test
  void goesOnWithWhatItWasAlone() throws IOException {
    Path output = folder.resolve("checked");
    TrainingConfig config = TrainingProcess.config(data, output, 2);
    RunConfig run = config.run();
    train(config);
    LossConfig loss = config.loss();
    OptimizerConfig optimizer = config.optimizer();
    Map.of(
            "another seed (0 there, 8 now)",
            config.withRun(run.withSeed(8)),
            "another batch size (2 there, 1 now)",
            config.withRun(run.withBatchSize(1)),
            "another precision (float32 there, bfloat16 now)",
            config.withRun(run.withPrecision(Precision.BFLOAT16)),
            "another loss (l2 there, l1 now), another min_snr_gamma (0.0 there, 5.0 now)",
            config.withLoss(loss.withType(LossType.L1).withMinSnrGamma(5)),
            "another beta1 (0.9 there, 0.8 now)",
            config.withOptimizer(optimizer.withBeta1(0.8)),
            "another average_decay (0.99 there, 0.5 now)",
            config.withOptimizer(optimizer.withAverageDecay(0.5)))
        .forEach(
            (message, other) ->
                assertThatThrownBy(() -> train(other))
                    .isInstanceOf(InvalidRequestException.class)
                    .hasMessageContaining(message)
                    .hasMessageContaining("use another output folder"));
    assertThatThrownBy(
            () ->
                ControlNetTrainer.builder()
                    .base(BaseModel.of(BASE))
                    .control(ControlModel.of(BASE.resolveSibling("tiny-control")))
                    .config(config)
                    .build()
                    .train())
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("another control (made from the base there, ");
    Path moved = folder.resolve("moved-base");
    copy(BASE, moved);
    TrainingResult further =
        ControlNetTrainer.builder()
            .base(BaseModel.of(moved))
            .config(
                config
                    .withOptimizer(optimizer.withLearningRate(1e-5))
                    .withOutput(config.output().withCheckpointEvery(1))
                    .withRun(run.withSteps(3)))
            .build()
            .train();
    assertThat(further.steps()).isEqualTo(3);
    changeFirstTensor(moved.resolve("unet/diffusion_pytorch_model.safetensors"));
    assertThatThrownBy(
            () ->
                ControlNetTrainer.builder()
                    .base(BaseModel.of(moved))
                    .config(config)
                    .build()
                    .train())
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("another base (");
  }

  private static TrainingResult train(TrainingConfig config) {
    return ControlNetTrainer.builder().base(BaseModel.of(BASE)).config(config).build().train();
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> all = Files.walk(from)) {
      for (Path path : all.toList()) {
        Files.copy(path, to.resolve(from.relativize(path)));
      }
    }
  }

  /** Changes one value; the first tensor begins behind the header, whose length comes first. */
  private static void changeFirstTensor(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    int start = 8 + ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt();
    bytes[start + 1] ^= 1;
    Files.write(file, bytes);
  }

  @Test
  void anEngineThatCannotTrainIsRefusedByName() {
    ControlNetTrainer.Builder trainer =
        ControlNetTrainer.builder()
            .base(BaseModel.of(BASE))
            .config(TrainingProcess.config(data, folder.resolve("refused"), 1));
    assertThatThrownBy(() -> trainer.engine("gaussian").build().train())
        .isInstanceOf(InvalidRequestException.class)
        .hasMessage(
            "The engine gaussian runs networks but cannot train them; use one that can, such as pytorch.");
    assertThatThrownBy(() -> trainer.engine("nonesuch").build().train())
        .isInstanceOf(ProviderNotFoundException.class)
        .hasMessageContaining("nonesuch");
    assertThat(folder.resolve("refused")).doesNotExist();
  }

  @Test
  void memoryLimitSplitsAnUpdateAndTrialStepsChangeNothing() throws IOException {
    Path plain = folder.resolve("plain");
    Path ample = folder.resolve("ample");
    TrainingConfig config = TrainingProcess.config(data, plain, 2);
    train(config.withRun(config.run().withBatchSize(4)));
    RunConfig limited =
        config.run().withBatchSize(2).withAccumulation(2).withMemoryLimitMegabytes(1 << 20);
    TrainingConfig other = config.withRun(limited).withOutput(OutputConfig.defaults(ample));
    train(other);
    // all four fit at once: the same numbers, whatever was tried before
    for (String file : List.of(WEIGHTS, "checkpoints/step-00000002/training.safetensors")) {
      assertThat(ample.resolve(file)).hasSameBinaryContentAs(plain.resolve(file));
    }
    assertThat(ample.resolve("checkpoints/step-00000002/training.json"))
        .content()
        .contains("\"batch size\" : \"4\"", "\"accumulation\" : \"1\"");
    // it goes on with the split that is kept, and does not measure again
    List<String> starts = new ArrayList<>();
    ControlNetTrainer.builder()
        .base(BaseModel.of(BASE))
        .config(other.withRun(limited.withSteps(3).withMemoryLimitMegabytes(1)))
        .listener(
            new TrainingListener() {
              @Override
              public void onStart(String message) {
                starts.add(message);
              }
            })
        .build()
        .train();
    assertThat(starts).singleElement().asString().contains("batches of 4, going on after step 2");
    assertThatThrownBy(
            () ->
                train(
                    config
                        .withRun(limited.withMemoryLimitMegabytes(600))
                        .withOutput(OutputConfig.defaults(folder.resolve("narrow")))))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("more than the 88 MB");
  }

  @Test
  void unlockedExportsTheBaseAndPaintsSamples() {
    Path output = folder.resolve("unlocked");
    TrainingConfig config =
        TrainingProcess.config(data, output, 2)
            .withOutput(
                OutputConfig.defaults(output)
                    .withSampleEvery(2)
                    .withSamples(
                        List.of(
                            TrainingSample.defaults(data.resolveSibling("source/0.png"), "a circle")
                                .withSteps(2))))
            .withRun(
                RunConfig.defaults()
                    .withSteps(2)
                    .withBatchSize(2)
                    .withSdLocked(false)
                    .withGradientCheckpointing(true)
                    .withThreads(1));
    List<Path> painted = new ArrayList<>();
    TrainingResult result =
        ControlNetTrainer.builder()
            .base(BaseModel.of(BASE))
            .config(config)
            .listener(
                new TrainingListener() {
                  @Override
                  public void onSamples(List<Path> files) {
                    painted.addAll(files);
                  }
                })
            .build()
            .train();
    assertThat(result.base()).isPresent();
    assertThat(result.base().get().resolve("model_index.json")).isRegularFile();
    assertThat(painted).hasSize(1).allSatisfy(file -> assertThat(file).isRegularFile());
    assertThat(output.resolve("loss.png")).isRegularFile();
    try (ControlWeights control = ControlWeights.open(result.control(), Optional.empty())) {
      assertThat(control.architecture().hintWidths()).containsExactly(16, 16, 32, 32, 96, 96, 256);
    }
  }

  @Test
  void brokenRecordsStopOrAreSkipped() throws IOException {
    Path copy = folder.resolve("broken");
    Path list = CirclesData.write(copy, 4);
    Files.writeString(copy.resolve("target/2.png"), "no picture");
    Path output = folder.resolve("skipping");
    assertThatThrownBy(
            () -> TrainingProcess.train(BASE, list, folder.resolve("stopping"), 3, NOBODY))
        .isInstanceOf(TrainingDataException.class)
        .hasMessageContaining("line 3 of")
        .hasMessageContaining("2.png");
    TrainingConfig config = TrainingProcess.config(list, output, 3);
    List<String> warnings = new ArrayList<>();
    ControlNetTrainer.builder()
        .base(BaseModel.of(BASE))
        .config(config.withData(config.data().withOnBrokenRecord(BrokenRecords.SKIP)))
        .listener(
            new TrainingListener() {
              @Override
              public synchronized void onWarning(String message) {
                warnings.add(message);
              }
            })
        .build()
        .train();
    assertThat(warnings).hasSize(1).first().asString().contains("line 3 of");
  }
}
