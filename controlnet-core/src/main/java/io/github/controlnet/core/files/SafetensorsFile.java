package io.github.controlnet.core.files;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.exc.InputCoercionException;
import io.github.controlnet.core.internal.Closing;
import io.github.controlnet.exception.WeightsException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A safetensors file: eight bytes of header length, a JSON header that gives each tensor's type,
 * shape and byte range, then the values, without gaps.
 */
final class SafetensorsFile extends SingleFile {
  /** The format's own limit. */
  private static final long MAX_HEADER = 100_000_000;

  private static final int MAX_TENSORS = 1_000_000;
  private static final JsonFactory JSON = new JsonFactory();

  /** Types of the format for which there is no number type here, with their sizes in bits. */
  private static final Map<String, Integer> FOREIGN =
      Map.of(
          "U16", 16, "U32", 32, "U64", 64, "C64", 64, "F8_E8M0", 8, "F4", 4, "F6_E2M3", 6,
          "F6_E3M2", 6);

  private final Map<String, Long> positions;
  private final Map<String, String> metadata;

  private SafetensorsFile(PositionalFile file, Header header, long dataStart) {
    super(file, "safetensors", header.usable(), header.narrow(), header.foreign());
    this.metadata = Map.copyOf(header.metadata);
    this.positions = new LinkedHashMap<>();
    header.entries.forEach((name, entry) -> positions.put(name, dataStart + entry.begin));
  }

  /** Opens a file; takes over closing it, also when it is refused. */
  static SafetensorsFile open(PositionalFile file) {
    try {
      Path path = file.path();
      if (file.size() < 8) {
        throw new WeightsException(
            "%s is truncated: %d bytes cannot hold a safetensors header. Download it again."
                .formatted(path, file.size()));
      }
      long length = file.read(0, 8).getLong();
      if (length < 0 || length > MAX_HEADER) {
        throw new WeightsException(
            "%s is not a safetensors file: its header would have %s bytes; the format allows %d."
                .formatted(path, Long.toUnsignedString(length), MAX_HEADER));
      }
      if (length > file.size() - 8) {
        throw new WeightsException(
            ("%s is truncated: its header would have %d bytes, the whole file has %d."
                    + " Download it again.")
                .formatted(path, length, file.size()));
      }
      Header header = new Header(path, file.size() - 8 - length);
      header.parse(file.read(8, (int) length).array());
      header.checkRanges();
      return new SafetensorsFile(file, header, 8 + length);
    } catch (Throwable e) {
      Closing.closeAfter(e, file);
      throw e;
    }
  }

  @Override
  public Map<String, String> metadata() {
    return metadata;
  }

  @Override
  void readStored(String name, long byteOffset, ByteBuffer destination) {
    Long start = positions.get(name);
    if (start == null) {
      throw Reading.unknown(path(), name);
    }
    file().read(start + byteOffset, destination);
  }

  private record Entry(
      String name, String type, @Nullable DType dtype, List<Long> shape, long begin, long end) {}

  /** The header while it is being read and checked. */
  private static final class Header {
    private final Path path;
    private final long dataSize;
    private final Map<String, Entry> entries = new LinkedHashMap<>();
    private final Map<String, String> metadata = new LinkedHashMap<>();
    private boolean metadataSeen;

    Header(Path path, long dataSize) {
      this.path = path;
      this.dataSize = dataSize;
    }

    /** Tensors of known number types. */
    Map<String, TensorInfo> usable() {
      Map<String, TensorInfo> usable = new LinkedHashMap<>();
      for (Entry entry : entries.values()) {
        if (entry.dtype != null) {
          usable.put(entry.name, new TensorInfo(entry.dtype, entry.shape));
        }
      }
      return usable;
    }

    /** Which of them are floats of eight bits. */
    Map<String, Float8> narrow() {
      Map<String, Float8> narrow = new LinkedHashMap<>();
      for (Entry entry : entries.values()) {
        Float8.ofSafetensors(entry.type).ifPresent(type -> narrow.put(entry.name, type));
      }
      return narrow;
    }

    /** The others, with the names of their types. */
    Map<String, String> foreign() {
      Map<String, String> foreign = new LinkedHashMap<>();
      for (Entry entry : entries.values()) {
        if (entry.dtype == null) {
          foreign.put(entry.name, entry.type);
        }
      }
      return foreign;
    }

    void parse(byte[] bytes) {
      try (JsonParser json = JSON.createParser(bytes)) {
        if (json.nextToken() != JsonToken.START_OBJECT) {
          throw bad("the header is not a JSON object");
        }
        while (json.nextToken() == JsonToken.FIELD_NAME) {
          String name = json.currentName();
          if (name.equals("__metadata__")) {
            if (metadataSeen) {
              throw bad("the header holds __metadata__ twice");
            }
            metadataSeen = true;
            json.nextToken();
            readMetadata(json);
          } else {
            Entry entry = entry(name, json);
            if (entries.put(name, entry) != null) {
              throw bad("the header holds the tensor \"" + name + "\" twice");
            }
            if (entries.size() > MAX_TENSORS) {
              throw bad("the header holds more than " + MAX_TENSORS + " tensors");
            }
          }
        }
        if (json.nextToken() != null) {
          throw bad("the header goes on after its JSON object");
        }
      } catch (JsonProcessingException e) {
        throw bad("the header is not valid JSON (" + e.getOriginalMessage() + ")", e);
      } catch (IOException e) {
        throw PositionalFile.unreadable(path, e);
      }
    }

    /** Texts by name; what is no text is passed over. */
    private void readMetadata(JsonParser json) throws IOException {
      if (json.currentToken() != JsonToken.START_OBJECT) {
        json.skipChildren();
        return;
      }
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String key = json.currentName();
        if (json.nextToken() == JsonToken.VALUE_STRING) {
          metadata.put(key, json.getText());
        } else {
          json.skipChildren();
        }
      }
    }

    private Entry entry(String name, JsonParser json) throws IOException {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        throw bad("the entry of \"" + name + "\" is not a JSON object");
      }
      String type = null;
      List<Long> shape = null;
      List<Long> offsets = null;
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String field = json.currentName();
        json.nextToken();
        switch (field) {
          case "dtype" -> {
            if (type != null || json.currentToken() != JsonToken.VALUE_STRING) {
              throw bad("the dtype of \"" + name + "\" is not one string");
            }
            type = json.getText();
          }
          case "shape" -> {
            if (shape != null) {
              throw bad("\"" + name + "\" has two shapes");
            }
            shape = numbers(name, "shape", json);
          }
          case "data_offsets" -> {
            if (offsets != null) {
              throw bad("\"" + name + "\" has data_offsets twice");
            }
            offsets = numbers(name, "data_offsets", json);
          }
          default -> json.skipChildren();
        }
      }
      if (type == null || shape == null || offsets == null || offsets.size() != 2) {
        throw bad("the entry of \"" + name + "\" lacks dtype, shape or two data_offsets");
      }
      return entry(name, type, shape, offsets.get(0), offsets.get(1));
    }

    private Entry entry(String name, String type, List<Long> shape, long begin, long end) {
      DType dtype = null;
      int bits;
      if (FOREIGN.containsKey(type)) {
        bits = FOREIGN.getOrDefault(type, 0);
      } else {
        dtype = dtype(name, type);
        bits = 8 * dtype.bytes();
      }
      if (begin > end || end > dataSize) {
        throw bad(
            "\"%s\" lies at bytes %d to %d of %d".formatted(name, begin, end, dataSize)
                + (begin > end ? "" : "; the file is probably truncated"));
      }
      long expected = bits;
      try {
        for (long side : shape) {
          expected = Math.multiplyExact(expected, side);
        }
      } catch (ArithmeticException e) {
        throw bad("the shape %s of \"%s\" is absurd".formatted(shape, name), e);
      }
      if (end - begin != (expected + 7) / 8) {
        throw bad(
            "\"%s\" has %d bytes, but %s of shape %s takes %d"
                .formatted(name, end - begin, type, shape, (expected + 7) / 8));
      }
      return new Entry(name, type, dtype, shape, begin, end);
    }

    private DType dtype(String name, String type) {
      if (Float8.ofSafetensors(type).isPresent()) {
        return DType.U8;
      }
      try {
        return DType.valueOf(type);
      } catch (IllegalArgumentException e) {
        throw bad("\"%s\" has the unknown number type \"%s\"".formatted(name, type), e);
      }
    }

    private List<Long> numbers(String name, String field, JsonParser json) throws IOException {
      if (json.currentToken() != JsonToken.START_ARRAY) {
        throw bad("the %s of \"%s\" is not a list".formatted(field, name));
      }
      List<Long> numbers = new ArrayList<>();
      while (json.nextToken() != JsonToken.END_ARRAY) {
        if (json.currentToken() != JsonToken.VALUE_NUMBER_INT) {
          throw bad("the %s of \"%s\" holds something else than numbers".formatted(field, name));
        }
        long number;
        try {
          number = json.getLongValue();
        } catch (InputCoercionException e) {
          throw bad("the %s of \"%s\" holds %s".formatted(field, name, json.getText()), e);
        }
        if (number < 0) {
          throw bad("the %s of \"%s\" holds %d".formatted(field, name, number));
        }
        numbers.add(number);
        if (numbers.size() > 64) {
          throw bad("the %s of \"%s\" has more than 64 numbers".formatted(field, name));
        }
      }
      return numbers;
    }

    /** The format demands that the tensors cover the data exactly: no overlap, no gap, no rest. */
    void checkRanges() {
      List<Entry> sorted = new ArrayList<>(entries.values());
      sorted.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
      long at = 0;
      String before = "";
      for (Entry entry : sorted) {
        if (entry.begin < at) {
          throw bad("\"%s\" and \"%s\" overlap".formatted(before, entry.name));
        }
        if (entry.begin > at) {
          throw bad(
              "bytes %d to %d before \"%s\" belong to no tensor"
                  .formatted(at, entry.begin, entry.name));
        }
        at = entry.end;
        before = entry.name;
      }
      if (at != dataSize) {
        throw bad("%d bytes at its end belong to no tensor".formatted(dataSize - at));
      }
    }

    private WeightsException bad(String what) {
      return bad(what, null);
    }

    private WeightsException bad(String what, @Nullable Throwable cause) {
      return new WeightsException(
          "%s is a damaged safetensors file: %s. Download it again.".formatted(path, what), cause);
    }
  }
}
