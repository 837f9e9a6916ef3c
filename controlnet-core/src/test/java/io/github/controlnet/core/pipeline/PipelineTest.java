package io.github.controlnet.core.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.controlnet.ControlInput;
import io.github.controlnet.ControlMode;
import io.github.controlnet.ControlNetPipeline;
import io.github.controlnet.GenerationRequest;
import io.github.controlnet.GenerationResult;
import io.github.controlnet.GuessMode;
import io.github.controlnet.Guidance;
import io.github.controlnet.InitImage;
import io.github.controlnet.Prompt;
import io.github.controlnet.Provenance;
import io.github.controlnet.Samplers;
import io.github.controlnet.ScaleSchedule;
import io.github.controlnet.core.fixtures.Fixtures;
import io.github.controlnet.core.random.TorchGenerator;
import io.github.controlnet.core.text.ClipTokenizer;
import io.github.controlnet.core.weights.ControlWeights;
import io.github.controlnet.engine.OffloadPolicy;
import io.github.controlnet.exception.EngineException;
import io.github.controlnet.exception.GenerationCancelledException;
import io.github.controlnet.exception.InvalidRequestException;
import io.github.controlnet.exception.PipelineClosedException;
import io.github.controlnet.exception.ProviderNotFoundException;
import io.github.controlnet.image.ResizeMode;
import io.github.controlnet.model.BaseModel;
import io.github.controlnet.model.ControlModel;
import io.github.controlnet.progress.CancellationToken;
import io.github.controlnet.sampler.NoiseSchedule;
import io.github.controlnet.sampler.NoiseSource;
import io.github.controlnet.sampler.PredictionType;
import io.github.controlnet.sampler.Sampler;
import io.github.controlnet.sampler.SamplerRun;
import io.github.controlnet.sampler.SamplingOptions;
import io.github.controlnet.sampler.ScheduleSettings;
import io.github.controlnet.sampler.TimestepSpacing;
import io.github.controlnet.tck.gaussian.GaussianEngine;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Everything around the networks, on an engine whose denoiser has a closed form. Models are opened
 * for real; only the numbers of the networks are replaced.
 */
@Timeout(120)
class PipelineTest {
  private ProbeEngineProvider.Probe probe = new ProbeEngineProvider.Probe();

  @BeforeEach
  void watch() {
    probe = ProbeEngineProvider.fresh();
  }

  private static ControlNetPipeline.Builder builder() {
    return ControlNetPipeline.builder().base(BaseModel.of(Fixtures.tiny())).engine("probe");
  }

  private static ControlNetPipeline plain() {
    return builder().build();
  }

  private static ControlNetPipeline controlled() {
    return builder().control(ControlModel.of(Fixtures.tinyControl())).build();
  }

  private static GenerationRequest.Builder request() {
    return GenerationRequest.builder().prompt("a red circle").size(64, 64).steps(4).seed(7);
  }

  /** A plugin's sampler that multiplies DDIM's latents in each step. */
  private record Growing(SamplerRun run) implements SamplerRun {
    static Sampler sampler() {
      return new Sampler() {
        @Override
        public String name() {
          return "growing";
        }

        @Override
        public SamplerRun start(NoiseSchedule schedule, SamplingOptions options) {
          return new Growing(Samplers.ddim().start(schedule, options));
        }
      };
    }

    @Override
    public int evaluations() {
      return run.evaluations();
    }

    @Override
    public double timestep(int index) {
      return run.timestep(index);
    }

    @Override
    public double initialNoiseScale() {
      return run.initialNoiseScale();
    }

    @Override
    public float[] scaleInput(int index, float[] latents) {
      return run.scaleInput(index, latents);
    }

    @Override
    public float[] step(int index, float[] prediction, float[] latents, NoiseSource noise) {
      float[] next = run.step(index, prediction, latents, noise);
      for (int i = 0; i < next.length; i++) {
        next[i] *= 1e25f;
      }
      return next;
    }

    @Override
    public float[] addNoise(int index, float[] sample, float[] noise) {
      return run.addNoise(index, sample, noise);
    }
  }

  @Test
  void latentsThatGrowWithoutBoundAreAnErrorAndNoBlackPicture() {
    try (ControlNetPipeline pipeline = plain()) {
      GenerationRequest wild = request().scheduler(Growing.sampler()).build();
      assertThatThrownBy(() -> pipeline.generate(wild))
          .isInstanceOf(EngineException.class)
          .hasMessageContaining("after step 2 of 4")
          .hasMessageContaining("smaller guidance scale");
      assertThat(pipeline.generate(request().build()).images()).hasSize(1);
    }
  }

  private static BufferedImage grey(int level) {
    BufferedImage image = new BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    graphics.setColor(new Color(level, level, level));
    graphics.fillRect(0, 0, 64, 64);
    graphics.dispose();
    return image;
  }

  private static double textMean(String text) {
    return GaussianEngine.mean(
        ClipTokenizer.open(Fixtures.tiny().resolve("tokenizer")).encode(text));
  }

  /** The end of the probability-flow ODE of Gaussian data, which DDIM approaches with its steps. */
  private static float[] closedForm(float[] noise, double mean, int firstTimestep) {
    NoiseSchedule schedule = NoiseSchedule.stableDiffusion();
    double from = schedule.alphaBar(firstTimestep);
    double to = schedule.finalAlphaBar();
    double variance = GaussianEngine.DEVIATION * GaussianEngine.DEVIATION;
    double ratio = Math.sqrt((to * variance + 1 - to) / (from * variance + 1 - from));
    float[] result = new float[noise.length];
    for (int i = 0; i < noise.length; i++) {
      result[i] = (float) (Math.sqrt(to) * mean + ratio * (noise[i] - Math.sqrt(from) * mean));
    }
    return result;
  }

  @Test
  void gaussianDataComeOutAsInClosedForm() {
    double guidance = 2;
    double mean =
        textMean("blue") + guidance * (textMean("a red circle") - textMean("blue")) + 0.5 * 0.6;
    List<Double> errors = new ArrayList<>();
    try (ControlNetPipeline pipeline = controlled()) {
      for (int steps : new int[] {20, 100, 500}) {
        GenerationResult result =
            pipeline.generate(
                request()
                    .negativePrompt("blue")
                    .guidanceScale(guidance)
                    .control(ControlInput.of(grey(153)).withScale(0.5))
                    .steps(steps)
                    .build());
        float[] noise = new TorchGenerator(7).randn(4 * 8 * 8);
        float[] expected = closedForm(noise, mean, 1000 - 1000 / steps + 1);
        errors.add(Fixtures.relativeError(result.latents().values(), expected));
      }
    }
    // A first-order method: five times the steps, a fifth of the error.
    assertThat(errors.get(1)).isLessThan(errors.get(0) / 4);
    assertThat(errors.get(2)).isLessThan(errors.get(1) / 4).isLessThan(5e-3);
  }

  @Test
  void aSamplersSettingsTakeThePlaceOfTheBasesConfiguration(@TempDir Path folder)
      throws IOException {
    Path tiny = Fixtures.tiny();
    try (Stream<Path> files = Files.walk(tiny)) {
      for (Path file : files.sorted().toList()) {
        Files.copy(
            file,
            folder.resolve(tiny.relativize(file).toString()),
            StandardCopyOption.REPLACE_EXISTING);
      }
    }
    Files.writeString(
        folder.resolve("scheduler/scheduler_config.json"),
        """
        {"timestep_spacing": "trailing", "prediction_type": "v_prediction",
         "rescale_betas_zero_snr": true}""");
    ScheduleSettings settings =
        ScheduleSettings.none()
            .withTimestepSpacing(TimestepSpacing.TRAILING)
            .withPredictionType(PredictionType.V_PREDICTION)
            .withZeroTerminalSnr(true);
    float[] usual;
    float[] requested;
    float[] built;
    float[] configured;
    try (ControlNetPipeline pipeline = plain()) {
      usual = pipeline.generate(request().build()).latents().values();
      GenerationResult result =
          pipeline.generate(request().scheduler(Samplers.ddim().with(settings)).build());
      requested = result.latents().values();
      assertThat(result.provenance().resolved().scheduleSettings()).isEqualTo(settings);
      assertThat(result.provenance().resolved().sampler()).isEqualTo("ddim");
    }
    try (ControlNetPipeline pipeline =
        builder().scheduler(Samplers.ddim().with(settings)).build()) {
      built = pipeline.generate(request().build()).latents().values();
    }
    try (ControlNetPipeline pipeline =
        ControlNetPipeline.builder().base(BaseModel.of(folder)).engine("probe").build()) {
      configured = pipeline.generate(request().build()).latents().values();
    }
    assertThat(requested).isEqualTo(configured).isNotEqualTo(usual);
    assertThat(built).isEqualTo(configured);
  }

  @Test
  void resultSaysWhatWasMade() {
    try (ControlNetPipeline pipeline = controlled()) {
      GenerationResult result =
          pipeline.generate(
              request()
                  .addedPrompt("best quality")
                  .imagesPerPrompt(2)
                  .control(ControlInput.of(grey(10)))
                  .build());
      assertThat(result.images()).hasSize(2);
      assertThat(result.images().get(0).getWidth()).isEqualTo(64);
      assertThat(result.seeds()).containsExactly(7L, 7L);
      assertThat(result.controlMaps()).hasSize(1);
      assertThat(result.timings().stepSeconds()).hasSize(4);
      assertThat(result.latents().count()).isEqualTo(2);
      assertThat(result.provenance().request().prompts().complete().get(0).text())
          .isEqualTo("a red circle, best quality");
      assertThat(result.provenance().request().sampling().seedPerImage()).isFalse();
      assertThat(result.provenance().models())
          .extracting(Provenance.ModelSource::role)
          .containsExactly("base", "control 1");
    }
    assertThat(probe.openHandles).isEmpty();
    assertThat(probe.resident).isEmpty();
  }

  @Test
  void aSeedForEachImageMakesItIndependentOfTheBatch() {
    try (ControlNetPipeline pipeline = plain()) {
      float[] both =
          pipeline
              .generate(request().seeds(3, 4).imagesPerPrompt(2).eta(0.5).build())
              .latents()
              .values();
      float[] alone = pipeline.generate(request().seed(4).eta(0.5).build()).latents().values();
      assertThat(Arrays.copyOfRange(both, both.length / 2, both.length)).isEqualTo(alone);
    }
  }

  @Test
  void everyPromptHasItsNegativePrompt() {
    try (ControlNetPipeline pipeline = plain()) {
      float[] both =
          pipeline
              .generate(
                  request()
                      .prompts(List.of(new Prompt("circle", "blue"), new Prompt("square", "red")))
                      .seeds(3, 4)
                      .build())
              .latents()
              .values();
      float[] second =
          pipeline
              .generate(request().prompt("square").negativePrompt("red").seed(4).build())
              .latents()
              .values();
      assertThat(Arrays.copyOfRange(both, both.length / 2, both.length)).isEqualTo(second);
    }
  }

  @Test
  void partsOfABatchMakeWhatTheWholeMakes() {
    GenerationRequest request =
        request()
            .prompts(
                List.of(
                    new Prompt("circle", "blue"),
                    new Prompt("square", "red"),
                    new Prompt("square", "red"),
                    new Prompt("square", "red"),
                    new Prompt("line", "")))
            .seeds(1, 2, 3, 4, 5)
            .control(ControlInput.of(grey(10)))
            .build();
    try (ControlNetPipeline pipeline = controlled()) {
      float[] whole = pipeline.generate(request).latents().values();
      probe.calls.clear();
      probe.denoiserRuns.set(0);
      probe.mostImages = 1;
      assertThat(pipeline.generate(request).latents().values()).isEqualTo(whole);
      assertThat(probe.count("denoiser")).isEqualTo(4 * 5);
      assertThat(probe.count("control")).isEqualTo(4 * 5);
      assertThat(probe.denoiserRuns).as("one for each text").hasValue(3);
      probe.mostImages = 2; // and one that is left
      assertThat(pipeline.generate(request).latents().values()).isEqualTo(whole);
    }
    assertThat(probe.openHandles).isEmpty();
  }

  @Test
  void aRequestMayChooseItsScheduler() {
    try (ControlNetPipeline pipeline = plain();
        ControlNetPipeline euler = builder().scheduler(Samplers.named("euler")).build()) {
      GenerationResult usual = pipeline.generate(request().build());
      GenerationResult chosen =
          pipeline.generate(request().scheduler(Samplers.named("euler")).build());
      assertThat(usual.provenance().resolved().sampler()).isEqualTo("ddim");
      assertThat(chosen.provenance().resolved().sampler()).isEqualTo("euler");
      assertThat(chosen.latents().values()).isNotEqualTo(usual.latents().values());
      assertThat(euler.generate(request().build()).latents().values())
          .isEqualTo(chosen.latents().values());
    }
  }

  @Test
  void randomSeedIsReportedAndRepeats() {
    try (ControlNetPipeline pipeline = plain()) {
      GenerationResult random = pipeline.generate(request().seed(-1).build());
      long seed = random.seeds().get(0);
      assertThat(seed).isBetween(0L, 65535L);
      assertThat(pipeline.generate(request().seed(seed).build()).latents().values())
          .isEqualTo(random.latents().values());
    }
  }

  @Test
  void controlsActWithinTheirWindow() {
    try (ControlNetPipeline pipeline = controlled()) {
      pipeline.generate(
          request().steps(10).control(ControlInput.of(grey(200)).withWindow(0.2, 0.5)).build());
    }
    assertThat(probe.count("denoiser")).isEqualTo(10);
    assertThat(probe.count("control")).isEqualTo(3);
  }

  @Test
  void scaleZeroIsNoControl() {
    try (ControlNetPipeline pipeline = controlled()) {
      float[] off =
          pipeline
              .generate(request().control(ControlInput.of(grey(200)).withScale(0)).build())
              .latents()
              .values();
      assertThat(probe.count("control")).isZero();
      assertThat(pipeline.generate(request().build()).latents().values()).isEqualTo(off);
      assertThat(
              pipeline
                  .generate(request().control(ControlInput.of(grey(200))).build())
                  .latents()
                  .values())
          .isNotEqualTo(off);
    }
  }

  @Test
  void guessModeLeavesTheUnconditionalHalfAlone() {
    // In the Gaussian engine the guided shift is u + g (c - u): with both halves shifted by s it is
    // s, with the conditional one alone g s.
    try (ControlNetPipeline pipeline = controlled()) {
      GenerationRequest.Builder base = request().guidanceScale(3).steps(200);
      float[] off = pipeline.generate(base.build()).latents().values();
      float[] on =
          pipeline.generate(base.control(ControlInput.of(grey(255))).build()).latents().values();
      float[] guess =
          pipeline.generate(base.guessMode(GuessMode.ORIGINAL).build()).latents().values();
      int residuals = tinyResiduals();
      double weights =
          IntStream.range(0, residuals)
              .mapToDouble(i -> Math.pow(0.825, residuals - 1 - i))
              .average()
              .orElseThrow();
      assertThat((double) (guess[0] - off[0]) / (on[0] - off[0]))
          .isCloseTo(3 * weights, within(1e-3));
    }
  }

  private static int tinyResiduals() {
    try (ControlWeights weights = ControlWeights.open(Fixtures.tinyControl(), Optional.empty())) {
      return weights.architecture().sites().size();
    }
  }

  @Test
  void guidanceScaleOneSkipsTheUnconditionalHalf() {
    try (ControlNetPipeline pipeline = plain()) {
      float[] one =
          pipeline
              .generate(request().guidanceScale(1).negativePrompt("x").build())
              .latents()
              .values();
      float[] other =
          pipeline
              .generate(request().guidanceScale(1).negativePrompt("y").build())
              .latents()
              .values();
      assertThat(one).isEqualTo(other);
    }
  }

  @Test
  void stepsOutsideTheIntervalOfGuidanceAskForOneBranch() {
    try (ControlNetPipeline pipeline = controlled()) {
      Guidance some = Guidance.of(3).withInterval(0.2, 0.7);
      float[] partly = latents(pipeline, request().steps(10).guidance(some));
      assertThat(probe.denoiserRuns).as("one run with both branches, one with one").hasValue(2);
      assertThat(probe.count("denoiser")).isEqualTo(10);
      float[] never = latents(pipeline, request().steps(10).guidanceScale(1));
      float[] always = latents(pipeline, request().steps(10).guidanceScale(3));
      assertThat(partly).isNotEqualTo(never).isNotEqualTo(always);
      Guidance none = Guidance.of(3).withInterval(0.5, 0.5);
      assertThat(latents(pipeline, request().steps(10).guidance(none))).isEqualTo(never);
      assertThat(probe.openHandles).isEmpty();
    }
  }

  private static float[] latents(ControlNetPipeline pipeline, GenerationRequest.Builder request) {
    return pipeline.generate(request.build()).latents().values();
  }

  @Test
  void aMaskConfinesTheControlToItsRegion() {
    BufferedImage left = new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = left.createGraphics();
    graphics.setColor(Color.WHITE);
    graphics.fillRect(0, 0, 4, 8);
    graphics.dispose();
    try (ControlNetPipeline pipeline = controlled()) {
      ControlInput input = ControlInput.of(grey(200));
      float[] off = latents(pipeline, request());
      float[] on = latents(pipeline, request().control(input));
      float[] masked = latents(pipeline, request().control(input.withMask(left)));
      for (int i = 0; i < off.length; i++) {
        assertThat(masked[i]).as("latent %d", i).isEqualTo(i % 8 < 4 ? on[i] : off[i]);
      }
    }
  }

  @Test
  void scalesMayChangeOverTheSteps() {
    // Heun asks twice a step: the list has one scale for each step all the same.
    try (ControlNetPipeline pipeline = controlled()) {
      List<String> asked = new ArrayList<>();
      ScaleSchedule scale =
          (step, steps) -> {
            asked.add(step + "/" + steps);
            return step == 1 ? 0 : 1;
          };
      pipeline.generate(
          request()
              .steps(3)
              .scheduler(Samplers.named("heun"))
              .control(ControlInput.of(grey(200)).withScale(scale))
              .build());
      assertThat(asked).containsExactly("0/3", "0/3", "1/3", "1/3", "2/3");
      assertThat(probe.count("control")).isEqualTo(3);
      refuses(
          pipeline,
          request().steps(3).guidance(Guidance.of(ScaleSchedule.perStep(9, 7))),
          "2 scales for 3 steps");
      refuses(
          pipeline,
          request().guidance(Guidance.of((step, steps) -> 1.0 / step)),
          "guidance scale gives Infinity for step 1 of 4");
    }
  }

  @Test
  void aPooledControlLeavesTheUnconditionalHalfAlone() {
    // As in guess mode: with both halves shifted by s the guided shift is s, with one g s.
    ControlModel pooled =
        ControlModel.of(Fixtures.tinyControl())
            .withConfig(Fixtures.file("tiny-control-pooled.json"));
    try (ControlNetPipeline pipeline = builder().control(pooled).build();
        ControlNetPipeline usual = controlled()) {
      GenerationRequest.Builder request = request().guidanceScale(3).steps(200);
      float[] off = latents(pipeline, request);
      request.control(ControlInput.of(grey(255)));
      float[] on = latents(usual, request);
      float[] conditional = latents(pipeline, request);
      assertThat((double) (conditional[0] - off[0]) / (on[0] - off[0])).isCloseTo(3, within(1e-3));
    }
  }

  @Test
  void listenerHearsOfEveryStepAndCanPreview() {
    List<String> steps = new ArrayList<>();
    try (ControlNetPipeline pipeline = plain()) {
      pipeline.generate(
          request()
              .imagesPerPrompt(2)
              .listener(
                  step -> {
                    assertThat(step.preview()).hasSize(2);
                    assertThat(step.preview().get(0).getWidth()).isEqualTo(8);
                    steps.add(
                        step.number() + "/" + step.totalSteps() + "@" + (int) step.timestep());
                  })
              .build());
    }
    assertThat(steps).containsExactly("1/4@751", "2/4@501", "3/4@251", "4/4@1");
  }

  @Test
  void cancellingEndsWithinOneNetworkCallAndThePipelineWorksOn() throws Exception {
    CancellationToken token = new CancellationToken();
    try (ControlNetPipeline pipeline = controlled()) {
      probe.onCall =
          network -> {
            if (network.equals("denoiser") && probe.count("denoiser") == 2) {
              token.cancel();
            }
          };
      GenerationRequest request =
          request().control(ControlInput.of(grey(9))).cancellation(token).build();
      assertThatExceptionOfType(GenerationCancelledException.class)
          .isThrownBy(() -> pipeline.generate(request));
      assertThat(probe.calls).endsWith("control", "denoiser").hasSize(5);
      assertThat(probe.openHandles).isEmpty();
      assertThat(pipeline.generate(request().build()).images()).hasSize(1);
    }
  }

  @Test
  void aCancelledTokenStopsBeforeAnyNetwork() {
    CancellationToken token = new CancellationToken();
    token.cancel();
    try (ControlNetPipeline pipeline = plain()) {
      assertThatExceptionOfType(GenerationCancelledException.class)
          .isThrownBy(() -> pipeline.generate(request().cancellation(token).build()));
    }
    assertThat(probe.calls).isEmpty();
  }

  @Test
  void interruptCancelsAndStaysSet() {
    try (ControlNetPipeline pipeline = plain()) {
      probe.onCall = network -> Thread.currentThread().interrupt();
      assertThatExceptionOfType(GenerationCancelledException.class)
          .isThrownBy(() -> pipeline.generate(request().build()));
      assertThat(Thread.interrupted()).isTrue();
    }
    assertThat(probe.openHandles).isEmpty();
  }

  @Test
  void closingDuringAGenerationCancelsItAndWaits() throws Exception {
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    probe.onCall =
        network -> {
          if (network.equals("denoiser")) {
            inside.countDown();
            await(goOn);
          }
        };
    ControlNetPipeline pipeline = plain();
    CompletableFuture<GenerationResult> generation =
        CompletableFuture.supplyAsync(() -> pipeline.generate(request().build()));
    await(inside);
    CompletableFuture<Void> closing = CompletableFuture.runAsync(pipeline::close);
    // The door is shut at once, while the network still runs.
    while (true) {
      try {
        pipeline.generate(request().cancellation(cancelled()).build());
      } catch (PipelineClosedException e) {
        break;
      } catch (GenerationCancelledException e) {
        Thread.onSpinWait();
      }
    }
    assertThat(closing).isNotDone();
    assertThat(probe.resident).isNotEmpty();
    goOn.countDown();
    closing.get(60, TimeUnit.SECONDS);
    assertThat(probe.resident).isEmpty();
    assertThat(probe.openHandles).isEmpty();
    assertThatExceptionOfType(ExecutionException.class)
        .isThrownBy(generation::get)
        .withCauseInstanceOf(GenerationCancelledException.class);
    pipeline.close();
  }

  private static CancellationToken cancelled() {
    CancellationToken token = new CancellationToken();
    token.cancel();
    return token;
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(60, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aListenerMayCloseThePipeline() {
    ControlNetPipeline pipeline = plain();
    assertThatExceptionOfType(GenerationCancelledException.class)
        .isThrownBy(() -> pipeline.generate(request().listener(step -> pipeline.close()).build()));
    assertThat(probe.resident).isEmpty();
    assertThat(probe.openHandles).isEmpty();
  }

  @Test
  void whatAListenerThrowsReachesTheCaller() {
    try (ControlNetPipeline pipeline = plain()) {
      assertThatThrownBy(
              () ->
                  pipeline.generate(
                      request()
                          .listener(
                              step -> {
                                throw new IllegalStateException("enough");
                              })
                          .build()))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("enough");
      assertThat(probe.openHandles).isEmpty();
      assertThat(pipeline.generate(request().build()).images()).hasSize(1);
    }
  }

  @Test
  void aClosedPipelineSaysSo() {
    ControlNetPipeline pipeline = plain();
    pipeline.close();
    pipeline.close();
    assertThatExceptionOfType(PipelineClosedException.class)
        .isThrownBy(() -> pipeline.generate(request().build()))
        .withMessageContaining("build a new one");
  }

  @Test
  void offloadDecidesWhatIsResidentInEachPhase() {
    Set<String> seen = new HashSet<>();
    probe.onCall = network -> seen.add(network + " with " + sorted(probe.resident));
    try (ControlNetPipeline pipeline =
        builder()
            .control(ControlModel.of(Fixtures.tinyControl()))
            .offload(OffloadPolicy.MODEL)
            .build()) {
      pipeline.generate(request().control(ControlInput.of(grey(9))).build());
      assertThat(seen)
          .containsExactlyInAnyOrder(
              "text with [text]",
              "control with [control, denoiser]",
              "denoiser with [control, denoiser]",
              "autoencoder with [autoencoder]");
      assertThat(probe.resident).isEmpty();
    }
  }

  @Test
  void withoutOffloadWeightsAreLoadedOnce() {
    try (ControlNetPipeline pipeline = controlled()) {
      pipeline.generate(request().control(ControlInput.of(grey(9))).build());
      pipeline.generate(request().control(ControlInput.of(grey(9))).build());
      assertThat(probe.loads)
          .containsExactlyInAnyOrder("text", "denoiser", "control", "autoencoder");
      assertThat(probe.resident).hasSize(4);
    }
    assertThat(probe.resident).isEmpty();
  }

  private static List<String> sorted(Set<String> names) {
    synchronized (names) {
      return names.stream().sorted().toList();
    }
  }

  @Test
  void pipelinesOfOneBaseShareItsWeights() {
    BaseModel base = BaseModel.of(Fixtures.tiny());
    ControlNetPipeline first = ControlNetPipeline.builder().base(base).engine("probe").build();
    ControlNetPipeline second =
        ControlNetPipeline.builder()
            .base(base)
            .control(ControlModel.of(Fixtures.tinyControl()))
            .engine("probe")
            .build();
    first.generate(request().build());
    second.generate(request().build());
    assertThat(probe.loads).containsExactly("text", "denoiser", "autoencoder");
    first.close();
    assertThat(second.generate(request().build()).images()).hasSize(1);
    second.close();
    assertThat(probe.resident).isEmpty();
  }

  @Test
  void threadsGetWhatTheyWouldGetAlone() throws Exception {
    try (ControlNetPipeline pipeline = controlled()) {
      GenerationRequest request = request().control(ControlInput.of(grey(77))).steps(30).build();
      float[] alone = pipeline.generate(request).latents().values();
      List<CompletableFuture<float[]>> all = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        all.add(CompletableFuture.supplyAsync(() -> pipeline.generate(request).latents().values()));
      }
      for (CompletableFuture<float[]> each : all) {
        assertThat(each.get(60, TimeUnit.SECONDS)).isEqualTo(alone);
      }
    }
  }

  @Test
  void sizeFollowsTheControlImage() {
    try (ControlNetPipeline pipeline = controlled()) {
      BufferedImage wide = new BufferedImage(200, 100, BufferedImage.TYPE_INT_RGB);
      GenerationRequest.Builder request =
          GenerationRequest.builder().steps(1).control(ControlInput.of(wide));
      BufferedImage image = pipeline.generate(request.build()).images().get(0);
      assertThat(List.of(image.getWidth(), image.getHeight())).containsExactly(128, 64);
      image = pipeline.generate(request.imageResolution(128).build()).images().get(0);
      assertThat(List.of(image.getWidth(), image.getHeight())).containsExactly(256, 128);
      image = pipeline.generate(request.width(72).build()).images().get(0);
      assertThat(List.of(image.getWidth(), image.getHeight())).containsExactly(72, 64);
    }
  }

  @Test
  void badRequestsAreRefusedBeforeAnyNetworkRuns() {
    try (ControlNetPipeline pipeline = controlled()) {
      refuses(pipeline, request().size(500, 512), "width is 500", "multiple of 8", "496 or 504");
      refuses(pipeline, request().size(512, 500), "height is 500");
      refuses(
          pipeline,
          request().control(ControlInput.of(grey(1))).control(ControlInput.of(grey(2))),
          "2 control inputs",
          "1 control;");
      refuses(
          pipeline,
          request().control(ControlInput.of(grey(1)).withModel(ControlModel.of(Fixtures.tiny()))),
          "not a control of this pipeline");
      refuses(
          pipeline,
          request()
              .control(ControlInput.of(grey(1)).withModel(ControlModel.of(Fixtures.tinyControl())))
              .control(ControlInput.of(grey(1))),
          "all or none to call withModel");
      refuses(pipeline, request().seeds(1, 2, 3), "3 seeds for 1 image;");
      refuses(
          pipeline,
          request().control(ControlInput.of(grey(1)).withLayerWeights(new double[12])),
          "12 layer weights",
          "10 residuals");
      refuses(
          pipeline,
          request()
              .control(
                  ControlInput.of(grey(1))
                      .withMask(new BufferedImage(64, 32, BufferedImage.TYPE_INT_RGB))),
          "mask is 64 x 32",
          "picture 64 x 64");
      refuses(
          pipeline,
          request()
              .guessMode(GuessMode.ORIGINAL)
              .control(ControlInput.of(grey(1)).withMode(ControlMode.PROMPT)),
          "guess mode ORIGINAL",
          "mode PROMPT");
      refuses(pipeline, request().size(4096, 4096).imagesPerPrompt(1024), "GB", "smaller size");
      refuses(pipeline, request().size(8192, 8192), "67108864 pixels", "at most 16777216");
      refuses(pipeline, request().size(4104, 4096), "at most 16777216", "smaller size");
      refuses(pipeline, request().size(1032, 64), "1032 x 64", "at most 16:1");
      refuses(pipeline, request().size(64, 16384), "64 x 16384", "256:1", "16:1", "Crop");
      BufferedImage sliver = new BufferedImage(1, 500, BufferedImage.TYPE_INT_RGB);
      GenerationRequest.Builder following = GenerationRequest.builder().steps(1);
      refuses(pipeline, following.control(ControlInput.of(sliver)), "64 x 32000", "500:1", "16:1");
      refuses(
          pipeline,
          request().control(ControlInput.of(sliver).withResizeMode(ResizeMode.CROP)),
          "The control image is 1 x 500 pixels",
          "16:1");
      refuses(
          pipeline,
          request().control(ControlInput.annotate(sliver, "copy")),
          "The control image is 1 x 500 pixels");
      refuses(
          pipeline,
          request().control(ControlInput.inpaint(sliver, sliver)),
          "The control image is 1 x 500 pixels");
      refuses(
          pipeline,
          request()
              .control(
                  ControlInput.annotate(
                          new BufferedImage(64, 1024, BufferedImage.TYPE_INT_RGB), "copy")
                      .withDetectResolution(8192)),
          "8192 x 131072");
      refuses(
          pipeline,
          GenerationRequest.builder()
              .steps(2)
              .initImage(InitImage.of(new BufferedImage(2000, 100, BufferedImage.TYPE_INT_RGB))),
          "2000 x 96",
          "16:1");
      assertThatExceptionOfType(ProviderNotFoundException.class)
          .isThrownBy(
              () ->
                  pipeline.generate(
                      request().control(ControlInput.annotate(grey(1), "cany")).build()))
          .withMessageContaining("cany");
    }
    assertThat(probe.calls).isEmpty();
  }

  private static void refuses(
      ControlNetPipeline pipeline, GenerationRequest.Builder request, String... words) {
    assertThatExceptionOfType(InvalidRequestException.class)
        .isThrownBy(() -> pipeline.generate(request.build()))
        .satisfies(e -> assertThat(e.getMessage()).contains(words));
  }
}
