package io.github.controlnet.core.training;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToLongFunction;

/** Keeps what was used last, up to a number of bytes. */
final class Cache<K, V> {
  private final Map<K, V> entries = new LinkedHashMap<>(16, 0.75f, true);
  private final long limit;
  private final ToLongFunction<V> size;
  private long bytes;

  Cache(long limit, ToLongFunction<V> size) {
    this.limit = limit;
    this.size = size;
  }

  synchronized Optional<V> get(K key) {
    return Optional.ofNullable(entries.get(key));
  }

  synchronized void put(K key, V value) {
    V before = entries.put(key, value);
    bytes += size.applyAsLong(value) - (before == null ? 0 : size.applyAsLong(before));
    var eldest = entries.values().iterator();
    while (bytes > limit && eldest.hasNext()) {
      bytes -= size.applyAsLong(eldest.next());
      eldest.remove();
    }
  }
}
