package io.github.controlnet.core.torch.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.github.controlnet.core.torch.Processor;
import io.github.controlnet.engine.Conditioning;
import io.github.controlnet.engine.ControlNetwork;
import io.github.controlnet.engine.ControlResiduals;
import io.github.controlnet.engine.ControlSignal;
import io.github.controlnet.engine.Denoiser;
import io.github.controlnet.engine.Device;
import io.github.controlnet.engine.EncodedText;
import io.github.controlnet.engine.EngineOptions;
import io.github.controlnet.engine.LatentShape;
import io.github.controlnet.engine.Precision;
import io.github.controlnet.engine.TextBatch;
import io.github.controlnet.engine.UNetSpec;
import io.github.controlnet.engine.WeightSource;
import io.github.controlnet.exception.EngineException;
import io.github.controlnet.exception.InvalidRequestException;
import io.github.controlnet.exception.WeightsException;
import io.github.controlnet.spi.EngineProvider;
import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the engine promises besides its numbers. */
class PyTorchEngineTest {
  private static final String SIZE = "8x8";

  private final ReferenceCase reference = new ReferenceCase();

  private LatentShape shape() {
    return reference.shape("unet." + SIZE + ".latents");
  }

  private float[] latents() {
    return reference.get("unet." + SIZE + ".latents");
  }

  /** One controlled step and a decoded picture. */
  private float[] generate(TinyModel model) {
    EncodedText text = model.textEncoder().encode(reference.tokens());
    Conditioning branches = Conditioning.of(text, List.of(List.of(1, 1), List.of(0, 2)));
    try (Denoiser.Run run = model.denoiser().start(shape(), branches);
        ControlNetwork.Run control =
            model
                .controlNetwork()
                .start(shape(), branches, List.of(0, 1), reference.hint(SIZE, 0));
        ControlResiduals residuals = control.residuals(latents(), 500)) {
      List<Double> ones = Collections.nCopies(model.sites().size(), 1.0);
      float[] prediction =
          run.predict(latents(), 500, List.of(new ControlSignal(residuals, List.of(ones, ones))));
      return ReferenceCase.join(prediction, model.autoencoder().decode(latents(), shape()));
    }
  }

  @Test
  void isFoundAndNamesItsVersions() throws ReflectiveOperationException {
    List<String> names =
        ServiceLoader.load(EngineProvider.class).stream()
            .map(provider -> provider.get().name())
            .toList();
    assertThat(names).contains("pytorch");
    try (TinyModel model = new TinyModel()) {
      assertThat(model.engine().versions()).containsKeys("PyTorch", "DJL");
      assertThat(model.engine().versions().get("PyTorch")).startsWith("2.7");
      assertThat(model.engine().precision()).isEqualTo(Precision.FLOAT32);
    }
    // DJL has not reported its start, and nothing of how that was done is left.
    Field reported = Class.forName("ai.djl.util.Ec2Utils").getDeclaredField("lastCheckIn");
    reported.setAccessible(true);
    assertThat(reported.getLong(null)).isZero();
    assertThat(System.getProperty("OPT_OUT_TRACKING")).isNull();
  }

  @Test
  void nothingIsLeftAfterLoadingAndReleasingManyTimes() throws IOException {
    Path status = Path.of("/proc/self/status");
    assumeTrue(Files.exists(status));
    try (TinyModel model = new TinyModel()) {
      PyTorchEngine engine = (PyTorchEngine) model.engine();
      float[] first = new float[0];
      long before = 0;
      for (int cycle = 0; cycle < 50; cycle++) {
        model.textEncoder().load();
        model.denoiser().load();
        model.controlNetwork().load();
        model.autoencoder().load();
        float[] now = generate(model);
        model.textEncoder().release();
        model.denoiser().release();
        model.controlNetwork().release();
        model.autoencoder().release();
        assertThat(engine.manager().getManagedArrays()).isEmpty();
        if (cycle == 0) {
          first = now;
        } else {
          assertThat(now).isEqualTo(first);
        }
        if (cycle == 14) {
          before = residentBytes(status);
        }
      }
      // the weights alone are 4.6 MB a cycle: 160 MB if they stayed
      assertThat(residentBytes(status) - before).isLessThan(60_000_000);
    }
  }

  private static long residentBytes(Path status) throws IOException {
    System.gc();
    for (String line : Files.readAllLines(status)) {
      if (line.startsWith("VmRSS:")) {
        return 1024 * Long.parseLong(line.replaceAll("\\D", ""));
      }
    }
    throw new IOException("no VmRSS");
  }

  @ParameterizedTest
  @EnumSource(
      value = Precision.class,
      names = {"BFLOAT16", "FLOAT16"})
  void halfPrecisionIsClose(Precision precision) {
    try (TinyModel exact = new TinyModel();
        TinyModel rounded = new TinyModel(precision)) {
      assertThat(rounded.engine().precision()).isEqualTo(precision);
      float[] expected = generate(exact.loaded());
      assertThat(ReferenceCase.error(generate(rounded.loaded()), expected))
          .isLessThan(3e-2)
          .isGreaterThan(1e-5);
    }
  }

  @Test
  void automaticPrecisionIsResolved() {
    try (TinyModel model = new TinyModel(Precision.AUTO)) {
      assertThat(model.engine().precision())
          .isEqualTo(Processor.hasBfloat16() ? Precision.BFLOAT16 : Precision.FLOAT32);
    }
  }

  @Test
  void missingDeviceIsNamedWithWhatIsThere() {
    EngineProvider provider = new PyTorchEngineProvider();
    assertThatThrownBy(
            () -> provider.open(new EngineOptions(Device.cuda(99), Precision.FLOAT32, 0)))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("cuda:99")
        .hasMessageContaining("available: cpu");
    assertThatThrownBy(
            () -> provider.open(new EngineOptions(new Device("tpu", 0), Precision.FLOAT32, 0)))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("tpu:0");
    assertThatThrownBy(() -> provider.open(new EngineOptions(Device.CPU, Precision.FLOAT32, -1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("-1");
  }

  @Test
  void mistakesAreNamedAndLeaveTheEngineUsable() {
    try (TinyModel model = new TinyModel()) {
      assertThatThrownBy(() -> generate(model))
          .isInstanceOf(EngineException.class)
          .hasMessageContaining("load()");
      float[] expected = generate(model.loaded());

      assertThatThrownBy(
              () ->
                  model.textEncoder().encode(new int[][] {{model.textEncoderSpec().vocabulary()}}))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("vocabulary");
      assertThatThrownBy(() -> model.textEncoder().encode(new int[][] {{1, 2}, {1}}))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> model.autoencoder().decode(new float[3], shape()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("3 values");
      PyTorchEngine engine = (PyTorchEngine) model.engine();
      assertThatThrownBy(
              () ->
                  engine
                      .thread()
                      .call(() -> engine.manager().create(new Shape(1L << 45), DataType.FLOAT32)))
          .isInstanceOf(EngineException.class)
          .hasMessageContaining("not enough memory")
          .hasMessageContaining("OffloadPolicy.MODEL");
      EncodedText states = model.textEncoder().encode(reference.tokens());
      Conditioning branch = Conditioning.of(states, List.of(List.of(0, 1)));
      assertThatThrownBy(
              () -> model.denoiser().start(shape(), Conditioning.of(states, List.of(List.of(0)))))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("1 texts for 2 images");
      EncodedText narrow = EncodedText.of(1, 3, 2, new float[6]);
      assertThatThrownBy(
              () ->
                  model.denoiser().start(shape(), Conditioning.of(narrow, List.of(List.of(0, 0)))))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("2 wide");
      TextBatch nowhere =
          TextBatch.of(reference.tokens())
              .withReplacements(
                  List.of(new TextBatch.Replacement(9, 0, new float[states.width()])));
      assertThatThrownBy(() -> model.textEncoder().encode(nowhere))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("text 9");
      assertThatThrownBy(
              () ->
                  model
                      .controlNetwork()
                      .start(shape(), branch, List.of(0), reference.hint("5x7", 0)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("[3, 64, 64]");
      Denoiser.Run run = model.denoiser().start(shape(), branch);
      assertThatThrownBy(() -> run.predict(latents(), Double.NaN, List.of()))
          .isInstanceOf(IllegalArgumentException.class);
      run.close();
      run.close();
      assertThatThrownBy(() -> run.predict(latents(), 1, List.of()))
          .isInstanceOf(EngineException.class)
          .hasMessageContaining("closed");

      assertThat(generate(model)).isEqualTo(expected);
      model.denoiser().close();
      assertThatThrownBy(() -> model.denoiser().load())
          .isInstanceOf(EngineException.class)
          .hasMessageContaining("closed");
    }
  }

  @Test
  void closedEngineSaysSo() {
    TinyModel model = new TinyModel();
    model.close();
    model.close();
    assertThatThrownBy(() -> model.denoiser().load())
        .isInstanceOf(EngineException.class)
        .hasMessageContaining("engine is closed");
  }

  @Test
  void weightsThatDoNotFitAreNamed() {
    try (TinyModel model = new TinyModel()) {
      WeightSource good = model.base().unetWeights();
      UNetSpec sizes = model.base().unet();
      Denoiser incomplete = model.engine().denoiser(sizes, without(good, "conv_in.weight"));
      assertThatThrownBy(incomplete::load)
          .isInstanceOf(WeightsException.class)
          .hasMessageContaining("conv_in.weight");
      assertThat(incomplete.isResident()).isFalse();
      incomplete.close();
      UNetSpec other =
          new UNetSpec(
              9,
              4,
              sizes.levels(),
              sizes.residualBlocks(),
              sizes.middleDepth(),
              sizes.middleHeads(),
              sizes.contextWidth(),
              sizes.timeWidth(),
              sizes.groups(),
              sizes.normEpsilon(),
              sizes.linearProjection());
      Denoiser wrong = model.engine().denoiser(other, good);
      assertThatThrownBy(wrong::load)
          .isInstanceOf(WeightsException.class)
          .hasMessageContaining("conv_in.weight")
          .hasMessageContaining("[16, 9, 3, 3]");
      wrong.close();
      Denoiser broken = model.engine().denoiser(sizes, failing(good));
      assertThatThrownBy(broken::load)
          .isInstanceOf(WeightsException.class)
          .hasMessage("the disk is gone");
      assertThat(broken.isResident()).isFalse();
      broken.close();
    }
  }

  private static WeightSource without(WeightSource source, String name) {
    Map<String, WeightSource.TensorInfo> fewer = new HashMap<>(source.tensors());
    fewer.remove(name);
    return new WeightSource() {
      @Override
      public Map<String, TensorInfo> tensors() {
        return fewer;
      }

      @Override
      public void read(String tensor, long byteOffset, ByteBuffer destination) {
        source.read(tensor, byteOffset, destination);
      }
    };
  }

  private static WeightSource failing(WeightSource source) {
    return new WeightSource() {
      @Override
      public Map<String, TensorInfo> tensors() {
        return source.tensors();
      }

      @Override
      public void read(String tensor, long byteOffset, ByteBuffer destination) {
        throw new WeightsException("the disk is gone");
      }
    };
  }
}
