package io.github.controlnet.internal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Reads the text files that people write: configurations, lists of records, captions, poses. They
 * are UTF-8; the byte order mark that some editors put before it is no part of the text.
 */
public final class TextFiles {
  private static final char MARK = '\uFEFF';

  private TextFiles() {}

  /**
   * Reads a file.
   *
   * @param file a file of at most 2 GB
   * @return its text, without a byte order mark
   * @throws IOException when it cannot be read or is not UTF-8; the message says what it is
   */
  public static String read(Path file) throws IOException {
    return decode(Files.readAllBytes(file));
  }

  /**
   * Reads text from memory.
   *
   * @param bytes UTF-8
   * @return the text, without a byte order mark
   * @throws IOException when it is not UTF-8; the message says what it is
   */
  public static String decode(byte[] bytes) throws IOException {
    if (isWide(bytes)) {
      throw new IOException("it is UTF-16 or UTF-32, not UTF-8; save it as UTF-8");
    }
    CharsetDecoder decoder =
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);
    ByteBuffer in = ByteBuffer.wrap(bytes);
    CharBuffer out = CharBuffer.allocate(bytes.length);
    if (decoder.decode(in, out, true).isError()) {
      throw new IOException(
          "it is not UTF-8 (the byte 0x%02X at %d); save it as UTF-8"
              .formatted(bytes[in.position()] & 255, in.position()));
    }
    return withoutMark(out.flip().toString());
  }

  /**
   * Leaves out a byte order mark before a text, such as one line of several files put together.
   *
   * @param text any text
   * @return the text after the mark
   */
  public static String withoutMark(String text) {
    return !text.isEmpty() && text.charAt(0) == MARK ? text.substring(1) : text;
  }

  /** Tells two or four bytes a letter by their mark, or by the zeros of ASCII letters. */
  private static boolean isWide(byte[] bytes) {
    if (bytes.length < 2) {
      return false;
    }
    int first = bytes[0] & 255;
    int second = bytes[1] & 255;
    return (first == 0xFF && second == 0xFE)
        || (first == 0xFE && second == 0xFF)
        || (bytes.length % 2 == 0 && (first == 0 || second == 0));
  }
}
