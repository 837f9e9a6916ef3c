package io.github.controlnet.core.pipeline.load;

import io.github.controlnet.core.internal.Closing;
import io.github.controlnet.engine.Component;

/**
 * A component of an engine and how many need its weights just now. The weights are loaded for the
 * first and released after the last.
 */
public final class ResidentPart<C extends Component> implements AutoCloseable {
  private final C component;
  private final Closing resources;
  private int users;

  /**
   * @param component the component
   * @param resources what is closed with this, the component among it
   */
  ResidentPart(C component, Closing resources) {
    this.component = component;
    this.resources = resources;
  }

  /** Brings the weights into memory, for as long as the use is open. */
  synchronized Use<C> use() {
    component.load();
    users++;
    return new Use<>(this);
  }

  private synchronized void done() {
    if (--users == 0) {
      component.release();
    }
  }

  @Override
  public void close() {
    resources.close();
  }

  /** One user of the weights. */
  static final class Use<C extends Component> implements AutoCloseable {
    private final ResidentPart<C> part;
    private boolean closed;

    private Use(ResidentPart<C> part) {
      this.part = part;
    }

    C component() {
      return part.component;
    }

    @Override
    public void close() {
      synchronized (this) {
        if (closed) {
          return;
        }
        closed = true;
      }
      part.done();
    }
  }
}
