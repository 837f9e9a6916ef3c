package io.github.controlnet.core.export;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.github.controlnet.engine.WeightSource;
import io.github.controlnet.engine.WeightSource.TensorInfo;
import io.github.controlnet.exception.GenerationCancelledException;
import io.github.controlnet.exception.WeightsException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes safetensors files: eight bytes of header length, a JSON header that gives each tensor's
 * type, shape and byte range, then the values without gaps. Tensors of larger numbers come first,
 * so that all of them are aligned.
 *
 * <p>The file appears whole or not at all, and memory stays at a few megabytes whatever its size.
 */
public final class SafetensorsWriter {
  private static final String METADATA = "__metadata__";
  private static final JsonFactory JSON = new JsonFactory();

  /** The format's own limit. */
  private static final int MAX_HEADER = 100_000_000;

  private SafetensorsWriter() {}

  /**
   * Writes tensors under the names that the source gives them.
   *
   * @param file where; its folder is made when it is missing
   * @param tensors what to write
   * @param options number type, metadata, whether an existing file is replaced
   * @throws WeightsException when the file exists and must not be replaced, when there is no room,
   *     when it cannot be written, or when a value is too large for the number type
   * @throws GenerationCancelledException when it was cancelled
   */
  public static void write(Path file, WeightSource tensors, WriteOptions options) {
    Map<String, TensorInfo> targets = TensorCopy.targets(tensors, options);
    AtomicOutput.file(
        file,
        options.overwrite(),
        TensorCopy.bytes(targets),
        temporary -> writeContent(temporary, tensors, targets, options));
  }

  /** Writes to a file that is not there yet, with the number type of each tensor. */
  static void writeContent(
      Path file, WeightSource tensors, Map<String, TensorInfo> targets, WriteOptions options)
      throws IOException {
    List<Map.Entry<String, TensorInfo>> order = new ArrayList<>(targets.entrySet());
    // the sort keeps the source's order among equals
    order.sort(Comparator.comparingInt(entry -> -entry.getValue().dtype().bytes()));
    byte[] header = header(order, options);
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
      ByteBuffer length = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
      writeAll(channel, length.putLong(header.length).flip());
      writeAll(channel, ByteBuffer.wrap(header));
      TensorCopy copy = new TensorCopy(tensors, options);
      for (var tensor : order) {
        copy.copy(tensor.getKey(), tensor.getValue().dtype(), part -> writeAll(channel, part));
      }
      channel.force(true);
    }
  }

  private static byte[] header(List<Map.Entry<String, TensorInfo>> order, WriteOptions options)
      throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = JSON.createGenerator(bytes)) {
      json.writeStartObject();
      json.writeObjectFieldStart(METADATA);
      Map<String, String> metadata = new TreeMap<>(options.metadata());
      // transformers and diffusers refuse files that do not say so
      metadata.putIfAbsent("format", "pt");
      for (var item : metadata.entrySet()) {
        json.writeStringField(item.getKey(), item.getValue());
      }
      json.writeEndObject();
      long at = 0;
      for (var tensor : order) {
        if (tensor.getKey().equals(METADATA)) {
          throw new WeightsException(
              "Safetensors cannot hold a tensor named \"%s\".".formatted(METADATA));
        }
        TensorInfo target = tensor.getValue();
        json.writeObjectFieldStart(tensor.getKey());
        json.writeStringField("dtype", target.dtype().name());
        json.writeArrayFieldStart("shape");
        for (long side : target.shape()) {
          json.writeNumber(side);
        }
        json.writeEndArray();
        json.writeArrayFieldStart("data_offsets");
        json.writeNumber(at);
        at += target.byteSize();
        json.writeNumber(at);
        json.writeEndArray();
        json.writeEndObject();
      }
      json.writeEndObject();
    }
    while (bytes.size() % 8 != 0) {
      bytes.write(' '); // readers map the values, which should be aligned
    }
    if (bytes.size() > MAX_HEADER) {
      throw new WeightsException(
          "The header of a safetensors file would have %d bytes; the format allows %d."
              .formatted(bytes.size(), MAX_HEADER));
    }
    return bytes.toByteArray();
  }

  static void writeAll(FileChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }
}
