package io.github.controlnet.tck.gaussian;

import io.github.controlnet.engine.Component;
import io.github.controlnet.tck.gaussian.GaussianEngine.Probe;

/** A component that has no weights but keeps the books as if it had. */
abstract class GaussianComponent implements Component {
  private final String network;
  private final Probe probe;
  private boolean resident;

  GaussianComponent(String network, Probe probe) {
    this.network = network;
    this.probe = probe;
  }

  @Override
  public synchronized void load() {
    setResident(true);
  }

  @Override
  public synchronized void release() {
    setResident(false);
  }

  private void setResident(boolean now) {
    if (resident != now) {
      resident = now;
      probe.residency(network, now);
    }
  }

  @Override
  public synchronized boolean isResident() {
    return resident;
  }

  @Override
  public void close() {
    release();
  }

  /** Every network call starts here. */
  final void run() {
    if (!isResident()) {
      throw new IllegalStateException("the weights of the " + network + " are not loaded");
    }
    probe.running(network);
  }

  /** Something that the pipeline must close. */
  abstract static class Handle implements AutoCloseable {
    private final Probe probe;
    private boolean closed;

    Handle(Probe probe) {
      this.probe = probe;
      probe.opened(this);
    }

    @Override
    public final synchronized void close() {
      if (!closed) {
        closed = true;
        probe.closed(this);
      }
    }
  }
}
