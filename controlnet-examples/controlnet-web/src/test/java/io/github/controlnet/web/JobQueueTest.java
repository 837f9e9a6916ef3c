package io.github.controlnet.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.controlnet.Annotators;
import io.github.controlnet.ControlNetPipeline;
import io.github.controlnet.GenerationRequest;
import io.github.controlnet.GenerationResult;
import io.github.controlnet.InitImage;
import io.github.controlnet.PipelineInfo;
import io.github.controlnet.core.provenance.WeightHashes;
import io.github.controlnet.exception.AnnotationException;
import io.github.controlnet.exception.GenerationCancelledException;
import io.github.controlnet.exception.InvalidRequestException;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.springframework.util.unit.DataSize;

/** The queue with a pipeline that only fails or waits. */
class JobQueueTest {
  private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();

  private record Pretended(Consumer<GenerationRequest> body) implements ControlNetPipeline {
    @Override
    public GenerationResult generate(GenerationRequest request) {
      body.accept(request);
      throw new GenerationCancelledException("cancelled");
    }

    @Override
    public PipelineInfo info() {
      throw new UnsupportedOperationException();
    }

    @Override
    public void close() {
      // holds nothing
    }
  }

  private static void untilCancelled(GenerationRequest request) {
    while (!request.cancellation().isCancelled()) {
      Thread.onSpinWait();
    }
  }

  private JobQueue queue(Duration timeout, Consumer<GenerationRequest> body) {
    DataSize size = DataSize.ofMegabytes(1);
    WebProperties limits =
        new WebProperties(null, 2, size, 2, size, size, 1, 1, 1, 1, timeout, 1, Map.of());
    return new JobQueue(
        new Pretended(body), new WeightHashes(Path.of("target", "none.json")), limits, metrics);
  }

  private static GenerationJob job() {
    return new GenerationJob(GenerationRequest.builder(), null);
  }

  private static GenerationJob over(GenerationJob job) throws Exception {
    return job.end().get(30, TimeUnit.SECONDS);
  }

  @Test
  void whatRunsTooLongIsEnded() throws Exception {
    try (JobQueue queue = queue(Duration.ofMillis(50), JobQueueTest::untilCancelled)) {
      GenerationJob job = over(queue.submit(job()));
      assertThat(job.state()).isEqualTo(GenerationJob.State.FAILED);
      assertThat(job.problem()).contains("longer than");
    }
  }

  @Test
  void whatWaitsIsBoundedInMemoryToo() {
    BufferedImage large = new BufferedImage(512, 500, BufferedImage.TYPE_INT_RGB);
    GenerationRequest.Builder request = GenerationRequest.builder().initImage(InitImage.of(large));
    try (JobQueue queue = queue(Duration.ofMinutes(1), JobQueueTest::untilCancelled)) {
      GenerationJob running = queue.submit(job());
      while (running.state() == GenerationJob.State.QUEUED) {
        Thread.onSpinWait();
      }
      queue.submit(new GenerationJob(request, null));
      assertThatThrownBy(() -> queue.submit(new GenerationJob(request, null)))
          .isInstanceOf(JobQueue.FullException.class)
          .hasMessageContaining("1 generations");
      queue.submit(job());
    }
  }

  @Test
  void theQueueGoesOnWhateverIsThrown() throws Exception {
    try (JobQueue queue =
        queue(
            Duration.ofMinutes(1),
            request -> {
              throw new IllegalStateException("a plugin's mistake");
            })) {
      assertThat(over(queue.submit(job())).problem()).contains("IllegalStateException");
      assertThat(over(queue.submit(job())).state()).isEqualTo(GenerationJob.State.FAILED);
      assertThat(queue.isWorking()).isTrue();
    }
    // A job is counted after those who wait for it have heard; the closed queue has counted all.
    assertThat(metrics.counter("controlnet.jobs", "outcome", "failed").count()).isEqualTo(2);
  }

  @Test
  void anAnnotatorWithoutItsWeightsIsRefusedAsByItself() throws Exception {
    try (JobQueue queue =
        queue(
            Duration.ofMinutes(1),
            request -> {
              throw new AnnotationException("the weights /srv/models/hed.pth are not there");
            })) {
      GenerationJob job = over(queue.submit(job()));
      assertThat(job.isRefused()).isTrue();
      assertThat(job.problem()).isEqualTo("the weights hed.pth are not there");
    }
  }

  @Test
  void anErrorEndsItsGenerationAlone() throws Exception {
    try (JobQueue queue =
        queue(
            Duration.ofMinutes(1),
            request -> {
              throw new AssertionError("a plugin's mistake");
            })) {
      assertThat(over(queue.submit(job())).problem()).contains("AssertionError");
      assertThat(over(queue.submit(job())).state()).isEqualTo(GenerationJob.State.FAILED);
      assertThat(queue.isWorking()).isTrue();
    }
  }

  @Test
  void annotationsThatWaitAreBounded() {
    DataSize size = DataSize.ofMegabytes(1);
    WebProperties limits =
        new WebProperties(
            null, 2, size, 2, size, size, 1, 1, 1, 1, Duration.ofMinutes(1), 1, Map.of());
    try (AnnotatorService annotators = new AnnotatorService(limits, Annotators.context())) {
      List<AnnotatorService.Place> places =
          List.of(annotators.place(), annotators.place(), annotators.place());
      assertThatThrownBy(annotators::place)
          .isInstanceOf(JobQueue.FullException.class)
          .hasMessageContaining("2 annotations waiting");
      places.get(0).close();
      // Given back once, however often it is closed.
      places.get(0).close();
      AnnotatorService.Place again = annotators.place();
      assertThatThrownBy(annotators::place).isInstanceOf(JobQueue.FullException.class);
      again.close();
    }
  }

  @Test
  void whatDoesNotFitTheModelsIsToldFromWhatFailed() throws Exception {
    try (JobQueue queue =
        queue(
            Duration.ofMinutes(1),
            request -> {
              throw new InvalidRequestException("The width is 7.");
            })) {
      GenerationJob job = over(queue.submit(job()));
      assertThat(job.isRefused()).isTrue();
      assertThat(job.problem()).isEqualTo("The width is 7.");
    }
  }

  @Test
  void closingEndsAllAndTakesNothingMore() throws Exception {
    JobQueue queue = queue(Duration.ofMinutes(1), JobQueueTest::untilCancelled);
    GenerationJob running = queue.submit(job());
    GenerationJob waiting = queue.submit(job());
    queue.close();
    assertThat(over(running).state()).isEqualTo(GenerationJob.State.CANCELLED);
    assertThat(over(waiting).state()).isEqualTo(GenerationJob.State.CANCELLED);
    assertThat(queue.isWorking()).isFalse();
    assertThat(running.isStopped()).isTrue();
    assertThat(waiting.isStopped()).isTrue();
    assertThatThrownBy(() -> queue.submit(job())).isInstanceOf(JobQueue.StoppedException.class);
    queue.close();
  }

  @Test
  void finishedOnesAreForgottenInTheirOrder() throws Exception {
    try (JobQueue queue = queue(Duration.ofMinutes(1), request -> {})) {
      GenerationJob first = over(queue.submit(job()));
      for (int i = 0; i < 3; i++) {
        over(queue.submit(job()));
      }
      GenerationJob last = over(queue.submit(job()));
      assertThat(queue.find(first.id())).isEmpty();
      assertThat(queue.find(last.id())).isPresent();
    }
  }
}
