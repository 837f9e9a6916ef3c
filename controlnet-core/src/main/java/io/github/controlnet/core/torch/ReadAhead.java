package io.github.controlnet.core.torch;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import io.github.controlnet.core.internal.Closing;
import io.github.controlnet.engine.WeightSource;
import io.github.controlnet.engine.WeightSource.TensorInfo;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Reads weights, one piece after the other, on a thread of its own: while one buffer's piece is
 * laid out, the next piece is read into the other.
 */
final class ReadAhead implements AutoCloseable {
  /** Rows of a weight that are read at once. */
  record Piece(String name, TensorInfo info, long row, long rows) {
    long bytes() {
      return rows * (info.byteSize() / rowsOf(info));
    }

    static long rowsOf(TensorInfo info) {
      return info.shape().isEmpty() ? 1 : Math.max(1, info.shape().get(0));
    }
  }

  private static final int BUFFERS = 2;

  private final WeightSource source;
  private final List<Piece> pieces;
  private final List<PtNDArray> buffers;
  private final ExecutorService reader;
  private final Future<?>[] readings;
  private int next;

  /**
   * Starts reading.
   *
   * @param pieces in the order of {@link #next}
   */
  ReadAhead(PtNDManager manager, WeightSource source, List<Piece> pieces) {
    this.source = source;
    this.pieces = pieces;
    this.readings = new Future<?>[pieces.size()];
    long largest = pieces.stream().mapToLong(Piece::bytes).max().orElse(0);
    // float32, so that the commonest type needs no copy; a word more, since types of 8 bytes are
    // viewed in pairs
    int words = Math.toIntExact(largest / Float.BYTES + 2);
    // memory of tensors instead of Java buffers: it is free as soon as the tensors are closed
    this.buffers =
        Closing.opening(
            open -> List.of(open.add(buffer(manager, words)), open.add(buffer(manager, words))));
    this.reader =
        Executors.newSingleThreadExecutor(
            task -> {
              Thread thread = new Thread(task, "controlnet-weights");
              thread.setDaemon(true);
              return thread;
            });
    for (int i = 0; i < BUFFERS; i++) {
      submit(i);
    }
  }

  private static PtNDArray buffer(PtNDManager manager, int words) {
    return manager.create(new Shape(words), DataType.FLOAT32);
  }

  private void submit(int index) {
    if (index < pieces.size()) {
      readings[index] = reader.submit(() -> read(pieces.get(index), buffers.get(index % BUFFERS)));
    }
  }

  private void read(Piece piece, PtNDArray target) {
    ByteBuffer buffer = target.toByteBuffer(true).order(ByteOrder.LITTLE_ENDIAN);
    buffer.clear().limit(Math.toIntExact(piece.bytes()));
    source.read(piece.name(), piece.row() * (piece.bytes() / piece.rows()), buffer);
  }

  /**
   * Waits for the next piece.
   *
   * @return a buffer of float32 that begins with the bytes of the piece; good until the next call
   */
  PtNDArray next() {
    if (next > 0) {
      submit(next - 1 + BUFFERS);
    }
    Waiting.result(readings[next]);
    return buffers.get(next++ % BUFFERS);
  }

  /** Frees the buffers, once nobody reads into them. */
  @Override
  public void close() {
    Future<?> last = reader.submit(() -> {});
    reader.shutdown();
    Waiting.result(last);
    buffers.forEach(PtNDArray::close);
  }
}
