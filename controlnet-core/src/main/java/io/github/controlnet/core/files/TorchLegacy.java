package io.github.controlnet.core.files;

import io.github.controlnet.core.files.TorchTensors.Region;
import io.github.controlnet.core.files.Unpickler.Dict;
import io.github.controlnet.core.files.Unpickler.Storage;
import io.github.controlnet.engine.WeightSource.DType;
import io.github.controlnet.exception.WeightsException;
import java.math.BigInteger;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * PyTorch's format before 1.6: pickles of a magic number, a version, the writer's machine, the
 * object and the storages' keys, then each storage as its number of values and the values.
 */
final class TorchLegacy {
  private static final BigInteger MAGIC = new BigInteger("1950a86a20f9469cfc6c", 16);
  private static final long VERSION = 1001;
  private static final long MAX_PICKLE = 64 << 20;

  private final PositionalFile file;

  private TorchLegacy(PositionalFile file) {
    this.file = file;
  }

  static TorchFile open(PositionalFile file) {
    return new TorchLegacy(file).read();
  }

  private TorchFile read() {
    PickleInput in = new PickleInput(file, 0, Math.min(file.size(), MAX_PICKLE));
    Map<String, Storage> storages = new HashMap<>();
    if (!MAGIC.equals(load(in, new HashMap<>()))) {
      throw new WeightsException(
          "%s is a Python pickle, but no PyTorch checkpoint. Get the weights as safetensors."
              .formatted(file.path()));
    }
    if (!Long.valueOf(VERSION).equals(load(in, new HashMap<>()))) {
      throw bad("its version is not " + VERSION);
    }
    if (load(in, new HashMap<>()) instanceof Dict machine
        && Boolean.FALSE.equals(machine.entries().get("little_endian"))) {
      throw new WeightsException(
          "%s was written by a big-endian machine. Get the weights as safetensors."
              .formatted(file.path()));
    }
    Object root = load(in, storages);
    if (!(load(in, new HashMap<>()) instanceof List<?> keys)) {
      throw bad("its list of storages is missing");
    }
    Map<String, Region> regions = new HashMap<>();
    long position = in.position();
    for (Object key : keys) {
      Storage storage = key instanceof String text ? storages.get(text) : null;
      if (storage == null) {
        throw bad("it lists a storage that nothing uses");
      }
      if (position > file.size() - 8) {
        throw bad("it ends before its storages");
      }
      long count = file.read(position, 8).order(ByteOrder.LITTLE_ENDIAN).getLong();
      int bytes = bytes(storage);
      long start = position + 8;
      if (count < 0 || count > (file.size() - start) / bytes) {
        throw bad("it ends inside a storage; it is probably truncated");
      }
      regions.put(storage.key(), new Region(start, count * bytes));
      position = start + count * bytes;
    }
    return new TorchFile(
        file,
        "PyTorch checkpoint (legacy)",
        TorchTensors.find(file.path(), root, storage -> regions.get(storage.key())));
  }

  private Object load(PickleInput in, Map<String, Storage> storages) {
    return new Unpickler(in, storages).load();
  }

  private int bytes(Storage storage) {
    DType dtype = storage.dtype();
    if (dtype != null) {
      return dtype.bytes();
    }
    return switch (storage.type()) {
      case "ComplexFloatStorage" -> 8;
      case "ComplexDoubleStorage" -> 16;
      case "QInt8Storage", "QUInt8Storage" -> 1;
      case "QInt32Storage" -> 4;
      default -> throw bad("it holds a " + storage.type() + ", whose size is not known");
    };
  }

  private WeightsException bad(String what) {
    return new WeightsException(
        "%s is a damaged PyTorch checkpoint: %s. Download it again.".formatted(file.path(), what));
  }
}
