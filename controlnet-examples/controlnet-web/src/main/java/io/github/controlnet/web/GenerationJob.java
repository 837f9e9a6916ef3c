package io.github.controlnet.web;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.annotation.JsonSerialize;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.controlnet.GenerationRequest;
import io.github.controlnet.GenerationResult;
import io.github.controlnet.InpaintMask;
import io.github.controlnet.StepListener;
import io.github.controlnet.core.provenance.PictureRecord;
import io.github.controlnet.core.provenance.PngText;
import io.github.controlnet.core.request.RequestCodec;
import io.github.controlnet.progress.CancellationToken;
import java.awt.image.BufferedImage;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** One generation on its way through the queue. All its state is guarded by itself. */
final class GenerationJob implements StepListener {
  /** Pages show a picture of what is on its way no more often than this. */
  private static final long PREVIEW_NANOS = 400_000_000L;

  /** Where a job is. */
  enum State {
    /** It waits. */
    QUEUED,
    /** It is computed. */
    RUNNING,
    /** Its pictures are there. */
    DONE,
    /** It could not be done. */
    FAILED,
    /** Somebody did not want it any more. */
    CANCELLED;

    boolean isOver() {
      return this != QUEUED && this != RUNNING;
    }
  }

  private final UUID id = UUID.randomUUID();
  private final Instant created = Instant.now();
  private @Nullable GenerationRequest request;
  private final @Nullable JsonNode form;
  private final long formBytes;
  private final long requestBytes;
  private final CancellationToken token;
  private final CompletableFuture<GenerationJob> end = new CompletableFuture<>();

  private State state = State.QUEUED;
  private int position;
  private int step;
  private int steps;
  private long lastPreview;
  private List<String> previews = List.of();
  private List<byte[]> pictures = List.of();
  private List<byte[]> maps = List.of();
  private List<String> parameters = List.of();
  private List<Long> seeds = List.of();
  private int width;
  private int height;
  private @Nullable Double seconds;
  private @Nullable GenerationResult result;
  private @Nullable String problem;
  private boolean refused;
  private boolean stopped;
  private long version;

  /**
   * Makes a job.
   *
   * @param builder what to generate; its listener and token become the job's
   * @param form what the page sent, which it may ask for again; null for other clients
   */
  GenerationJob(GenerationRequest.Builder builder, @Nullable JsonNode form) {
    this.token = new CancellationToken();
    GenerationRequest asked = builder.listener(this).cancellation(token).build();
    this.request = asked;
    this.form = form == null ? null : exact(form);
    this.steps = asked.sampling().steps();
    this.formBytes = form == null ? 0 : letters(form);
    this.requestBytes = bytes(asked);
  }

  /** A page's numbers have 53 bits: larger seeds go back to it as texts. */
  private static JsonNode exact(JsonNode form) {
    if (form.path("seed").isIntegralNumber() && form instanceof ObjectNode object) {
      ObjectNode copy = object.objectNode();
      copy.setAll(object);
      return copy.set("seed", RequestCodec.seeds(List.of(form.path("seed").longValue())));
    }
    return form;
  }

  /** Returns how many letters its texts have, pictures too. */
  private static long letters(JsonNode node) {
    long letters = node.isTextual() ? node.textValue().length() : 0;
    for (JsonNode each : node) {
      letters += letters(each);
    }
    return letters;
  }

  /** What a request's pictures take while they are unpacked. */
  private static long bytes(GenerationRequest request) {
    Stream<BufferedImage> maps =
        request.controls().list().stream()
            .flatMap(input -> Stream.concat(Stream.of(input.image()), input.mask().stream()));
    Stream<BufferedImage> start =
        request.initImage().stream()
            .flatMap(
                init ->
                    Stream.concat(
                        Stream.of(init.image()), init.mask().map(InpaintMask::image).stream()));
    return Stream.concat(maps, start)
        .mapToLong(image -> (long) image.getWidth() * image.getHeight() * Integer.BYTES)
        .sum();
  }

  /** What is known at one time. */
  record Snapshot(
      UUID id,
      Instant created,
      State state,
      int position,
      int step,
      int steps,
      List<String> previews,
      int images,
      int maps,
      @JsonSerialize(contentUsing = SeedAsJson.class) List<Long> seeds,
      List<String> parameters,
      int width,
      int height,
      @Nullable Double seconds,
      @Nullable String problem) {}

  /** A snapshot and the number that tells it from later ones. */
  record Version(long number, Snapshot snapshot) {}

  UUID id() {
    return id;
  }

  /** Returns what to generate; not to be called when the job is over. */
  synchronized GenerationRequest request() {
    return Objects.requireNonNull(request, "the job is over");
  }

  @Nullable JsonNode form() {
    return form;
  }

  CancellationToken token() {
    return token;
  }

  /** Completes when the job is over, never exceptionally. */
  CompletableFuture<GenerationJob> end() {
    return end;
  }

  synchronized State state() {
    return state;
  }

  /** Returns what was made of it; empty before and after the moment at which {@link #end} tells. */
  synchronized Optional<GenerationResult> result() {
    return Optional.ofNullable(result);
  }

  /** Returns how much memory it takes, about. */
  synchronized long bytes() {
    long bytes = formBytes + (request == null ? 0 : requestBytes);
    for (byte[] file : pictures) {
      bytes += file.length;
    }
    for (byte[] file : maps) {
      bytes += file.length;
    }
    return bytes;
  }

  synchronized @Nullable String problem() {
    return problem;
  }

  synchronized List<byte[]> pictures() {
    return pictures;
  }

  synchronized List<byte[]> maps() {
    return maps;
  }

  synchronized List<String> parameters() {
    return parameters;
  }

  synchronized List<String> previews() {
    return previews;
  }

  synchronized Snapshot snapshot() {
    return new Snapshot(
        id,
        created,
        state,
        position,
        step,
        steps,
        previews,
        pictures.size(),
        maps.size(),
        seeds,
        parameters,
        width,
        height,
        seconds,
        problem);
  }

  /** Waits for news, and returns what is known when there are some or the time is over. */
  synchronized Version await(long known, long millis) throws InterruptedException {
    long deadline = System.nanoTime() + millis * 1_000_000;
    while (version == known) {
      long left = (deadline - System.nanoTime()) / 1_000_000;
      if (left <= 0) {
        break;
      }
      wait(left);
    }
    return new Version(version, snapshot());
  }

  synchronized void position(int place) {
    if (position != place) {
      position = place;
      news();
    }
  }

  synchronized void running() {
    state = State.RUNNING;
    position = 0;
    news();
  }

  @Override
  public void onStep(Step now) {
    List<String> shown = List.of();
    long nanos = System.nanoTime();
    boolean show = now.number() < now.totalSteps() && nanos - lastPreview >= PREVIEW_NANOS;
    if (show) {
      lastPreview = nanos;
      shown = now.preview().stream().map(GenerationJob::dataAddress).toList();
    }
    synchronized (this) {
      step = now.number();
      steps = now.totalSteps();
      previews = show ? shown : previews;
      news();
    }
  }

  private static String dataAddress(BufferedImage picture) {
    return "data:image/png;base64,"
        + Base64.getEncoder().encodeToString(PngText.encode(picture, Map.of()));
  }

  void done(GenerationResult made, PictureRecord record) {
    List<byte[]> files = new java.util.ArrayList<>();
    List<String> texts = new java.util.ArrayList<>();
    for (int i = 0; i < made.images().size(); i++) {
      files.add(record.png(i));
      texts.add(record.parameters(i));
    }
    List<byte[]> controls =
        made.controlMaps().stream().map(map -> PngText.encode(map, Map.of())).toList();
    synchronized (this) {
      pictures = List.copyOf(files);
      maps = controls;
      parameters = List.copyOf(texts);
      seeds = made.seeds();
      width = made.provenance().resolved().width();
      height = made.provenance().resolved().height();
      seconds = made.timings().totalSeconds();
      result = made;
      over(State.DONE, null);
    }
  }

  /** Says that the request does not fit the models, which only they could tell. */
  void refused(String message) {
    synchronized (this) {
      refused = true;
    }
    over(State.FAILED, Paths.withoutFolders(message));
  }

  synchronized boolean isRefused() {
    return refused;
  }

  /** Says that the server ends before the job. */
  void stopped() {
    synchronized (this) {
      stopped = true;
    }
    over(State.CANCELLED, JobQueue.StoppedException.MESSAGE);
  }

  synchronized boolean isStopped() {
    return stopped;
  }

  void failed(String message) {
    over(State.FAILED, Paths.withoutFolders(message));
  }

  void cancelled(String message) {
    over(State.CANCELLED, message);
  }

  private void over(State last, @Nullable String message) {
    synchronized (this) {
      if (state.isOver()) {
        return;
      }
      state = last;
      problem = message;
      previews = List.of();
      news();
    }
    end.complete(this);
    synchronized (this) {
      // Its pictures in memory are many times larger than their files.
      result = null;
      request = null;
    }
  }

  private synchronized void news() {
    version++;
    notifyAll();
  }
}
