package io.github.controlnet.cli;

import io.github.controlnet.ControlNetPipeline;
import io.github.controlnet.GenerationRequest;
import io.github.controlnet.GenerationResult;
import io.github.controlnet.Latents;
import io.github.controlnet.PipelineConfig;
import io.github.controlnet.PipelineInfo;
import io.github.controlnet.PipelineProvider;
import io.github.controlnet.Provenance;
import io.github.controlnet.StepListener;
import io.github.controlnet.Timings;
import io.github.controlnet.engine.Precision;
import io.github.controlnet.exception.GenerationCancelledException;
import io.github.controlnet.model.ControlModel;
import io.github.controlnet.sampler.Sampler;
import io.github.controlnet.sampler.ScheduleSettings;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A pipeline that remembers what it was asked for and makes grey pictures. */
public final class FakePipelineProvider implements PipelineProvider {
  /** What reached the pipelines of one run of the command. */
  static final class Calls {
    final List<PipelineConfig> configs = new ArrayList<>();
    final List<GenerationRequest> requests = new ArrayList<>();
    Consumer<GenerationRequest> beforeGenerate = request -> {};
    int closed;

    PipelineConfig config() {
      return configs.get(0);
    }

    GenerationRequest request() {
      return requests.get(0);
    }
  }

  private static final ThreadLocal<@Nullable Calls> CALLS = new ThreadLocal<>();

  /** Starts a new record for this thread. */
  static Calls record() {
    Calls calls = new Calls();
    CALLS.set(calls);
    return calls;
  }

  @Override
  public ControlNetPipeline create(PipelineConfig config) {
    Calls calls = CALLS.get();
    if (calls == null) {
      throw new IllegalStateException("record() was not called");
    }
    calls.configs.add(config);
    return new FakePipeline(config, calls);
  }

  private record FakePipeline(PipelineConfig config, Calls calls) implements ControlNetPipeline {
    private static final int SIZE = 16;

    @Override
    public GenerationResult generate(GenerationRequest request) {
      calls.requests.add(request);
      calls.beforeGenerate.accept(request);
      List<Double> stepSeconds = new ArrayList<>();
      for (int i = 1; i <= request.sampling().steps(); i++) {
        if (request.cancellation().isCancelled()) {
          throw new GenerationCancelledException("cancelled");
        }
        request.listener().onStep(new FakeStep(i, request.sampling().steps()));
        stepSeconds.add(0.5);
      }
      List<Long> seeds = seeds(request);
      List<BufferedImage> images =
          Collections.nCopies(
              seeds.size(), new BufferedImage(SIZE, SIZE, BufferedImage.TYPE_INT_RGB));
      float[] values = new float[seeds.size() * 4 * 2 * 2];
      for (int i = 0; i < values.length; i++) {
        values[i] = i / 4f;
      }
      return new GenerationResult(
          images,
          seeds,
          Collections.nCopies(request.controls().list().size(), images.get(0)),
          new Latents(seeds.size(), 4, 2, 2, values),
          provenance(request, seeds),
          new Timings(1, stepSeconds, 0.25, 2));
    }

    private static List<Long> seeds(GenerationRequest request) {
      List<Long> given = request.sampling().seeds();
      if (given.size() == request.imageCount()) {
        return given.stream().map(seed -> seed == -1 ? 4711L : seed).toList();
      }
      long seed = given.isEmpty() || given.get(0) == -1 ? 4711 : given.get(0);
      return Collections.nCopies(request.imageCount(), seed);
    }

    private Provenance provenance(GenerationRequest request, List<Long> seeds) {
      return new Provenance(
          request,
          new Provenance.Resolved(
              seeds,
              SIZE,
              SIZE,
              request.sampling().sampler().map(Sampler::name).orElse("ddim"),
              request.sampling().sampler().map(Sampler::settings).orElse(ScheduleSettings.none())),
          List.of(),
          new Provenance.Environment("fake", config.precision(), Map.of(), Map.of("fake", "1")));
    }

    @Override
    public PipelineInfo info() {
      return new PipelineInfo(
          "Stable Diffusion 1.x",
          "base",
          config.controls().stream().map(ControlModel::toString).toList(),
          SIZE,
          8,
          config.device(),
          Precision.FLOAT32,
          config.threads(),
          Map.of());
    }

    @Override
    public void close() {
      calls.closed++;
    }
  }

  private record FakeStep(int number, int totalSteps) implements StepListener.Step {
    @Override
    public double timestep() {
      return 1;
    }

    @Override
    public List<BufferedImage> preview() {
      return List.of();
    }
  }
}
