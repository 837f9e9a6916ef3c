package io.github.controlnet.core.export;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32;

/**
 * A zip archive without compression, each entry's bytes aligned to 64 as PyTorch does it. The JDK's
 * own writer wants an entry's checksum before its bytes; this one fills it in behind them, so that
 * large entries are read once. APPNOTE.TXT 6.3.10 of PKWARE describes the records.
 */
final class StoredZip implements AutoCloseable {
  private static final int ALIGNMENT = 64;
  private static final int LOCAL_SIZE = 30;
  private static final long LIMIT_32 = 0xffff_ffffL;
  private static final int UTF_8_NAMES = 0x800;

  /** 1 January 1980, the format's first day: equal weights make equal files. */
  private static final int DATE = 1 << 5 | 1;

  private final FileChannel channel;
  private final ByteArrayOutputStream directory = new ByteArrayOutputStream();
  private final CRC32 checksum = new CRC32();
  private byte[] name = {};
  private long header;
  private long size;
  private long written;
  private long count;

  StoredZip(Path file) throws IOException {
    this.channel = FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW);
  }

  void entry(String entryName, byte[] bytes) throws IOException {
    begin(entryName, bytes.length);
    write(ByteBuffer.wrap(bytes));
    end();
  }

  /** Begins an entry of a known size below 4 GiB, or of any size beyond. */
  void begin(String entryName, long entrySize) throws IOException {
    name = entryName.getBytes(StandardCharsets.UTF_8);
    size = entrySize;
    written = 0;
    header = channel.position();
    checksum.reset();
    boolean large = size >= LIMIT_32;
    int extra = large ? 20 : 0;
    long start = header + LOCAL_SIZE + name.length + extra + 4;
    int padding = (int) (-start & (ALIGNMENT - 1));
    ByteBuffer local = buffer(LOCAL_SIZE + name.length + extra + 4 + padding);
    local.putInt(0x04034b50);
    common(local, large);
    local.putShort((short) (extra + 4 + padding));
    local.put(name);
    if (large) {
      local.putShort((short) 1).putShort((short) 16).putLong(size).putLong(size);
    }
    // a private field that only takes room
    local.putShort((short) 0x4246).putShort((short) padding);
    local.position(local.limit());
    SafetensorsWriter.writeAll(channel, local.flip());
  }

  void write(ByteBuffer bytes) throws IOException {
    checksum.update(bytes.duplicate());
    written += bytes.remaining();
    SafetensorsWriter.writeAll(channel, bytes);
  }

  /** Ends an entry: its checksum goes into its header, and it into the directory. */
  void end() throws IOException {
    if (written != size) {
      throw new IOException("an entry has %d bytes instead of %d".formatted(written, size));
    }
    ByteBuffer crc = buffer(4).putInt((int) checksum.getValue()).flip();
    for (long at = header + 14; crc.hasRemaining(); ) {
      at += channel.write(crc, at);
    }
    boolean largeSize = size >= LIMIT_32;
    boolean largeHeader = header >= LIMIT_32;
    int length = (largeSize ? 16 : 0) + (largeHeader ? 8 : 0);
    int extra = length == 0 ? 0 : 4 + length;
    ByteBuffer central = buffer(46 + name.length + extra);
    central.putInt(0x02014b50).putShort((short) version(extra > 0));
    common(central, largeSize || largeHeader);
    central.putInt(16, (int) checksum.getValue());
    central.putInt(20, (int) (largeSize ? LIMIT_32 : size));
    central.putInt(24, (int) (largeSize ? LIMIT_32 : size));
    central.putShort((short) extra);
    // no comment, the first disk, no attributes
    central.position(42);
    central.putInt((int) (largeHeader ? LIMIT_32 : header));
    central.put(name);
    if (extra > 0) {
      central.putShort((short) 1).putShort((short) length);
      if (largeSize) {
        central.putLong(size).putLong(size);
      }
      if (largeHeader) {
        central.putLong(header);
      }
    }
    byte[] record = new byte[central.capacity()];
    central.flip().get(record);
    directory.writeBytes(record);
    count++;
  }

  /** What a local header and a directory entry share: from the version to the name's length. */
  private void common(ByteBuffer record, boolean large) {
    record.putShort((short) version(large)).putShort((short) UTF_8_NAMES).putShort((short) 0);
    record.putShort((short) 0).putShort((short) DATE);
    record.putInt(0);
    record.putInt((int) (size >= LIMIT_32 ? LIMIT_32 : size));
    record.putInt((int) (size >= LIMIT_32 ? LIMIT_32 : size));
    record.putShort((short) name.length);
  }

  private static int version(boolean large) {
    return large ? 45 : 20;
  }

  private static ByteBuffer buffer(int capacity) {
    return ByteBuffer.allocate(capacity).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Writes the directory. */
  void finish() throws IOException {
    long start = channel.position();
    SafetensorsWriter.writeAll(channel, ByteBuffer.wrap(directory.toByteArray()));
    long end = channel.position();
    boolean large = start >= LIMIT_32 || count >= 0xffff;
    ByteBuffer records = buffer((large ? 76 : 0) + 22);
    if (large) {
      records.putInt(0x06064b50).putLong(44).putShort((short) 45).putShort((short) 45);
      records.putInt(0).putInt(0).putLong(count).putLong(count).putLong(end - start);
      records.putLong(start);
      records.putInt(0x07064b50).putInt(0).putLong(end).putInt(1);
    }
    short entries = (short) (large ? 0xffff : count);
    records.putInt(0x06054b50).putInt(0).putShort(entries).putShort(entries);
    records
        .putInt((int) (end - start))
        .putInt((int) (large ? LIMIT_32 : start))
        .putShort((short) 0);
    SafetensorsWriter.writeAll(channel, records.flip());
    channel.force(true);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
