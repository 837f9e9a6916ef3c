package io.github.controlnet.web;

import com.fasterxml.jackson.databind.JsonNode;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.annotation.PreDestroy;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/** Generations: ask for one, follow it, cancel it, fetch its pictures. */
@RestController
@RequestMapping("/api/jobs")
@Tag(
    name = "Jobs",
    description = "Generations: ask for one, follow it, cancel it, fetch its pictures")
final class JobsController {
  private static final String EXAMPLE =
      """
      {"prompt": "a red circle", "steps": 20, "seed": 7, "guidance": {"scale": 9},
       "controls": [{"image": "data:image/png;base64,...", "annotator": "canny", "scale": 1}]}
      """;

  private static final long HEARTBEAT_MILLIS = 10_000;

  private final JobQueue queue;
  private final RequestMaker requests;
  private final ExecutorService viewers;

  JobsController(JobQueue queue, RequestMaker requests, WebProperties limits) {
    this.queue = queue;
    this.requests = requests;
    this.viewers =
        new ThreadPoolExecutor(
            0,
            limits.viewers(),
            10,
            TimeUnit.SECONDS,
            new SynchronousQueue<>(),
            task -> {
              Thread thread = new Thread(task, "controlnet-viewer");
              thread.setDaemon(true);
              return thread;
            });
  }

  @PreDestroy
  void stop() {
    viewers.shutdownNow();
  }

  @PostMapping
  @ResponseStatus(HttpStatus.ACCEPTED)
  @Operation(summary = "Put a generation into the queue")
  GenerationJob.Snapshot submit(
      @RequestBody
          @io.swagger.v3.oas.annotations.parameters.RequestBody(
              description =
                  "A request in the form of docs/requests.md, as pictures carry it; images as data addresses",
              content = @Content(schema = @Schema(type = "object", example = EXAMPLE)))
          JsonNode payload) {
    return queue.submit(new GenerationJob(requests.of(payload), payload)).snapshot();
  }

  @GetMapping("/{id}")
  @Operation(summary = "Tell how far a generation is")
  GenerationJob.Snapshot status(@PathVariable UUID id) {
    return find(id).snapshot();
  }

  @GetMapping("/{id}/request")
  @Operation(summary = "Tell what was asked for, to ask for it again")
  JsonNode request(@PathVariable UUID id) {
    JsonNode form = find(id).form();
    if (form == null) {
      throw new ResponseStatusException(HttpStatus.NOT_FOUND, "no form was sent for this job");
    }
    return form;
  }

  @DeleteMapping("/{id}")
  @Operation(summary = "Cancel a generation")
  GenerationJob.Snapshot cancel(@PathVariable UUID id) {
    GenerationJob job = find(id);
    queue.cancel(job);
    return job.snapshot();
  }

  @GetMapping(path = "/{id}/events", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
  @Operation(
      summary = "Follow a generation",
      description =
          "Server-sent events named queued, running, done, failed or cancelled; each holds a snapshot as JSON.")
  SseEmitter events(@PathVariable UUID id) {
    GenerationJob job = find(id);
    SseEmitter emitter = new SseEmitter(0L);
    try {
      viewers.execute(() -> follow(job, emitter));
    } catch (RejectedExecutionException e) {
      throw new ResponseStatusException(
          HttpStatus.SERVICE_UNAVAILABLE, "too many pages follow generations", e);
    }
    return emitter;
  }

  /** A viewer that reads slowly misses states in between, and holds up nobody else. */
  private static void follow(GenerationJob job, SseEmitter emitter) {
    try {
      long known = -1;
      while (true) {
        GenerationJob.Version version = job.await(known, HEARTBEAT_MILLIS);
        if (version.number() == known) {
          emitter.send(SseEmitter.event().comment("still there"));
          continue;
        }
        known = version.number();
        GenerationJob.State state = version.snapshot().state();
        emitter.send(
            SseEmitter.event()
                .name(state.name().toLowerCase(Locale.ROOT))
                .data(version.snapshot(), MediaType.APPLICATION_JSON));
        if (state.isOver()) {
          emitter.complete();
          return;
        }
      }
    } catch (IOException | IllegalStateException e) {
      // The page was closed.
      emitter.completeWithError(e);
    } catch (InterruptedException e) {
      emitter.complete();
      Thread.currentThread().interrupt();
    }
  }

  @GetMapping(path = "/{id}/images/{index}.png", produces = MediaType.IMAGE_PNG_VALUE)
  @Operation(summary = "Fetch a picture, with everything that made it inside")
  ResponseEntity<byte[]> image(@PathVariable UUID id, @PathVariable int index) {
    return png(find(id).pictures(), index);
  }

  @GetMapping(path = "/{id}/maps/{index}.png", produces = MediaType.IMAGE_PNG_VALUE)
  @Operation(summary = "Fetch a control map")
  ResponseEntity<byte[]> map(@PathVariable UUID id, @PathVariable int index) {
    return png(find(id).maps(), index);
  }

  private static ResponseEntity<byte[]> png(List<byte[]> all, int index) {
    if (index < 0 || index >= all.size()) {
      throw new ResponseStatusException(HttpStatus.NOT_FOUND, "no such picture");
    }
    return ResponseEntity.ok()
        .contentType(MediaType.IMAGE_PNG)
        .cacheControl(CacheControl.maxAge(1, TimeUnit.HOURS).cachePrivate())
        .body(all.get(index));
  }

  private GenerationJob find(UUID id) {
    return queue
        .find(id)
        .orElseThrow(() -> new ResponseStatusException(HttpStatus.NOT_FOUND, "no such job"));
  }
}
