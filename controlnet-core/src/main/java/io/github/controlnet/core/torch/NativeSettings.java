package io.github.controlnet.core.torch;

import com.sun.jna.NativeLibrary;
import com.sun.jna.Platform;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What PyTorch's library is told before it is loaded, and what the C library does for it. */
final class NativeSettings {
  private static final Logger LOG = LoggerFactory.getLogger(NativeSettings.class);

  private NativeSettings() {}

  /** Sets what PyTorch's library reads when it is loaded. Values that are there stay. */
  static void beforeLoading() {
    // Fresh large tensors cost far fewer page faults on huge pages.
    setUnlessThere("THP_MEM_ALLOC_ENABLE", "1");
    // Threads that spin for long while they wait for each other take the processor away from the
    // one they wait for as soon as anything else runs on the machine: small networks then get 20
    // times slower. Threads that sleep at once are woken for every operator, which made training
    // steps of a tiny network twice as long. So they spin for less than a millisecond.
    setUnlessThere("OMP_WAIT_POLICY", "PASSIVE");
    setUnlessThere("GOMP_SPINCOUNT", "20000");
  }

  private static void setUnlessThere(String variable, String value) {
    int keep = 0;
    call("setenv", variable, value, keep);
  }

  /** Gives what was freed back to the system; glibc keeps it otherwise. */
  static void trim() {
    call("malloc_trim", 0L);
  }

  private static void call(String function, Object... arguments) {
    if (!Platform.isLinux()) {
      return;
    }
    try {
      NativeLibrary.getInstance("c").getFunction(function).invokeInt(arguments);
    } catch (LinkageError e) {
      LOG.debug("{} is not there; going on without", function, e);
    }
  }
}
