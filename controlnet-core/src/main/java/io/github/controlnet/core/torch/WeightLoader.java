package io.github.controlnet.core.torch;

import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import io.github.controlnet.core.torch.ReadAhead.Piece;
import io.github.controlnet.engine.WeightSource;
import io.github.controlnet.engine.WeightSource.TensorInfo;
import io.github.controlnet.exception.WeightsException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Copies weights from where they are stored into a module, piece by piece. Those of convolutions
 * are laid out channels-last, which PyTorch's convolutions want of their input too, unless the
 * script packs them.
 */
final class WeightLoader {
  private static final long PIECE_BYTES = 16L << 20;
  private static final int CONTIGUOUS = 0;
  private static final int CHANNELS_LAST = 2;

  private final PtNDManager manager;
  private final ScriptSource script;
  private final WeightSource source;
  private final Map<String, TensorInfo> stored;

  /**
   * Compares the weights that a script reads with those that are stored.
   *
   * @param label what the network is called in messages
   * @throws WeightsException when a weight is missing or has another shape
   */
  WeightLoader(String label, PtNDManager manager, ScriptSource script, WeightSource source) {
    this.manager = manager;
    this.script = script;
    this.source = source;
    this.stored = source.tensors();
    check(label);
  }

  private void check(String label) {
    Map<String, List<Long>> wanted = script.weights();
    List<String> missing = new ArrayList<>();
    for (Map.Entry<String, List<Long>> entry : wanted.entrySet()) {
      TensorInfo info = stored.get(entry.getKey());
      if (info == null) {
        missing.add(entry.getKey());
      } else if (!withoutTrailingOnes(info.shape()).equals(withoutTrailingOnes(entry.getValue()))) {
        throw new WeightsException(
            "%s: the weight %s has shape %s, expected %s; the file and its configuration do not belong together."
                .formatted(label, entry.getKey(), info.shape(), entry.getValue()));
      }
    }
    if (!missing.isEmpty()) {
      throw new WeightsException(
          "%s: %d of %d weights are missing (%s%s); the file is incomplete or of another kind."
              .formatted(
                  label,
                  missing.size(),
                  wanted.size(),
                  missing.stream().limit(3).collect(Collectors.joining(", ")),
                  missing.size() > 3 ? ", ..." : ""));
    }
  }

  /** A linear layer may be stored as a 1 x 1 convolution and the other way round. */
  private static List<Long> withoutTrailingOnes(List<Long> shape) {
    int end = shape.size();
    while (end > 0 && shape.get(end - 1) == 1) {
      end--;
    }
    return shape.subList(0, end);
  }

  /**
   * Fills a module with all weights of the script.
   *
   * @throws WeightsException when a weight cannot be read
   */
  void load(ScriptModule module) {
    load(module, script.weights().keySet());
  }

  /**
   * Brings some weights of the script into a module; those that are there are replaced.
   *
   * @param names those that the script does not read are passed over
   * @throws WeightsException when a weight cannot be read
   */
  void load(ScriptModule module, Set<String> names) {
    List<String> read = script.weights().keySet().stream().filter(names::contains).toList();
    try (Groups all = groups(module, List.of(read))) {
      all.load();
    }
  }

  /**
   * Starts reading weights in groups.
   *
   * @param module gets them
   * @param groups their names
   */
  Groups groups(ScriptModule module, List<? extends Collection<String>> groups) {
    return new Groups(module, groups.stream().map(this::pieces).toList());
  }

  /** Whole weights, but large ones that stay as they are in several pieces. */
  private List<Piece> pieces(Collection<String> names) {
    List<Piece> pieces = new ArrayList<>();
    for (String name : names) {
      TensorInfo info = Objects.requireNonNull(stored.get(name), name);
      long rows = Piece.rowsOf(info);
      long atOnce =
          script.packings().containsKey(name)
              ? rows
              : Math.max(1, PIECE_BYTES * rows / Math.max(1, info.byteSize()));
      for (long row = 0; row < rows; row += atOnce) {
        pieces.add(new Piece(name, info, row, Math.min(atOnce, rows - row)));
      }
    }
    return pieces;
  }

  /** Weights that come one group after the other. */
  final class Groups implements AutoCloseable {
    private final ScriptModule module;
    private final Iterator<List<Piece>> groups;
    private final ReadAhead reading;

    private Groups(ScriptModule module, List<List<Piece>> groups) {
      this.module = module;
      this.groups = groups.iterator();
      this.reading = new ReadAhead(manager, source, groups.stream().flatMap(List::stream).toList());
    }

    /**
     * Brings the next group into the module.
     *
     * @throws WeightsException when a weight cannot be read
     */
    void load() {
      for (Piece piece : groups.next()) {
        place(module, piece, reading.next());
      }
    }

    @Override
    public void close() {
      reading.close();
    }
  }

  private void place(ScriptModule module, Piece piece, PtNDArray buffer) {
    long[] shape =
        Objects.requireNonNull(script.weights().get(piece.name())).stream()
            .mapToLong(Long::longValue)
            .toArray();
    Packing packing = script.packings().get(piece.name());
    if (packing == null && piece.row() == 0) {
      try (Arguments arguments = module.arguments()) {
        long layout = shape.length == 4 ? CHANNELS_LAST : CONTIGUOUS;
        module.call("allocate", arguments.text(piece.name()).wholes(shape).whole(layout));
      }
    }
    if (shape.length > 0) {
      shape[0] = piece.rows();
    }
    try (Arguments arguments = module.arguments();
        PtNDArray values = values(module, buffer, piece, shape)) {
      arguments.text(piece.name()).tensor(values);
      if (packing == null) {
        module.call("fill", arguments.whole(piece.row()));
      } else {
        module.call(packing.method(), arguments.wholes(packing.values()));
      }
    }
  }

  /** What a buffer holds, in the type of the file; a view where that is float32. */
  private static PtNDArray values(
      ScriptModule module, PtNDArray buffer, Piece piece, long... shape) {
    long count = piece.bytes() / piece.info().dtype().bytes();
    long pairs = (piece.bytes() + 7) / 8;
    try (Arguments arguments = module.arguments()) {
      return module.tensor(
          "values",
          arguments
              .tensor(buffer)
              .whole(2 * pairs)
              .whole(NumberType.of(piece.info().dtype()))
              .whole(count)
              .wholes(shape));
    }
  }
}
