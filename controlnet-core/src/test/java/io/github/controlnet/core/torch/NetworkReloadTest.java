package io.github.controlnet.core.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.controlnet.core.nn.Conv;
import io.github.controlnet.core.nn.Convolution;
import io.github.controlnet.core.nn.Geglu;
import io.github.controlnet.core.nn.Graph;
import io.github.controlnet.core.nn.Method;
import io.github.controlnet.core.nn.Operand.Symbol;
import io.github.controlnet.core.nn.Signature;
import io.github.controlnet.core.nn.Value;
import io.github.controlnet.engine.Device;
import io.github.controlnet.engine.EngineOptions;
import io.github.controlnet.engine.Precision;
import io.github.controlnet.engine.WeightSource;
import io.github.controlnet.exception.EngineException;
import io.github.controlnet.exception.WeightsException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Weights that are read again act, and those that are as before give the same bits. */
class NetworkReloadTest {
  private static final Signature RUN = Signature.of("run", Signature.tensor("x"));

  /** One that Winograd takes, one that oneDNN packs, one of single pixels. */
  private static final List<Convolution> LAYERS =
      List.of(Convolution.of(128, 128, 3), Convolution.of(128, 640, 3), Convolution.of(640, 8, 1));

  /** Random weights; a factor for each, which may change. */
  private static final class Source implements WeightSource {
    private final Map<String, TensorInfo> tensors = new LinkedHashMap<>();
    private final Map<String, Float> factors = new ConcurrentHashMap<>();
    private final Map<String, AtomicInteger> reads = new ConcurrentHashMap<>();
    private volatile boolean broken;

    Source(Graph graph) {
      graph.shapes().forEach((name, shape) -> tensors.put(name, new TensorInfo(DType.F32, shape)));
    }

    @Override
    public Map<String, TensorInfo> tensors() {
      return tensors;
    }

    @Override
    public void read(String name, long byteOffset, ByteBuffer destination) {
      if (broken) {
        throw new WeightsException("broken");
      }
      reads.computeIfAbsent(name, key -> new AtomicInteger()).incrementAndGet();
      float factor = factors.getOrDefault(name, 1f) * 0x1p-27f;
      long index = byteOffset / Float.BYTES;
      while (destination.hasRemaining()) {
        long mixed = (index++ + name.hashCode()) * 0x9e3779b97f4a7c15L;
        destination.putFloat((mixed >> 40) * factor);
      }
    }
  }

  private static Graph graph() {
    Graph graph = new Graph();
    Method run = graph.method(RUN);
    Value x = run.input("x", -1, 128, -1, -1).image();
    for (int i = 0; i < LAYERS.size(); i++) {
      x = Conv.of(graph.scope().at(i), LAYERS.get(i)).apply(x);
    }
    run.result(Geglu.of(graph.scope().at("gate"), 8, 16).apply(x.toSequence(8)).to(Symbol.FLOAT32));
    return graph;
  }

  private static float[] run(Network network) {
    float[] x = new float[128 * 8 * 8];
    for (int i = 0; i < x.length; i++) {
      x[i] = i % 13 - 6;
    }
    return network.with(
        module -> {
          try (Arguments arguments = module.arguments(RUN)) {
            return module.floats(arguments.at("x").floats(x, 1, 128, 8, 8));
          }
        });
  }

  private static TensorRuntime runtime(Precision precision) {
    return TensorRuntime.open(new EngineOptions(Device.CPU, precision, 1, false));
  }

  @ParameterizedTest
  @EnumSource(
      value = Precision.class,
      names = {"FLOAT32", "BFLOAT16"})
  void eachWeightIsReadAgainAloneAndActs(Precision precision) {
    Graph graph = graph();
    Source source = new Source(graph);
    try (TensorRuntime runtime = runtime(precision);
        Network network = new Network(runtime, "It", source, () -> runtime.target().lower(graph))) {
      network.reload(Set.of("0.weight")); // nothing is there yet
      assertThat(source.reads).isEmpty();
      network.load();
      float[] before = run(network);
      for (String name : graph.shapes().keySet()) {
        source.reads.clear();
        source.factors.put(name, -1f);
        network.reload(Set.of(name, "a weight that the network has not"));
        assertThat(source.reads.keySet()).containsExactly(name);
        assertThat(run(network)).as(name).isNotEqualTo(before);
        source.factors.clear();
        network.reload(Set.of(name));
        assertThat(run(network)).as(name).isEqualTo(before);
      }
    }
  }

  @Test
  void aHundredReloadsKeepNoMemory() throws IOException {
    Path statistics = Path.of("/proc/self/statm");
    assumeTrue(Files.isReadable(statistics));
    Graph graph = graph();
    Source source = new Source(graph);
    try (TensorRuntime runtime = runtime(Precision.FLOAT32);
        Network network = new Network(runtime, "It", source, () -> runtime.target().lower(graph))) {
      network.load();
      long before = 0;
      for (int i = 0; i < 110; i++) {
        if (i == 10) {
          before = resident(statistics);
        }
        network.reload(graph.shapes().keySet());
      }
      // they would be 370 MB
      assertThat(resident(statistics) - before).isLessThan(80L << 20);
    }
  }

  private static long resident(Path statistics) throws IOException {
    return 4096 * Long.parseLong(Files.readString(statistics).split(" ", -1)[1]);
  }

  @Test
  void afterAFailureNothingIsThereUntilItIsLoaded() {
    Graph graph = graph();
    Source source = new Source(graph);
    try (TensorRuntime runtime = runtime(Precision.FLOAT32);
        Network network = new Network(runtime, "It", source, () -> runtime.target().lower(graph))) {
      network.load();
      float[] before = run(network);
      source.broken = true;
      assertThatThrownBy(() -> network.reload(Set.of("1.weight", "2.bias")))
          .isInstanceOf(WeightsException.class);
      assertThat(network.isResident()).isFalse();
      assertThatThrownBy(() -> run(network)).isInstanceOf(EngineException.class);
      source.broken = false;
      network.load();
      assertThat(run(network)).isEqualTo(before);
    }
  }
}
