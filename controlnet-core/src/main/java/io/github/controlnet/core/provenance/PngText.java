package io.github.controlnet.core.provenance;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import javax.imageio.ImageIO;
import javax.imageio.stream.ImageOutputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/**
 * PNG files with text chunks: ISO/IEC 15948 (PNG), 11.3.4. Files of others are read with limits: no
 * chunk can make this process use more than {@link #MOST_TEXT} bytes.
 */
public final class PngText {
  /** How many bytes the texts of one file may have in all. */
  public static final int MOST_TEXT = 64 << 20;

  /**
   * How many bytes the packed texts of one file may have in all when they are unpacked. They may be
   * a thousand times as large as the file; nobody packs what takes more room than a large graph.
   */
  static final int MOST_UNPACKED = 8 << 20;

  private static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
  private static final int HEADER_END = SIGNATURE.length + 12 + 13;
  private static final int CHUNK_FRAME = 12;

  private PngText() {}

  /**
   * Encodes a picture.
   *
   * @param image the picture
   * @param texts what to store, by key of 1 to 79 Latin-1 letters; a text that Latin-1 cannot hold
   *     goes to an {@code iTXt} chunk, any other to {@code tEXt}
   * @return the bytes of the file
   */
  public static byte[] encode(BufferedImage image, Map<String, String> texts) {
    try {
      ByteArrayOutputStream plain = new ByteArrayOutputStream();
      // a stream of its own: ImageIO.setUseCache would change the whole application
      try (ImageOutputStream memory = new MemoryCacheImageOutputStream(plain)) {
        if (!ImageIO.write(image, "png", memory)) {
          throw new IllegalArgumentException(
              "A picture of type %d cannot be written as PNG.".formatted(image.getType()));
        }
      }
      byte[] png = plain.toByteArray();
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      out.write(png, 0, HEADER_END);
      for (Map.Entry<String, String> text : texts.entrySet()) {
        write(out, text.getKey(), text.getValue());
      }
      out.write(png, HEADER_END, png.length - HEADER_END);
      return out.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e); // memory does not fail
    }
  }

  private static void write(ByteArrayOutputStream out, String key, String text) throws IOException {
    boolean plain = StandardCharsets.ISO_8859_1.newEncoder().canEncode(text);
    ByteArrayOutputStream data = new ByteArrayOutputStream();
    data.write((plain ? "tEXt" : "iTXt").getBytes(StandardCharsets.US_ASCII));
    data.write(key.getBytes(StandardCharsets.ISO_8859_1));
    // Not compressed, no language, no translated keyword.
    data.write(new byte[plain ? 1 : 5]);
    data.write(text.getBytes(plain ? StandardCharsets.ISO_8859_1 : StandardCharsets.UTF_8));
    byte[] bytes = data.toByteArray();
    CRC32 crc = new CRC32();
    crc.update(bytes);
    out.write(ByteBuffer.allocate(4).putInt(bytes.length - 4).array());
    out.write(bytes);
    out.write(ByteBuffer.allocate(4).putInt((int) crc.getValue()).array());
  }

  /**
   * Reads the texts of a PNG file. Chunks that are damaged are left out.
   *
   * @param png the bytes of the file
   * @return the texts by key; empty when the file is no PNG
   */
  public static Map<String, String> read(byte[] png) {
    Map<String, String> texts = new LinkedHashMap<>();
    if (!Arrays.equals(SIGNATURE, Arrays.copyOf(png, SIGNATURE.length))) {
      return texts;
    }
    ByteBuffer file = ByteBuffer.wrap(png).position(SIGNATURE.length);
    Room room = new Room();
    while (file.remaining() >= CHUNK_FRAME && room.text > 0) {
      int length = file.getInt();
      byte[] type = new byte[4];
      file.get(type);
      if (length < 0 || length > file.remaining() - 4) {
        break;
      }
      if ("IEND".equals(new String(type, StandardCharsets.US_ASCII))) {
        break;
      }
      ByteBuffer data = file.slice(file.position(), length);
      file.position(file.position() + length + 4);
      readUndamaged(new String(type, StandardCharsets.US_ASCII), data, room, texts);
    }
    return texts;
  }

  /** What is left of the limits; work on what turns out to be damaged counts too. */
  private static final class Room {
    private int text = MOST_TEXT;
    private int unpacked = MOST_UNPACKED;
  }

  /** A damaged text says nothing; the others may. */
  private static void readUndamaged(
      String type, ByteBuffer data, Room room, Map<String, String> texts) {
    try {
      read(type, data, room, texts);
    } catch (DataFormatException | RuntimeException e) {
      // left out
    }
  }

  private static void read(String type, ByteBuffer data, Room room, Map<String, String> texts)
      throws DataFormatException {
    if (!type.equals("tEXt") && !type.equals("zTXt") && !type.equals("iTXt")) {
      return;
    }
    String key = untilZero(data);
    boolean compressed = type.equals("zTXt");
    if (compressed) {
      data.get(); // the method; there is only one
    } else if (type.equals("iTXt")) {
      compressed = data.get() == 1;
      data.get();
      untilZero(data);
      untilZero(data);
    }
    byte[] bytes = compressed ? inflate(data, room) : rest(data, room);
    Charset charset = type.equals("iTXt") ? StandardCharsets.UTF_8 : StandardCharsets.ISO_8859_1;
    texts.put(key, new String(bytes, charset));
  }

  private static String untilZero(ByteBuffer data) {
    int start = data.position();
    while (data.get() != 0) {
      // the zero is passed over too
    }
    byte[] bytes = new byte[data.position() - 1 - start];
    data.get(start, bytes);
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  private static byte[] rest(ByteBuffer data, Room room) throws DataFormatException {
    if (data.remaining() > room.text) {
      throw new DataFormatException("too long");
    }
    byte[] bytes = new byte[data.remaining()];
    data.get(bytes);
    room.text -= bytes.length;
    return bytes;
  }

  private static byte[] inflate(ByteBuffer data, Room room) throws DataFormatException {
    Inflater inflater = new Inflater();
    try {
      inflater.setInput(data);
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      byte[] buffer = new byte[8192];
      while (!inflater.finished()) {
        int count = inflater.inflate(buffer);
        if (count == 0 || count > room.unpacked) {
          room.unpacked = count == 0 ? room.unpacked : 0;
          throw new DataFormatException("cut off, or too long");
        }
        room.unpacked -= count;
        out.write(buffer, 0, count);
      }
      return out.toByteArray();
    } finally {
      inflater.end();
    }
  }
}
