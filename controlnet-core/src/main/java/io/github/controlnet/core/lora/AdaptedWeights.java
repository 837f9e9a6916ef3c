package io.github.controlnet.core.lora;

import io.github.controlnet.core.family.Role;
import io.github.controlnet.core.files.FloatFormats;
import io.github.controlnet.engine.WeightSource;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The weights of a base's component with changes. Those that are changed are 32-bit floats,
 * computed from the base's when they are read; the others are the base's own.
 */
public final class AdaptedWeights implements WeightSource {
  private final WeightSource base;
  private final Map<String, List<Scaled>> changes = new LinkedHashMap<>();
  private final Map<String, TensorInfo> tensors;
  private @Nullable Computed last;

  /**
   * A file's changes and how much of them.
   *
   * @param changes what is changed
   * @param scale how much; it may be negative
   */
  public record Term(LoraChanges changes, double scale) {}

  private record Scaled(Change change, double scale) {}

  private record Computed(String name, float[] values) {}

  /**
   * Prepares.
   *
   * @param base the component's own weights, under canonical names
   * @param role which component it is
   * @param terms the changes, in an order that does not matter but for rounding
   */
  public AdaptedWeights(WeightSource base, Role role, List<Term> terms) {
    this.base = base;
    for (Term term : terms) {
      if (term.scale() != 0) {
        term.changes()
            .of(role)
            .forEach(
                (name, change) ->
                    changes
                        .computeIfAbsent(name, key -> new ArrayList<>())
                        .add(new Scaled(change, term.scale())));
      }
    }
    Map<String, TensorInfo> all = new LinkedHashMap<>(base.tensors());
    changes
        .keySet()
        .forEach(
            name ->
                all.computeIfPresent(name, (key, info) -> new TensorInfo(DType.F32, info.shape())));
    this.tensors = Collections.unmodifiableMap(all);
  }

  /**
   * Finds the weights that differ from those of others of the same base.
   *
   * @param other the others
   * @return their names
   */
  public Set<String> differing(AdaptedWeights other) {
    Set<String> names = new HashSet<>(changes.keySet());
    names.addAll(other.changes.keySet());
    names.removeIf(name -> Objects.equals(changes.get(name), other.changes.get(name)));
    return names;
  }

  @Override
  public Map<String, TensorInfo> tensors() {
    return tensors;
  }

  @Override
  public void read(String name, long byteOffset, ByteBuffer destination) {
    if (!changes.containsKey(name)) {
      base.read(name, byteOffset, destination);
      return;
    }
    float[] values = values(name);
    ByteBuffer to = destination.slice().order(ByteOrder.LITTLE_ENDIAN);
    int from = Math.toIntExact(byteOffset / Float.BYTES);
    int count = to.remaining() / Float.BYTES;
    to.asFloatBuffer().put(values, from, count);
    destination.position(destination.limit());
    if (from + count == values.length) {
      forget(name);
    }
  }

  /** Large weights are read in pieces: the one that was computed last stays for the next piece. */
  private synchronized float[] values(String name) {
    if (last == null || !last.name().equals(name)) {
      last = new Computed(name, compute(name));
    }
    return last.values();
  }

  private synchronized void forget(String name) {
    if (last != null && last.name().equals(name)) {
      last = null;
    }
  }

  private float[] compute(String name) {
    TensorInfo info = Objects.requireNonNull(base.tensors().get(name), name);
    float[] own = new float[Math.toIntExact(info.count())];
    ByteBuffer bytes =
        ByteBuffer.allocate(Math.toIntExact(info.byteSize())).order(ByteOrder.LITTLE_ENDIAN);
    base.read(name, 0, bytes);
    FloatFormats.read(info.dtype(), bytes.flip(), own, own.length);
    float[] sum = own.clone();
    int rows = Math.toIntExact(info.shape().get(0));
    for (Scaled each : changes.getOrDefault(name, List.of())) {
      each.change().addTo(sum, own, rows, each.scale());
    }
    return sum;
  }
}
