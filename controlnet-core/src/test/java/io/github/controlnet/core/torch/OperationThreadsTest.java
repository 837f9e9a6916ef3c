package io.github.controlnet.core.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.pytorch.jni.JniUtils;
import io.github.controlnet.engine.Device;
import io.github.controlnet.engine.EngineOptions;
import io.github.controlnet.engine.EngineSession;
import io.github.controlnet.engine.Precision;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Threads of operations are each caller's own choice, and nobody else's. */
class OperationThreadsTest {
  private static TensorRuntime runtime;
  private static int usual;

  @BeforeAll
  static void open() throws Exception {
    runtime = TensorRuntime.open(new EngineOptions(Device.CPU, Precision.FLOAT32, 0));
    usual = onNewThread();
  }

  @AfterAll
  static void close() {
    runtime.close();
  }

  /** What a thread of the host application gets. */
  private static int onNewThread() throws Exception {
    CompletableFuture<Integer> answer = new CompletableFuture<>();
    Thread thread = new Thread(() -> answer.complete(JniUtils.getNumThreads()));
    thread.start();
    return answer.get();
  }

  private static int used() {
    return runtime.thread().call(JniUtils::getNumThreads);
  }

  @Test
  void sessionsDoNotMeetNorReachTheHost() throws Exception {
    try (EngineSession three = runtime.session(3, Duration.ZERO);
        EngineSession five = runtime.session(5, Duration.ZERO);
        EngineSession all = runtime.session(0, Duration.ZERO)) {
      assertThat(three.<Integer>call(OperationThreadsTest::used)).isEqualTo(3);
      assertThat(five.<Integer>call(OperationThreadsTest::used)).isEqualTo(5);
      assertThat(onNewThread()).isEqualTo(usual);
      assertThat(all.<Integer>call(OperationThreadsTest::used)).isEqualTo(usual);
      assertThat(three.<Integer>call(() -> five.call(() -> 0) + used())).isEqualTo(3);
    }
    assertThat(used()).isEqualTo(usual);
    assertThat(onNewThread()).isEqualTo(usual);
  }

  @Test
  void fewerThanNoneAreRefused() {
    assertThatThrownBy(() -> runtime.session(-1, Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("threads is -1");
  }
}
