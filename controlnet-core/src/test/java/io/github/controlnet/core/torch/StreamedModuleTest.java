package io.github.controlnet.core.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.controlnet.core.nn.Graph;
import io.github.controlnet.core.nn.Linear;
import io.github.controlnet.core.nn.Method;
import io.github.controlnet.core.nn.Scope;
import io.github.controlnet.core.nn.Signature;
import io.github.controlnet.core.nn.Value;
import io.github.controlnet.engine.Device;
import io.github.controlnet.engine.EngineOptions;
import io.github.controlnet.engine.Precision;
import io.github.controlnet.engine.WeightSource;
import io.github.controlnet.exception.WeightsException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** A network that is divided holds one segment's weights at a time and computes the same. */
class StreamedModuleTest {
  private static final int WIDTH = 8;
  private static final int LAYERS = 5;

  private static final Signature RUN =
      Signature.of("run", Signature.tensor("x"), Signature.real("factor"));

  private static final TensorRuntime STREAMING = runtime(true);
  private static final TensorRuntime KEEPING = runtime(false);

  /** Layers of constants, each its number; reading one can be made to fail. */
  private static final class Layers implements WeightSource {
    private final Map<String, TensorInfo> tensors = new ConcurrentHashMap<>();
    private final List<String> read = new ArrayList<>();
    private volatile String broken = "";

    Layers() {
      for (int i = 0; i < LAYERS; i++) {
        tensors.put(
            "layer." + i + ".weight",
            new TensorInfo(DType.F32, List.of((long) WIDTH, (long) WIDTH)));
        tensors.put("layer." + i + ".bias", new TensorInfo(DType.F32, List.of((long) WIDTH)));
      }
    }

    @Override
    public Map<String, TensorInfo> tensors() {
      return tensors;
    }

    @Override
    public void read(String name, long byteOffset, ByteBuffer destination) {
      if (name.equals(broken)) {
        throw new WeightsException(name + " cannot be read");
      }
      synchronized (read) {
        read.add(name);
      }
      while (destination.hasRemaining()) {
        destination.putFloat((name.charAt(6) - '0' + 1) / 8f);
      }
    }
  }

  private static TensorRuntime runtime(boolean streaming) {
    return TensorRuntime.open(new EngineOptions(Device.CPU, Precision.FLOAT32, 1, streaming));
  }

  @AfterAll
  static void close() {
    STREAMING.close();
    KEEPING.close();
  }

  /** Layers with a cut after each; the first result is needed again at the very end. */
  private static ScriptSource script(TensorRuntime runtime) {
    Graph graph = new Graph();
    Scope layer = graph.scope().at("layer");
    Method method = graph.method(RUN);
    Value first = Linear.of(layer.at(0), WIDTH, WIDTH).apply(method.input("x"));
    Value h = first;
    for (int i = 1; i < LAYERS; i++) {
      method.cut();
      h = Linear.of(layer.at(i), WIDTH, WIDTH).apply(h);
    }
    method.result(h.times(method.input("factor")).plus(first));
    Method once = graph.method(Signature.of("first", Signature.tensor("x")));
    once.result(Linear.withoutBias(layer.at(0), WIDTH, WIDTH).apply(once.input("x")));
    return runtime.target().lower(graph);
  }

  private static float[] run(Network network) {
    return network.with(
        module -> {
          try (Arguments arguments = module.arguments(RUN)) {
            arguments.at("factor").real(0.5);
            return module.floats(
                arguments.at("x").floats(new float[] {1, 2, 3, 4, 5, 6, 7, 8}, 1, WIDTH));
          }
        });
  }

  private static Network network(TensorRuntime runtime, WeightSource weights) {
    Network network = new Network(runtime, "The network", weights, () -> script(runtime));
    network.load();
    return network;
  }

  @Test
  void eachSegmentNeedsItsOwnWeights() {
    assertThat(script(STREAMING).segments().get("run"))
        .extracting(ScriptSource.Segment::weights)
        .containsExactly(
            Set.of("layer.0.weight", "layer.0.bias"),
            Set.of("layer.1.weight", "layer.1.bias"),
            Set.of("layer.2.weight", "layer.2.bias"),
            Set.of("layer.3.weight", "layer.3.bias"),
            Set.of("layer.4.weight", "layer.4.bias"));
    assertThat(script(STREAMING).segments().get("first"))
        .extracting(ScriptSource.Segment::weights)
        .containsExactly(Set.of("layer.0.weight"));
    assertThat(script(KEEPING).segments()).isEmpty();
  }

  @Test
  void computesTheSameAndReadsAtEachCall() {
    Layers layers = new Layers();
    try (Network whole = network(KEEPING, new Layers());
        Network streamed = network(STREAMING, layers)) {
      assertThat(layers.read).isEmpty();
      float[] expected = run(whole);
      assertThat(run(streamed)).isEqualTo(expected);
      assertThat(layers.read).hasSize(2 * LAYERS);
      assertThat(run(streamed)).isEqualTo(expected);
      assertThat(layers.read).hasSize(4 * LAYERS);
      assertThat(streamed.isResident()).isTrue();
    }
  }

  @Test
  void afterAFailureItGoesOn() {
    Layers layers = new Layers();
    try (Network streamed = network(STREAMING, layers)) {
      float[] expected = run(streamed);
      layers.broken = "layer.3.weight";
      assertThatExceptionOfType(WeightsException.class)
          .isThrownBy(() -> run(streamed))
          .withMessageContaining("layer.3.weight");
      layers.broken = "";
      assertThat(run(streamed)).isEqualTo(expected);
    }
  }
}
