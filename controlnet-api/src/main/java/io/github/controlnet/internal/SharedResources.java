package io.github.controlnet.internal;

import io.github.controlnet.exception.ControlNetException;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Things that several pipelines use and the last one closes, by key. An object of this class
 * belongs to a base model, so that nothing is shared behind anybody's back.
 */
public final class SharedResources {
  private final Map<Object, Entry> entries = new HashMap<>();

  /** Creates an empty set. */
  public SharedResources() {}

  /**
   * Takes part in a resource, creating it when nobody holds it yet. Other callers of the same set
   * wait while it is being created.
   *
   * @param key what identifies it, with a lawful {@code equals}
   * @param type its class
   * @param create makes it
   * @param <T> its type
   * @return a lease; closing the last one closes the resource
   */
  public synchronized <T extends AutoCloseable> Lease<T> lease(
      Object key, Class<T> type, Supplier<T> create) {
    Entry entry = entries.get(key);
    if (entry == null) {
      entry = new Entry(create.get());
      entries.put(key, entry);
    }
    T value = type.cast(entry.value);
    entry.holders++;
    return new Lease<>(this, key, value);
  }

  private synchronized void giveBack(Object key) {
    Entry entry = entries.get(key);
    if (entry == null || --entry.holders > 0) {
      return;
    }
    entries.remove(key);
    try {
      entry.value.close();
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new ControlNetException("A shared resource could not be closed: " + e.getMessage(), e);
    }
  }

  /**
   * A part in a shared resource.
   *
   * @param <T> the resource's type
   */
  public static final class Lease<T extends AutoCloseable> implements AutoCloseable {
    private final SharedResources owner;
    private final Object key;
    private final T value;
    private boolean closed;

    private Lease(SharedResources owner, Object key, T value) {
      this.owner = owner;
      this.key = key;
      this.value = value;
    }

    /**
     * Returns the resource.
     *
     * @return the same object for every holder
     */
    public T get() {
      return value;
    }

    /** Gives the part back; the last holder closes the resource. Closing twice does nothing. */
    @Override
    public void close() {
      synchronized (this) {
        if (closed) {
          return;
        }
        closed = true;
      }
      owner.giveBack(key);
    }
  }

  private static final class Entry {
    private final AutoCloseable value;
    private int holders;

    Entry(AutoCloseable value) {
      this.value = value;
    }
  }
}
