package io.github.controlnet.core.files;

import io.github.controlnet.exception.WeightsException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;

/**
 * A file that is read at given positions by any number of threads, and that must not change while
 * it is open. Never mapped: mapped pages count as the process's memory and a file that shrinks
 * under a map ends the JVM.
 */
public final class PositionalFile implements AutoCloseable {
  /** The JDK copies a read into heap memory through a native buffer of the read's size. */
  private static final int HEAP_CHUNK = 1 << 20;

  private final Path path;
  private final long size;
  private final FileTime modified;
  private final FileIdentity identity;
  private final Object lock = new Object();
  private FileChannel channel;
  private boolean closed;

  private PositionalFile(Path path, FileIdentity identity, FileChannel channel) {
    this.path = path;
    this.size = identity.size();
    this.modified = identity.modified();
    this.identity = identity;
    this.channel = channel;
  }

  /** Returns the last part of a path; empty for a root. */
  public static String nameOf(Path path) {
    Path name = path.getFileName();
    return name == null ? "" : name.toString();
  }

  static PositionalFile open(Path path) {
    try {
      BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
      if (attributes.isDirectory()) {
        throw new WeightsException("%s is a folder; expected a weights file.".formatted(path));
      }
      FileIdentity identity =
          new FileIdentity(path.toRealPath(), attributes.size(), attributes.lastModifiedTime());
      return new PositionalFile(path, identity, FileChannel.open(path, StandardOpenOption.READ));
    } catch (NoSuchFileException e) {
      throw missing(path);
    } catch (IOException e) {
      throw unreadable(path, e);
    }
  }

  static WeightsException missing(Path path) {
    return new WeightsException(
        "%s does not exist (looked for %s). Give the path of a weights file or of a diffusers folder."
            .formatted(path, path.toAbsolutePath().normalize()));
  }

  public static WeightsException unreadable(Path path, IOException cause) {
    return new WeightsException(
        "%s cannot be read: %s. Check that the file is there and that you may read it."
            .formatted(path, cause),
        cause);
  }

  Path path() {
    return path;
  }

  long size() {
    return size;
  }

  /** What it was when it was opened. */
  FileIdentity identity() {
    return identity;
  }

  /** Fills the buffer from its position to its limit. */
  void read(long position, ByteBuffer destination) {
    if (position < 0 || position > size - destination.remaining()) {
      throw new WeightsException(
          "%s is truncated: %d bytes are needed at position %d, the file has %d. Download it again."
              .formatted(path, destination.remaining(), position, size));
    }
    requireUnchanged();
    try {
      int limit = destination.limit();
      long at = position;
      try {
        while (destination.position() < limit) {
          if (!destination.isDirect()) {
            destination.limit(Math.min(limit, destination.position() + HEAP_CHUNK));
          }
          int count = readSome(destination, at);
          if (count < 0) {
            throw changed();
          }
          at += count;
        }
      } finally {
        destination.limit(limit);
      }
    } catch (IOException e) {
      throw unreadable(path, e);
    }
  }

  /** Reads a few bytes into a new little-endian buffer. */
  ByteBuffer read(long position, int count) {
    ByteBuffer buffer = ByteBuffer.allocate(count).order(ByteOrder.LITTLE_ENDIAN);
    read(position, buffer);
    return buffer.flip();
  }

  /**
   * One read. An interrupt closes a channel for all its readers: when it was not us who closed it,
   * it is opened again, and the reader that was interrupted keeps its interrupt for others to see.
   */
  private int readSome(ByteBuffer destination, long position) throws IOException {
    boolean interrupted = false;
    try {
      while (true) {
        FileChannel current = current();
        try {
          return current.read(destination, position);
        } catch (ClosedChannelException e) {
          interrupted |= Thread.interrupted();
          reopen(current);
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private FileChannel current() {
    synchronized (lock) {
      if (closed) {
        throw new WeightsException(
            "%s has been closed; its weights can no longer be read.".formatted(path));
      }
      return channel;
    }
  }

  private void reopen(FileChannel broken) throws IOException {
    synchronized (lock) {
      if (!closed && channel == broken) {
        channel = FileChannel.open(path, StandardOpenOption.READ);
      }
    }
    requireUnchanged();
  }

  private void requireUnchanged() {
    try {
      BasicFileAttributes now = Files.readAttributes(path, BasicFileAttributes.class);
      if (now.size() != size || !now.lastModifiedTime().equals(modified)) {
        throw changed();
      }
    } catch (NoSuchFileException e) {
      throw new WeightsException(
          "%s has been removed since it was opened. Put it back and open the model again."
              .formatted(path),
          e);
    } catch (IOException e) {
      throw unreadable(path, e);
    }
  }

  private WeightsException changed() {
    return new WeightsException(
        "%s has changed since it was opened. Open the model again, after writing has ended."
            .formatted(path));
  }

  @Override
  public void close() {
    synchronized (lock) {
      closed = true;
      try {
        channel.close();
      } catch (IOException e) {
        throw unreadable(path, e);
      }
    }
  }
}
