package io.github.controlnet.web;

import io.github.controlnet.ControlNetPipeline;
import io.github.controlnet.GenerationResult;
import io.github.controlnet.core.provenance.PictureRecord;
import io.github.controlnet.core.provenance.WeightHashes;
import io.github.controlnet.exception.AnnotationException;
import io.github.controlnet.exception.ControlNetException;
import io.github.controlnet.exception.GenerationCancelledException;
import io.github.controlnet.exception.InvalidRequestException;
import io.github.controlnet.exception.UnreadableImageException;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.context.event.EventListener;

/**
 * Generations that wait and the one that runs: one at a time, since one uses every core. Finished
 * ones are kept for a while.
 */
final class JobQueue implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(JobQueue.class);
  private static final long LAST_WAIT_SECONDS = 30;

  private final ControlNetPipeline pipeline;
  private final WeightHashes hashes;
  private final WebProperties limits;
  private final MeterRegistry metrics;
  private final Deque<GenerationJob> waiting = new ArrayDeque<>();
  private final Map<UUID, GenerationJob> jobs = new LinkedHashMap<>();
  private final ScheduledExecutorService clock =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "controlnet-timeout");
            thread.setDaemon(true);
            return thread;
          });
  private final Thread worker = new Thread(this::work, "controlnet-generate");
  private @Nullable GenerationJob running;
  private boolean closed;

  JobQueue(
      ControlNetPipeline pipeline,
      WeightHashes hashes,
      WebProperties limits,
      MeterRegistry metrics) {
    this.pipeline = pipeline;
    this.hashes = hashes;
    this.limits = limits;
    this.metrics = metrics;
    Gauge.builder("controlnet.jobs.waiting", this, JobQueue::waiting)
        .description("Generations that wait")
        .register(metrics);
    Gauge.builder("controlnet.jobs.running", this, queue -> queue.running().isPresent() ? 1 : 0)
        .description("Generations that are computed")
        .register(metrics);
    worker.setDaemon(true);
    worker.start();
  }

  /** Says that there is no room. */
  static final class FullException extends RuntimeException {
    FullException(String what, int capacity) {
      super(
          "There are %d %s waiting already, as many as may; try again later."
              .formatted(capacity, what));
    }
  }

  /** Says that a job failed, of which the log tells already. */
  static final class FailedException extends RuntimeException {
    FailedException(String message) {
      super(message);
    }
  }

  /** Says that the server ends. */
  static final class StoppedException extends RuntimeException {
    static final String MESSAGE = "The server was stopped.";

    StoppedException() {
      super(MESSAGE);
    }
  }

  /**
   * Puts a job at the end of the queue.
   *
   * @throws FullException when there is no room
   * @throws StoppedException when the queue is closed
   */
  synchronized GenerationJob submit(GenerationJob job) {
    if (closed) {
      throw new StoppedException();
    }
    if (waiting.size() >= limits.queue()) {
      metrics.counter("controlnet.jobs.refused").increment();
      throw new FullException("generations", limits.queue());
    }
    long bytes = job.bytes() + waiting.stream().mapToLong(GenerationJob::bytes).sum();
    if (!waiting.isEmpty() && bytes > limits.queueSize().toBytes()) {
      metrics.counter("controlnet.jobs.refused").increment();
      throw new FullException("generations", waiting.size());
    }
    waiting.addLast(job);
    jobs.put(job.id(), job);
    forget();
    place();
    notifyAll();
    return job;
  }

  /** Finds a job that is not forgotten yet. */
  synchronized Optional<GenerationJob> find(UUID id) {
    return Optional.ofNullable(jobs.get(id));
  }

  /** Returns the job that is computed. */
  synchronized Optional<GenerationJob> running() {
    return Optional.ofNullable(running);
  }

  /** Tells whether the thread that computes is there. */
  boolean isWorking() {
    return worker.isAlive();
  }

  synchronized int waiting() {
    return waiting.size();
  }

  /** Cancels a job; one that is over stays as it is. */
  void cancel(GenerationJob job) {
    job.token().cancel();
    boolean waited;
    synchronized (this) {
      waited = waiting.remove(job);
      place();
    }
    if (waited) {
      job.cancelled("Cancelled while it waited.");
      count(GenerationJob.State.CANCELLED);
    }
  }

  /** The oldest finished ones go first. */
  private void forget() {
    int count = jobs.size() - waiting.size() - 1;
    long bytes =
        jobs.values().stream()
            .filter(job -> job.state().isOver())
            .mapToLong(GenerationJob::bytes)
            .sum();
    Iterator<GenerationJob> all = jobs.values().iterator();
    while (all.hasNext() && (count > limits.keep() || bytes > limits.keepSize().toBytes())) {
      GenerationJob job = all.next();
      if (job.state().isOver()) {
        all.remove();
        count--;
        bytes -= job.bytes();
      }
    }
  }

  private void place() {
    int place = running == null ? 1 : 2;
    for (GenerationJob job : waiting) {
      job.position(place++);
    }
  }

  private void work() {
    try {
      for (GenerationJob job = next(); job != null; job = next()) {
        compute(job);
      }
    } catch (InterruptedException e) {
      // Closed: whoever waits has been told.
      return;
    }
  }

  private synchronized @Nullable GenerationJob next() throws InterruptedException {
    running = null;
    while (waiting.isEmpty() && !closed) {
      wait();
    }
    if (closed) {
      return null;
    }
    running = waiting.removeFirst();
    running.running();
    place();
    return running;
  }

  private void compute(GenerationJob job) {
    AtomicBoolean late = new AtomicBoolean();
    ScheduledFuture<?> alarm =
        clock.schedule(
            () -> {
              late.set(true);
              job.token().cancel();
            },
            limits.timeout().toMillis(),
            TimeUnit.MILLISECONDS);
    Timer.Sample time = Timer.start(metrics);
    try {
      GenerationResult result = pipeline.generate(job.request());
      job.done(result, PictureRecord.of(result, hashes));
      metrics.counter("controlnet.images").increment(result.images().size());
    } catch (GenerationCancelledException e) {
      if (late.get()) {
        LOG.warn("A generation was ended after {}", limits.timeout());
        job.failed(
            "It ran longer than %d s, the longest that this server allows."
                .formatted(limits.timeout().toSeconds()));
      } else if (isClosed() || !job.token().isCancelled()) {
        // The engine ends by itself, maybe earlier, when the virtual machine exits.
        job.stopped();
      } else {
        job.cancelled("Cancelled.");
      }
    } catch (InvalidRequestException | UnreadableImageException | AnnotationException e) {
      job.refused(Problems.told(e));
    } catch (ControlNetException | UncheckedIOException e) {
      LOG.warn("A generation failed", e);
      job.failed(String.valueOf(e.getMessage()));
    } catch (Throwable e) {
      // The queue goes on, whatever a plugin throws: an error, too, ends its generation alone.
      LOG.error("A generation failed", e);
      job.failed(
          "Unexpected %s; the server's log tells more.".formatted(e.getClass().getSimpleName()));
    } finally {
      alarm.cancel(false);
      time.stop(
          Timer.builder("controlnet.generation")
              .description("Time of a generation, without waiting")
              .tag("outcome", word(job.state()))
              .register(metrics));
      count(job.state());
    }
  }

  private void count(GenerationJob.State state) {
    metrics.counter("controlnet.jobs", "outcome", word(state)).increment();
  }

  private static String word(GenerationJob.State state) {
    return state.name().toLowerCase(Locale.ROOT);
  }

  private synchronized boolean isClosed() {
    return closed;
  }

  /**
   * Cancels everything and waits for the running generation to end. Spring calls it before it waits
   * for the answers of the requests in flight, which tell of this.
   */
  @Override
  @EventListener(ContextClosedEvent.class)
  public void close() {
    List<GenerationJob> left;
    synchronized (this) {
      closed = true;
      left = new ArrayList<>(waiting);
      waiting.clear();
      if (running != null) {
        running.token().cancel();
      }
      notifyAll();
    }
    left.forEach(GenerationJob::stopped);
    try {
      worker.join(TimeUnit.SECONDS.toMillis(LAST_WAIT_SECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    // Not before: a job that has just begun sets its alarm.
    clock.shutdownNow();
  }
}
