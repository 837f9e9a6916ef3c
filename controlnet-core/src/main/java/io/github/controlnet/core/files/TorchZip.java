package io.github.controlnet.core.files;

import io.github.controlnet.core.files.TorchTensors.Region;
import io.github.controlnet.core.files.Unpickler.Storage;
import io.github.controlnet.exception.WeightsException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * PyTorch's format since 1.6: a zip archive without compression, with a pickle and one entry for
 * each storage. The archive's directory is read here, so that storages are read in place, beyond 4
 * GB too.
 */
final class TorchZip {
  private static final int END = 0x06054b50;
  private static final int END_64 = 0x06064b50;
  private static final int LOCATOR_64 = 0x07064b50;
  private static final int DIRECTORY = 0x02014b50;
  private static final int LOCAL = 0x04034b50;
  private static final int MAX_ENTRIES = 200_000;
  private static final long MAX_DIRECTORY = 64 << 20;
  private static final long MAX_PICKLE = 64 << 20;

  private final PositionalFile file;
  private final Map<String, Entry> entries = new LinkedHashMap<>();

  private TorchZip(PositionalFile file) {
    this.file = file;
  }

  private record Entry(int method, long compressed, long size, long header) {}

  static TorchFile open(PositionalFile file) {
    TorchZip zip = new TorchZip(file);
    zip.readDirectory();
    String folder = zip.findPickle();
    zip.requireLittleEndian(folder);
    Region pickle = zip.region(folder + "data.pkl");
    if (pickle == null || pickle.size() > MAX_PICKLE) {
      throw zip.bad("its pickle is missing or has more than " + MAX_PICKLE + " bytes");
    }
    PickleInput in = new PickleInput(file, pickle.position(), pickle.position() + pickle.size());
    Map<String, Storage> storages = new HashMap<>();
    Object root = new Unpickler(in, storages).load();
    if (!in.atEnd()) {
      throw zip.bad("its pickle goes on after its end");
    }
    Map<String, @Nullable Region> regions = new HashMap<>();
    return new TorchFile(
        file,
        "PyTorch checkpoint (zip)",
        TorchTensors.find(
            file.path(),
            root,
            storage ->
                regions.computeIfAbsent(storage.key(), key -> zip.region(folder + "data/" + key))));
  }

  private String findPickle() {
    String found = null;
    for (String name : entries.keySet()) {
      if (name.equals("data.pkl") || name.endsWith("/data.pkl")) {
        if (found != null) {
          throw bad("it holds two pickles, " + found + " and " + name);
        }
        found = name;
      }
    }
    if (found == null) {
      throw new WeightsException(
          ("%s is a zip archive but no PyTorch checkpoint: it has no data.pkl."
                  + " Unpack it and give the weights inside.")
              .formatted(file.path()));
    }
    String folder = found.substring(0, found.length() - "data.pkl".length());
    if (entries.containsKey(folder + "constants.pkl")) {
      throw new WeightsException(
          "%s is a TorchScript program, not weights. Save the model's state_dict."
              .formatted(file.path()));
    }
    return folder;
  }

  private void requireLittleEndian(String folder) {
    Region order = region(folder + "byteorder");
    if (order != null && order.size() > 0 && order.size() <= 16) {
      ByteBuffer text = file.read(order.position(), (int) order.size());
      if (StandardCharsets.US_ASCII.decode(text).toString().startsWith("big")) {
        throw new WeightsException(
            "%s was written by a big-endian machine. Get the weights as safetensors."
                .formatted(file.path()));
      }
    }
  }

  /** Where an entry's bytes are, or null when there is no such entry. */
  private @Nullable Region region(String name) {
    Entry entry = entries.get(name);
    if (entry == null) {
      return null;
    }
    if (entry.method != 0 || entry.compressed != entry.size) {
      throw new WeightsException(
          "%s is compressed (%s), which PyTorch does not do. Save it again with torch.save."
              .formatted(file.path(), name));
    }
    if (entry.header < 0 || entry.header > file.size() - 30) {
      throw bad("the entry " + name + " lies outside the file");
    }
    ByteBuffer local = file.read(entry.header, 30);
    if (local.getInt(0) != LOCAL) {
      throw bad("the entry " + name + " is not where the directory says");
    }
    long start = entry.header + 30 + (local.getShort(26) & 0xffff) + (local.getShort(28) & 0xffff);
    if (entry.size < 0 || start > file.size() - entry.size) {
      throw bad("the entry " + name + " lies outside the file");
    }
    return new Region(start, entry.size);
  }

  private void readDirectory() {
    long end = findEnd();
    ByteBuffer record = file.read(end, 22);
    long count = record.getShort(10) & 0xffff;
    long size = record.getInt(12) & 0xffff_ffffL;
    long start = record.getInt(16) & 0xffff_ffffL;
    if (count == 0xffff || size == 0xffff_ffffL || start == 0xffff_ffffL) {
      ByteBuffer large = zip64End(end);
      count = large.getLong(32);
      size = large.getLong(40);
      start = large.getLong(48);
    }
    if (count < 0
        || count > MAX_ENTRIES
        || size < 0
        || size > MAX_DIRECTORY
        || start < 0
        || start > end - size) {
      throw bad("its directory would lie outside the file");
    }
    PickleInput in = new PickleInput(file, start, start + size);
    for (long i = 0; i < count; i++) {
      readEntry(in);
    }
  }

  private long findEnd() {
    int tail = (int) Math.min(file.size(), 22 + 0xffff);
    ByteBuffer bytes = file.read(file.size() - tail, tail);
    for (int i = tail - 22; i >= 0; i--) {
      if (bytes.getInt(i) == END) {
        return file.size() - tail + i;
      }
    }
    throw new WeightsException(
        "%s is truncated: it begins as a zip archive, but its end is missing. Download it again."
            .formatted(file.path()));
  }

  private ByteBuffer zip64End(long end) {
    if (end >= 20) {
      ByteBuffer locator = file.read(end - 20, 20);
      long position = locator.getLong(8);
      if (locator.getInt(0) == LOCATOR_64 && position >= 0 && position <= end - 56) {
        ByteBuffer record = file.read(position, 56);
        if (record.getInt(0) == END_64) {
          return record;
        }
      }
    }
    throw bad("its large directory is missing");
  }

  private void readEntry(PickleInput in) {
    ByteBuffer fixed = ByteBuffer.wrap(in.bytes(46)).order(ByteOrder.LITTLE_ENDIAN);
    if (fixed.getInt(0) != DIRECTORY) {
      throw bad("its directory is damaged");
    }
    if ((fixed.getShort(8) & 1) != 0) {
      throw bad("it is encrypted");
    }
    long compressed = fixed.getInt(20) & 0xffff_ffffL;
    long size = fixed.getInt(24) & 0xffff_ffffL;
    long header = fixed.getInt(42) & 0xffff_ffffL;
    String name = in.text(fixed.getShort(28) & 0xffff);
    ByteBuffer extra =
        ByteBuffer.wrap(in.bytes(fixed.getShort(30) & 0xffff)).order(ByteOrder.LITTLE_ENDIAN);
    in.bytes(fixed.getShort(32) & 0xffff);
    while (extra.remaining() >= 4) {
      int id = extra.getShort() & 0xffff;
      int length = extra.getShort() & 0xffff;
      if (length > extra.remaining()) {
        break;
      }
      ByteBuffer field = extra.slice(extra.position(), length).order(extra.order());
      extra.position(extra.position() + length);
      if (id == 1) {
        // only the fields that do not fit above are there, in this order
        size = size == 0xffff_ffffL ? large(field) : size;
        compressed = compressed == 0xffff_ffffL ? large(field) : compressed;
        header = header == 0xffff_ffffL ? large(field) : header;
      }
    }
    Entry entry = new Entry(fixed.getShort(10) & 0xffff, compressed, size, header);
    if (entries.put(name, entry) != null) {
      throw bad("it holds the entry " + name + " twice");
    }
  }

  private long large(ByteBuffer field) {
    if (field.remaining() < 8) {
      throw bad("its directory is damaged");
    }
    return field.getLong();
  }

  private WeightsException bad(String what) {
    return new WeightsException(
        "%s is a damaged PyTorch checkpoint: %s. Download it again.".formatted(file.path(), what));
  }
}
