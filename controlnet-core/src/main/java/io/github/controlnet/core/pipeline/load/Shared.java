package io.github.controlnet.core.pipeline.load;

import io.github.controlnet.core.internal.Closing;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Things that several pipelines of this process use and the last one closes, by key. Keys name what
 * is in a thing, such as files and engine, never who asks for it. May be used by any thread.
 */
final class Shared {
  /** What the pipelines of this process share. */
  static final Shared OF_PROCESS = new Shared();

  private final Map<Object, Entry> entries = new HashMap<>();

  /**
   * Takes part in a thing, making it when nobody holds it. Who asks for it meanwhile waits, and
   * also until one that is being closed is gone, so that there are never two of a key.
   *
   * @param key with a lawful {@code equals}
   * @param create makes it; may lease other things, as long as nothing goes in a circle
   */
  <T extends AutoCloseable> Lease<T> lease(Object key, Class<T> type, Supplier<T> create) {
    Entry entry;
    synchronized (entries) {
      entry = entries.computeIfAbsent(key, Entry::new);
      entry.holders++;
    }
    try {
      synchronized (entry) {
        if (entry.value == null) {
          entry.value = create.get();
        }
        return new Lease<>(this, entry, type.cast(entry.value));
      }
    } catch (RuntimeException | Error e) {
      Closing.closeAfter(e, () -> giveBack(entry));
      throw e;
    }
  }

  /** How many things there are. */
  int size() {
    synchronized (entries) {
      return entries.size();
    }
  }

  private void giveBack(Entry entry) {
    synchronized (entry) {
      synchronized (entries) {
        if (entry.holders > 1) {
          entry.holders--;
          return;
        }
      }
      AutoCloseable value = entry.value;
      entry.value = null;
      try (Closing closing = new Closing()) {
        closing.add(() -> forget(entry));
        if (value != null) {
          closing.add(value);
        }
      }
    }
  }

  /** Who came while the thing was being closed makes a new one. */
  private void forget(Entry entry) {
    synchronized (entries) {
      if (--entry.holders == 0) {
        entries.remove(entry.key);
      }
    }
  }

  /** A part in a shared thing. */
  static final class Lease<T extends AutoCloseable> implements AutoCloseable {
    private final Shared owner;
    private final Entry entry;
    private final T value;
    private boolean closed;

    private Lease(Shared owner, Entry entry, T value) {
      this.owner = owner;
      this.entry = entry;
      this.value = value;
    }

    /** The thing, the same object for every holder. */
    T get() {
      return value;
    }

    /** Takes another part in the same thing. */
    Lease<T> again() {
      synchronized (owner.entries) {
        entry.holders++;
      }
      return new Lease<>(owner, entry, value);
    }

    /** Gives the part back; the last holder closes the thing. Closing twice does nothing. */
    @Override
    public void close() {
      synchronized (this) {
        if (closed) {
          return;
        }
        closed = true;
      }
      owner.giveBack(entry);
    }
  }

  private static final class Entry {
    private final Object key;
    private @Nullable AutoCloseable value;
    private int holders;

    Entry(Object key) {
      this.key = key;
    }
  }
}
