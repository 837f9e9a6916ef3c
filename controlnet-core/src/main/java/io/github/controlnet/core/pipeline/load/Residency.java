package io.github.controlnet.core.pipeline.load;

import io.github.controlnet.core.internal.Cancellation;
import io.github.controlnet.core.internal.Closing;
import io.github.controlnet.engine.Component;
import io.github.controlnet.engine.OffloadPolicy;
import java.util.HashMap;
import java.util.Map;

/**
 * Turns an offload policy into uses of parts: a part is used for the phase that needs it, with
 * {@link OffloadPolicy#NONE} from then on until the pipeline closes.
 */
public final class Residency implements AutoCloseable {
  private final boolean keep;
  private final Map<ResidentPart<?>, ResidentPart.Use<?>> kept = new HashMap<>();

  private Residency(boolean keep) {
    this.keep = keep;
  }

  public static Residency of(OffloadPolicy policy) {
    return new Residency(policy == OffloadPolicy.NONE);
  }

  /** Begins a phase; parts used in it may be released when it is closed. */
  public Phase begin() {
    return new Phase();
  }

  @Override
  public synchronized void close() {
    try (Closing open = new Closing()) {
      kept.values().forEach(open::add);
      kept.clear();
    }
  }

  private synchronized void keep(ResidentPart<?> part) {
    if (!kept.containsKey(part)) {
      kept.put(part, part.use());
    }
  }

  /** A part of a generation, such as denoising, and the uses that it needs. */
  public final class Phase implements AutoCloseable {
    private final Closing open = new Closing();

    public <C extends Component> C use(ResidentPart<C> part) {
      C component = open.add(part.use()).component();
      if (keep) {
        keep(part);
      }
      return component;
    }

    /**
     * Uses a component whose weights have the wanted changes until the phase is closed. All phases
     * ask for such components in one order, so that they do not wait for each other in a ring.
     */
    public <C extends Component> C use(
        AdaptedPart<C> part, LoraSet changes, Cancellation cancellation) {
      open.add(part.adapt(changes, cancellation));
      return use(part.part());
    }

    @Override
    public void close() {
      open.close();
    }
  }
}
