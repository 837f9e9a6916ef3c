package io.github.controlnet.core.files;

import io.github.controlnet.exception.WeightsException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** The bytes of a pickle, read in small pieces from a part of a file. Not for several threads. */
final class PickleInput {
  private static final int WINDOW = 1 << 16;

  private final PositionalFile file;
  private final long limit;
  private final ByteBuffer window =
      ByteBuffer.allocate(WINDOW).order(ByteOrder.LITTLE_ENDIAN).limit(0);
  private long windowEnd;

  PickleInput(PositionalFile file, long position, long limit) {
    this.file = file;
    this.windowEnd = position;
    this.limit = limit;
  }

  PositionalFile file() {
    return file;
  }

  /** Where the next byte is in the file. */
  long position() {
    return windowEnd - window.remaining();
  }

  boolean atEnd() {
    return position() >= limit;
  }

  int u8() {
    return ahead(1).get() & 0xff;
  }

  int u16() {
    return ahead(2).getShort() & 0xffff;
  }

  int i32() {
    return ahead(4).getInt();
  }

  long i64() {
    return ahead(8).getLong();
  }

  double bigEndianDouble() {
    return Double.longBitsToDouble(Long.reverseBytes(ahead(8).getLong()));
  }

  byte[] bytes(long count) {
    if (count < 0 || count > limit - position()) {
      throw truncated();
    }
    byte[] bytes = new byte[(int) count];
    int done = 0;
    while (done < bytes.length) {
      int part = Math.min(WINDOW, bytes.length - done);
      ahead(part).get(bytes, done, part);
      done += part;
    }
    return bytes;
  }

  String text(long count) {
    return new String(bytes(count), StandardCharsets.UTF_8);
  }

  /** A line without its end; the old text opcodes have short ones. */
  String line() {
    StringBuilder line = new StringBuilder();
    for (int c = u8(); c != '\n'; c = u8()) {
      if (line.length() >= 1024) {
        throw new WeightsException(
            "%s holds a pickle with a line of more than 1024 bytes; PyTorch writes none."
                .formatted(file.path()));
      }
      line.append((char) c);
    }
    return line.toString();
  }

  private ByteBuffer ahead(int count) {
    if (window.remaining() < count) {
      window.compact();
      int wanted = (int) Math.min(window.remaining(), limit - windowEnd);
      window.limit(window.position() + Math.max(0, wanted));
      file.read(windowEnd, window);
      windowEnd += Math.max(0, wanted);
      window.flip();
      if (window.remaining() < count) {
        throw truncated();
      }
    }
    return window;
  }

  private WeightsException truncated() {
    return new WeightsException(
        "%s is truncated or damaged: its pickle ends early. Download it again."
            .formatted(file.path()));
  }
}
