package io.github.controlnet.core.torch.training;

import static io.github.controlnet.core.torch.engine.ReferenceCase.assertEqual;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.controlnet.core.fixtures.ReferenceTensors;
import io.github.controlnet.core.tensors.ScopedWeights;
import io.github.controlnet.core.torch.engine.TinyModel;
import io.github.controlnet.core.weights.BaseWeights;
import io.github.controlnet.core.weights.ControlWeights;
import io.github.controlnet.engine.AdamW;
import io.github.controlnet.engine.Device;
import io.github.controlnet.engine.EngineOptions;
import io.github.controlnet.engine.LatentShape;
import io.github.controlnet.engine.Precision;
import io.github.controlnet.engine.TrainableControl;
import io.github.controlnet.engine.TrainingBatch;
import io.github.controlnet.engine.TrainingEngine;
import io.github.controlnet.engine.TrainingSpec;
import io.github.controlnet.engine.WeightSource;
import io.github.controlnet.internal.lookup.Providers;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** The training step itself: what parity with the reference does not show. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TrainableControlTest {
  private static final AdamW ADAM = new AdamW(1e-3, 0.9, 0.999, 1e-2, 1e-8);
  private static final LatentShape SHAPE = new LatentShape(2, 4, 8, 8);

  private final ReferenceTensors components =
      new ReferenceTensors(TinyModel.fixture("components.safetensors"));
  private final BaseWeights base = BaseWeights.open(TinyModel.fixture("tiny"), Optional.empty());
  private final ControlWeights control =
      ControlWeights.open(TinyModel.fixture("tiny-control"), Optional.empty());
  private final TrainingEngine engine =
      (TrainingEngine)
          Providers.engine("pytorch").open(new EngineOptions(Device.CPU, Precision.FLOAT32, 1));

  @AfterAll
  void close() {
    engine.close();
    control.close();
    base.close();
  }

  private TrainingSpec spec(boolean trainsDecoder, boolean recompute, boolean bfloat16) {
    return new TrainingSpec(
        base.unet(),
        control.architecture(),
        false,
        trainsDecoder,
        false,
        recompute,
        bfloat16 ? Precision.BFLOAT16 : Precision.FLOAT32,
        true);
  }

  private TrainableControl load(TrainingSpec spec) {
    return engine.trainableControl(
        spec, ScopedWeights.of(Map.of("unet.", base.unetWeights(), "control.", control.weights())));
  }

  private TrainingBatch batch(float timestep) {
    return new TrainingBatch(
        SHAPE,
        components.floats("unet.8x8.latents"),
        new float[] {timestep, timestep / 2},
        components.floats("context"),
        components.floats("unet.8x8.hint"),
        components.floats("unet.8x8.plain"),
        new float[] {1, 0.5f});
  }

  private static float[] read(WeightSource state, String name) {
    ByteBuffer bytes =
        ByteBuffer.allocate((int) state.tensors().get(name).byteSize())
            .order(ByteOrder.LITTLE_ENDIAN);
    state.read(name, 0, bytes);
    float[] values = new float[bytes.flip().remaining() / 4];
    bytes.asFloatBuffer().get(values);
    return values;
  }

  private static void assertNear(double actual, double expected) {
    assertThat(actual).isCloseTo(expected, within(Math.abs(expected) * 1e-5));
  }

  @Test
  void recomputingChangesNothing() {
    for (boolean decoder : new boolean[] {false, true}) {
      try (TrainableControl kept = load(spec(decoder, false, false));
          TrainableControl recomputed = load(spec(decoder, true, false))) {
        for (int step = 1; step <= 2; step++) {
          assertNear(recomputed.accumulate(batch(400)), kept.accumulate(batch(400)));
          assertNear(recomputed.accumulate(batch(800)), kept.accumulate(batch(800)));
          double norm = kept.gradientNorm();
          assertThat(norm).isPositive();
          assertNear(recomputed.gradientNorm(), norm);
          kept.update(ADAM, step, 1, 0.9);
          recomputed.update(ADAM, step, 1, 0.9);
        }
        for (String name : kept.state().tensors().keySet()) {
          if (name.startsWith("first.")) {
            assertEqual(name, read(recomputed.state(), name), read(kept.state(), name));
          }
        }
      }
    }
  }

  @Test
  void bfloat16IsNear() {
    try (TrainableControl exact = load(spec(true, false, false));
        TrainableControl reduced = load(spec(true, true, true))) {
      double loss = exact.accumulate(batch(400));
      assertThat(reduced.accumulate(batch(400))).isCloseTo(loss, within(0.02 * loss));
      double norm = exact.gradientNorm();
      assertThat(reduced.gradientNorm()).isCloseTo(norm, within(0.05 * norm));
    }
  }

  @Test
  void memoryStaysFlat() throws IOException {
    try (TrainableControl network = load(spec(false, false, false))) {
      int step = 0;
      for (; step < 10; step++) {
        step(network, step);
      }
      long before = residentKilobytes();
      for (; step < 30; step++) {
        step(network, step);
      }
      // one step's gradients alone are 1.5 MB
      assertThat(residentKilobytes() - before).isLessThan(20_000);
    }
  }

  private void step(TrainableControl network, int step) {
    network.accumulate(batch(10 * step + 5));
    assertThat(network.gradientNorm()).isPositive();
    network.update(ADAM, step + 1, 0.5, 0.9);
  }

  private static long residentKilobytes() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/status")).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .findFirst()
        .orElseThrow();
  }
}
