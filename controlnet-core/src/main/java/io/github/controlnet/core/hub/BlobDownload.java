package io.github.controlnet.core.hub;

import io.github.controlnet.exception.WeightsException;
import io.github.controlnet.model.HubReference;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.function.LongConsumer;

/**
 * Fetches one blob: into {@code ETAG.incomplete}, continued where an earlier download was cut, and
 * to its own name once size and hash are right.
 */
final class BlobDownload {
  private static final int BUFFER = 1 << 16;

  private final HubOptions options;
  private final HubConnection connection;
  private final HubCache cache;
  private final HubReference reference;
  private final String commit;
  private final RemoteFile file;
  private final LongConsumer progress;

  BlobDownload(
      HubOptions options,
      HubConnection connection,
      HubCache cache,
      HubReference reference,
      String commit,
      RemoteFile file,
      LongConsumer progress) {
    this.options = options;
    this.connection = connection;
    this.cache = cache;
    this.reference = reference;
    this.commit = commit;
    this.file = file;
    this.progress = progress;
  }

  void run() throws IOException, InterruptedException {
    Path blob = cache.blob(file.etag());
    Files.createDirectories(cache.blobs());
    BlobLock lock = BlobLock.acquire(cache.lock(file.etag()));
    try {
      // Whoever held the lock has probably fetched it.
      if (!Files.exists(blob)) {
        Path incomplete = cache.incomplete(file.etag());
        boolean resumed = Files.exists(incomplete) && Files.size(incomplete) > 0;
        try {
          fetch(incomplete);
        } catch (WrongContent e) {
          if (!resumed) {
            throw e;
          }
          // What an earlier download left may be at fault: once more from the beginning.
          fetch(incomplete);
        }
        HubCache.move(incomplete, blob);
      }
    } finally {
      lock.close();
    }
    progress.accept(Files.size(blob));
  }

  /** What arrived is not what the hub announced. */
  private static final class WrongContent extends WeightsException {
    private static final long serialVersionUID = 1;

    WrongContent(String message) {
      super(message);
    }
  }

  private void fetch(Path incomplete) throws IOException, InterruptedException {
    try (FileChannel channel =
        FileChannel.open(
            incomplete,
            StandardOpenOption.CREATE,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE)) {
      Part part = new Part(channel);
      part.readEarlier();
      Backoff backoff = new Backoff(options);
      while (part.length != file.size()) {
        long before = part.length;
        try {
          if (receive(part)) {
            break;
          }
        } catch (Backoff.Again e) {
          if (part.length > before) {
            backoff.progressed();
          }
          backoff.failed(e);
        }
      }
      channel.force(true);
      Optional<String> hash = part.hash.value();
      if (hash.isPresent() && !hash.get().equals(file.etag())) {
        throw wrong(incomplete, "the hash " + hash.get(), "the hash " + file.etag());
      }
    }
  }

  /** Takes what one request brings; true at the end of a file whose size is not known. */
  private boolean receive(Part part) throws IOException, InterruptedException {
    try (HubConnection.Content content = connection.open(reference, commit, file, part.length)) {
      if (content.start() < part.length) {
        part.startAgain();
      }
      for (Optional<List<ByteBuffer>> bytes = content.body().next();
          bytes.isPresent();
          bytes = content.body().next()) {
        for (ByteBuffer buffer : bytes.get()) {
          part.add(buffer);
        }
        progress.accept(part.length);
      }
      if (file.size() >= 0 && part.length < file.size()) {
        throw new Backoff.Again(
            "the connection ended after %d of %d bytes".formatted(part.length, file.size()));
      }
      return true;
    }
  }

  private WrongContent wrong(Path incomplete, String is, String expected) throws IOException {
    Files.deleteIfExists(incomplete);
    return new WrongContent(
        "%s of %s arrived with %s; expected %s. It was thrown away; download again, and when it stays so do not trust %s."
            .formatted(file.name(), reference, is, expected, options.endpoint()));
  }

  /** What is there of the file, and its hash so far. */
  private final class Part {
    private final FileChannel channel;
    private ContentHash hash = ContentHash.of(file);
    private long length;

    Part(FileChannel channel) {
      this.channel = channel;
    }

    void readEarlier() throws IOException {
      if (file.size() < 0 || channel.size() > file.size()) {
        channel.truncate(0);
      }
      ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
      while (channel.read(buffer, length) > 0) {
        buffer.flip();
        hash.update(buffer);
        length += buffer.remaining();
        buffer.clear();
      }
    }

    void startAgain() throws IOException {
      channel.truncate(0);
      length = 0;
      hash = ContentHash.of(file);
    }

    void add(ByteBuffer bytes) throws IOException {
      if (file.size() >= 0 && length + bytes.remaining() > file.size()) {
        throw wrong(
            cache.incomplete(file.etag()),
            "more than %d bytes".formatted(file.size()),
            "%d bytes".formatted(file.size()));
      }
      hash.update(bytes);
      while (bytes.hasRemaining()) {
        length += channel.write(bytes, length);
      }
    }
  }
}
