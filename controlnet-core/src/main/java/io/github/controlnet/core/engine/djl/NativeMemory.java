package io.github.controlnet.core.engine.djl;

import com.sun.jna.NativeLibrary;
import com.sun.jna.Platform;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the C library does for the memory of tensors, where there is such a C library. */
final class NativeMemory {
  private static final Logger LOG = LoggerFactory.getLogger(NativeMemory.class);

  private NativeMemory() {}

  /**
   * Lets PyTorch ask for huge pages: fresh large tensors then cost far fewer page faults. PyTorch
   * reads the variable when its library is loaded. A value that is there stays.
   */
  static void preferHugePages() {
    int keep = 0;
    call("setenv", "THP_MEM_ALLOC_ENABLE", "1", keep);
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
