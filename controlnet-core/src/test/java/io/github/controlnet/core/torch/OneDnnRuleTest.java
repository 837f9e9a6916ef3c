package io.github.controlnet.core.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.controlnet.core.fixtures.Fixtures;
import io.github.controlnet.core.nn.Activation;
import io.github.controlnet.core.nn.Conv;
import io.github.controlnet.core.nn.ConvTransposed;
import io.github.controlnet.core.nn.Convolution;
import io.github.controlnet.core.nn.Geglu;
import io.github.controlnet.core.nn.Graph;
import io.github.controlnet.core.nn.Linear;
import io.github.controlnet.core.nn.Method;
import io.github.controlnet.core.nn.Scope;
import io.github.controlnet.core.nn.Signature;
import io.github.controlnet.core.nn.Type;
import io.github.controlnet.core.nn.Value;
import io.github.controlnet.engine.Device;
import io.github.controlnet.engine.EngineOptions;
import io.github.controlnet.engine.Precision;
import io.github.controlnet.engine.WeightSource;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.BiFunction;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The fast operators compute what PyTorch's own compute. */
class OneDnnRuleTest {
  private static final double SAME = 1e-5;

  private static final Signature RUN =
      Signature.of("run", Signature.tensor("x")).returning(Type.TENSORS);

  private static final List<Activation> ACTIVATIONS =
      List.of(
          Activation.NONE,
          Activation.RELU,
          Activation.RELU6,
          Activation.SILU,
          Activation.leakyRelu(0.2));

  private static final Map<Precision, TensorRuntime> RUNTIMES = new LinkedHashMap<>();

  @BeforeAll
  static void open() {
    for (Precision precision : List.of(Precision.FLOAT32, Precision.BFLOAT16)) {
      RUNTIMES.put(precision, TensorRuntime.open(new EngineOptions(Device.CPU, precision, 1)));
    }
  }

  @AfterAll
  static void close() {
    RUNTIMES.values().forEach(TensorRuntime::close);
  }

  /** Weights from a seed and their names, in a type of a file. */
  private record RandomWeights(Map<String, TensorInfo> tensors) implements WeightSource {
    static RandomWeights of(DType dtype, Map<String, List<Long>> shapes) {
      Map<String, TensorInfo> tensors = new LinkedHashMap<>();
      shapes.forEach((name, shape) -> tensors.put(name, new TensorInfo(dtype, shape)));
      return new RandomWeights(tensors);
    }

    @Override
    public void read(String name, long byteOffset, ByteBuffer destination) {
      TensorInfo info = tensors.get(name);
      Random random = new Random(name.hashCode());
      // values that bfloat16 and float16 hold exactly
      for (long at = 0; destination.hasRemaining(); at += info.dtype().bytes()) {
        float value = (random.nextInt(255) - 127) / 256f;
        if (at < byteOffset) {
          continue;
        }
        switch (info.dtype()) {
          case F32 -> destination.putFloat(value);
          case F64 -> destination.putDouble(value);
          case BF16 -> destination.putShort((short) (Float.floatToIntBits(value) >> 16));
          default -> throw new IllegalArgumentException(info.toString());
        }
      }
    }
  }

  private static float[] random(int length) {
    Random random = new Random(3);
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = (random.nextInt(255) - 127) / 128f;
    }
    return values;
  }

  /** Runs a network of one expression on random values. */
  private static FloatTensor run(
      Precision precision,
      boolean packed,
      WeightSource.DType dtype,
      BiFunction<Scope, Value, Value> body,
      long... shape) {
    TensorRuntime runtime = RUNTIMES.get(precision);
    Target target =
        packed
            ? Target.oneDnn(runtime.numberType())
            : Target.aten(runtime.numberType(), runtime.deviceName());
    Graph graph = new Graph();
    Method method = graph.method(RUN);
    Value x = method.input("x", shape);
    x = shape.length == 4 ? x.image() : x.toDevice();
    method.results(List.of(body.apply(graph.scope(), x).export()));
    ScriptSource source = target.lower(graph);
    RandomWeights weights = RandomWeights.of(dtype, source.weights());
    int length = 1;
    for (long side : shape) {
      length = Math.multiplyExact(length, Math.toIntExact(side));
    }
    float[] values = random(length);
    try (Network network = new Network(runtime, "The network", weights, () -> source)) {
      network.load();
      return network.with(
          module -> {
            try (Arguments arguments = module.arguments(RUN)) {
              return module.arrays(arguments.at("x").floats(values, shape)).get(0);
            }
          });
    }
  }

  private static double difference(
      Precision precision,
      WeightSource.DType dtype,
      BiFunction<Scope, Value, Value> body,
      long... shape) {
    assumeTrue(RUNTIMES.get(precision).target().rules().size() > 1);
    FloatTensor fast = run(precision, true, dtype, body, shape);
    FloatTensor plain = run(Precision.FLOAT32, false, dtype, body, shape);
    assertThat(fast.shape()).isEqualTo(plain.shape());
    return Fixtures.relativeError(fast.values(), plain.values());
  }

  @ParameterizedTest(name = "{0} images of {3} x {4}, {1} to {2} channels, padding {5}")
  @CsvSource({
    "1, 256, 256, 4, 4, 1", "1, 256, 256, 1, 1, 1", "2, 256, 272, 9, 7, 1",
    "3, 272, 256, 16, 20, 1", "1, 256, 256, 50, 46, 1", "5, 256, 256, 30, 21, 1",
    "2, 704, 640, 8, 8, 1", "2, 704, 640, 47, 50, 1", "1, 256, 256, 3, 3, 0",
    "2, 256, 272, 10, 7, 0", "1, 256, 256, 66, 50, 0"
  })
  void winogradIsTheConvolution(int images, int in, int out, int rows, int columns, int padding) {
    Convolution convolution = Convolution.of(in, out, 3).padding(padding);
    assertThat(WinogradRule.pays(convolution)).isTrue();
    assertThat(
            difference(
                Precision.FLOAT32,
                WeightSource.DType.F32,
                (scope, x) -> Conv.of(scope.at("c"), convolution).apply(x),
                images,
                in,
                rows,
                columns))
        .isLessThan(SAME);
  }

  @ParameterizedTest(name = "{2} x {2}, stride {3}, padding {4}, dilation {5}, {6} groups")
  @CsvSource({
    "3, 20, 3, 1, 1, 1, 1",
    "20, 7, 3, 2, 1, 1, 1",
    "17, 33, 1, 1, 0, 1, 1",
    "8, 8, 3, 2, 0, 1, 1",
    "24, 24, 3, 1, 5, 5, 1",
    "32, 64, 3, 2, 1, 1, 8",
    "48, 48, 5, 1, 2, 1, 48",
    "64, 1, 7, 1, 0, 1, 1",
    "4, 1, 13, 1, 0, 1, 1",
    "36, 18, 3, 1, 2, 2, 3"
  })
  void packedConvolutionsAreTheConvolution(
      int in, int out, int side, int stride, int padding, int dilation, int groups) {
    Convolution convolution =
        new Convolution(in, out, side, stride, padding, dilation, groups, stride == 1);
    for (Activation activation : ACTIVATIONS) {
      assertThat(
              difference(
                  Precision.FLOAT32,
                  WeightSource.DType.F32,
                  (scope, x) -> Conv.of(scope.at("c"), convolution).apply(x, activation),
                  2,
                  in,
                  15,
                  13))
          .as(activation.toString())
          .isLessThan(SAME);
    }
  }

  @ParameterizedTest
  @CsvSource({"16, 1", "24, 8", "256, 1"})
  void convolutionsThatAreAddedAreTheConvolution(int channels, int groups) {
    Convolution convolution = Convolution.of(channels, channels, 3).groups(groups);
    for (Activation activation : ACTIVATIONS) {
      assertThat(
              difference(
                  Precision.FLOAT32,
                  WeightSource.DType.F32,
                  (scope, x) ->
                      Conv.of(scope.at("c"), convolution).addTo(x.times(3.), x, activation),
                  1,
                  channels,
                  15,
                  13))
          .as(activation.toString())
          .isLessThan(SAME);
    }
  }

  @ParameterizedTest(name = "{2} x {2}, stride {3}, padding {4}, output padding {5}, {6} groups")
  @CsvSource({
    "3, 20, 3, 2, 1, 1, 1",
    "20, 8, 4, 4, 0, 0, 1",
    "32, 16, 4, 2, 1, 0, 4",
    "32, 1, 4, 2, 1, 0, 1",
    "16, 1, 3, 2, 1, 1, 1",
    "8, 1, 2, 2, 0, 0, 1"
  })
  void packedTransposedConvolutionsAreTheConvolution(
      int in, int out, int side, int stride, int padding, int extra, int groups) {
    Convolution convolution =
        new Convolution(in, out, side, stride, padding, 1, groups, groups == 1);
    for (Activation activation : ACTIVATIONS) {
      assertThat(
              difference(
                  Precision.FLOAT32,
                  WeightSource.DType.F32,
                  (scope, x) ->
                      ConvTransposed.of(scope.at("c"), convolution, extra).apply(x, activation),
                  2,
                  in,
                  9,
                  7))
          .as(activation.toString())
          .isLessThan(SAME);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = WeightSource.DType.class,
      names = {"F32", "F64", "BF16"})
  void linearLayersReadEveryTypeOfFile(WeightSource.DType dtype) {
    BiFunction<Scope, Value, Value> layers =
        (scope, x) ->
            Geglu.of(scope.at("g"), 31, 40).apply(Linear.of(scope.at("l"), 24, 31).apply(x));
    assertThat(difference(Precision.FLOAT32, dtype, layers, 2, 9, 24)).isLessThan(SAME);
    assertThat(difference(Precision.BFLOAT16, dtype, layers, 2, 9, 24)).isLessThan(2e-2);
  }

  @Test
  void attentionInBfloat16IsAsExactAsPyTorchs() {
    BiFunction<Scope, Value, Value> attention =
        (scope, x) -> x.heads(32, 2).attend(x.flip(1).heads(32, 2), x.times(0.5).heads(32, 2), 32);
    // more keys than the least for which it is used, and an incomplete last block of queries
    double fast = difference(Precision.BFLOAT16, WeightSource.DType.F32, attention, 2, 700, 32);
    FloatTensor fused =
        run(Precision.BFLOAT16, false, WeightSource.DType.F32, attention, 2, 700, 32);
    FloatTensor exact =
        run(Precision.FLOAT32, false, WeightSource.DType.F32, attention, 2, 700, 32);
    double known = Fixtures.relativeError(fused.values(), exact.values());
    assertThat(fast).isLessThan(Math.max(2 * known, 1e-2));
  }
}
