package io.github.controlnet.core.pipeline.load;

import io.github.controlnet.core.family.Role;
import io.github.controlnet.core.internal.Cancellation;
import io.github.controlnet.core.internal.Closing;
import io.github.controlnet.core.lora.AdaptedWeights;
import io.github.controlnet.core.lora.SwitchedWeights;
import io.github.controlnet.engine.Component;
import io.github.controlnet.engine.WeightSource;
import io.github.controlnet.exception.InvalidRequestException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A component of which generations may want the weights changed, each in its own way. Its weights
 * are there once: who wants the changes that it has uses it with the others who do, who wants other
 * changes waits until they are done. Those who wait come in their order, so that nobody waits for
 * ever. Changes stay until others are wanted; then only the weights in which the two differ are
 * read again, from the base's file, so that nothing is left of a change that goes.
 */
public final class AdaptedPart<C extends Component> implements AutoCloseable {
  /** How often a generation that waits looks whether it was cancelled. */
  private static final int POLL_MILLIS = 100;

  private final WeightSource base;
  private final Role role;
  private final SwitchedWeights weights;
  private final C component;
  private final ResidentPart<C> part;
  private final Deque<Object> waiting = new ArrayDeque<>();
  private @Nullable LoraSet held;
  private final List<Thread> users = new ArrayList<>();

  private AdaptedPart(
      WeightSource base, Role role, Function<WeightSource, C> create, Closing resources) {
    this.base = base;
    this.role = role;
    this.weights = new SwitchedWeights(unchanged());
    this.component = resources.add(create.apply(weights));
    this.part = new ResidentPart<>(component, resources);
  }

  /**
   * Makes a component.
   *
   * @param base its weights, without changes
   * @param role which of the base's components it is
   * @param create makes it of weights that change
   * @param resources what is closed with this
   */
  static <C extends Component> AdaptedPart<C> of(
      WeightSource base, Role role, Function<WeightSource, C> create, Closing resources) {
    return new AdaptedPart<>(base, role, create, resources);
  }

  private AdaptedWeights unchanged() {
    return new AdaptedWeights(base, role, List.of());
  }

  ResidentPart<C> part() {
    return part;
  }

  /**
   * Waits until the weights can be changed as wanted, and changes them, for as long as the lease is
   * open.
   *
   * @param wanted the changes
   * @param cancellation ends the waiting
   */
  synchronized Lease adapt(LoraSet wanted, Cancellation cancellation) {
    AdaptedWeights next = wanted.adapt(base, role);
    Thread me = Thread.currentThread();
    if (users.contains(me)) {
      requireSame(next);
    } else {
      await(next, cancellation);
      change(next, wanted);
    }
    users.add(me);
    return new Lease(this, me);
  }

  /** A listener that generates inside its own generation would wait for itself. */
  private void requireSame(AdaptedWeights next) {
    if (!differing(next).isEmpty()) {
      throw new InvalidRequestException(
          "A generation inside another's listener has other LoRAs than that; expected the same, or a thread of its own.");
    }
  }

  private synchronized void await(AdaptedWeights next, Cancellation cancellation) {
    Object ticket = new Object();
    waiting.add(ticket);
    try {
      while (waiting.peek() != ticket || (!users.isEmpty() && !differing(next).isEmpty())) {
        cancellation.check();
        wait(POLL_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      cancellation.check();
    } finally {
      waiting.remove(ticket);
      notifyAll();
    }
  }

  private Set<String> differing(AdaptedWeights next) {
    return weights.now().differing(next);
  }

  private void change(AdaptedWeights next, LoraSet wanted) {
    Set<String> differing = differing(next);
    if (differing.isEmpty()) {
      return;
    }
    // the files stay open until the changes go, since the weights may have to be read again
    LoraSet files = wanted.again();
    Optional<LoraSet> before = Optional.ofNullable(held);
    weights.set(next);
    held = files;
    try {
      component.reload(differing);
    } catch (RuntimeException | Error e) {
      // what is in memory is neither the one nor the other
      Closing.closeAfter(e, component::release);
      weights.set(unchanged());
      held = null;
      Closing.closeAfter(e, files);
      throw e;
    } finally {
      before.ifPresent(LoraSet::close);
    }
  }

  private synchronized void done(Thread user) {
    users.remove(user);
    notifyAll();
  }

  @Override
  public synchronized void close() {
    try (Closing all = new Closing()) {
      if (held != null) {
        all.add(held);
        held = null;
      }
      all.add(part);
    }
  }

  /** One user of the weights as they are. */
  static final class Lease implements AutoCloseable {
    private final AdaptedPart<?> part;
    private final Thread user;
    private boolean closed;

    private Lease(AdaptedPart<?> part, Thread user) {
      this.part = part;
      this.user = user;
    }

    @Override
    public void close() {
      synchronized (this) {
        if (closed) {
          return;
        }
        closed = true;
      }
      part.done(user);
    }
  }
}
