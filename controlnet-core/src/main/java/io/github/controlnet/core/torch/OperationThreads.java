package io.github.controlnet.core.torch;

import ai.djl.pytorch.jni.JniUtils;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;

/**
 * How many threads an operation uses, on one thread alone. PyTorch's setter changes the calling
 * thread and besides what threads take that have not computed yet, those of the host application
 * too: that is put back at once.
 */
final class OperationThreads {
  /** What the process takes by itself. */
  static final int ALL = 0;

  private static final Object PROCESS = new Object();

  private int current = ALL;

  /** Changes the number for the calling thread, which is always the same one. */
  void use(int count) {
    if (count == current) {
      return;
    }
    synchronized (PROCESS) {
      // A thread takes the process's number at its first question, and would so lose its own.
      JniUtils.getNumThreads();
      int usual = elsewhere(JniUtils::getNumThreads);
      JniUtils.setNumThreads(count == ALL ? usual : count);
      elsewhere(Executors.callable(() -> JniUtils.setNumThreads(usual)));
    }
    current = count;
  }

  /** Runs something on a thread that has no number of its own yet. */
  private static <T> T elsewhere(Callable<T> task) {
    FutureTask<T> future = new FutureTask<>(task);
    Thread thread = new Thread(future, "controlnet-pytorch-threads");
    thread.setDaemon(true);
    thread.start();
    return Waiting.result(future);
  }
}
