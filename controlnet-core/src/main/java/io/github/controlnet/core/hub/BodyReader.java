package io.github.controlnet.core.hub;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Reads the body of an answer part by part. Unlike a stream it does not wait for ever when a server
 * falls silent, and ends when the thread is interrupted.
 */
final class BodyReader implements AutoCloseable {
  private final Subscriber subscriber = new Subscriber();
  private final Duration patience;
  private boolean first = true;

  BodyReader(Flow.Publisher<List<ByteBuffer>> body, Duration patience) {
    this.patience = patience;
    body.subscribe(subscriber);
  }

  /** Returns the next bytes, or nothing at the end. */
  Optional<List<ByteBuffer>> next() throws IOException, InterruptedException {
    if (!first) {
      subscriber.more();
    }
    first = false;
    Event event = subscriber.events.poll(patience.toMillis(), TimeUnit.MILLISECONDS);
    if (event == null) {
      throw new Backoff.Again(
          "nothing arrived for %s seconds".formatted(patience.toMillis() / 1000.0));
    }
    if (event.failure != null) {
      throw new Backoff.Again("the connection was cut", event.failure, Duration.ZERO);
    }
    return Optional.ofNullable(event.bytes);
  }

  /** Reads all of a body that is small. */
  byte[] all(int limit) throws IOException, InterruptedException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (Optional<List<ByteBuffer>> part = next(); part.isPresent(); part = next()) {
      for (ByteBuffer buffer : part.get()) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        all.write(bytes);
      }
      if (all.size() > limit) {
        throw new IOException("the answer is longer than %d bytes".formatted(limit));
      }
    }
    return all.toByteArray();
  }

  /** Drops what has not been read. */
  @Override
  public void close() {
    subscriber.cancel();
  }

  /** Bytes, a failure, or neither at the end. */
  private record Event(@Nullable List<ByteBuffer> bytes, @Nullable Throwable failure) {}

  private static final class Subscriber implements Flow.Subscriber<List<ByteBuffer>> {
    final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
    private Flow.@Nullable Subscription subscription;
    private boolean cancelled;

    @Override
    public synchronized void onSubscribe(Flow.Subscription given) {
      subscription = given;
      if (cancelled) {
        given.cancel();
      } else {
        given.request(1);
      }
    }

    synchronized void more() {
      if (subscription != null) {
        subscription.request(1);
      }
    }

    synchronized void cancel() {
      cancelled = true;
      if (subscription != null) {
        subscription.cancel();
      }
    }

    @Override
    public void onNext(List<ByteBuffer> bytes) {
      events.add(new Event(bytes, null));
    }

    @Override
    public void onError(Throwable failure) {
      events.add(new Event(null, failure));
    }

    @Override
    public void onComplete() {
      events.add(new Event(null, null));
    }
  }
}
