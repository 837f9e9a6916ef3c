package io.github.controlnet.core.torch.engine;

import static io.github.controlnet.core.torch.engine.ReferenceCase.assertDifferent;
import static io.github.controlnet.core.torch.engine.ReferenceCase.assertEqual;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.controlnet.core.fixtures.Fixtures;
import io.github.controlnet.core.fixtures.ReferenceTensors;
import io.github.controlnet.core.weights.AutoencoderWeights;
import io.github.controlnet.engine.Autoencoder;
import io.github.controlnet.engine.Autoencoder.LatentDistribution;
import io.github.controlnet.engine.Device;
import io.github.controlnet.engine.Engine;
import io.github.controlnet.engine.EngineOptions;
import io.github.controlnet.engine.LatentShape;
import io.github.controlnet.engine.Precision;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The tiny autoencoder against diffusers' AutoencoderTiny, in both layouts. */
class TinyAutoencoderParityTest {
  private static final ReferenceTensors REFERENCE =
      new ReferenceTensors(Fixtures.file("tiny-autoencoder/reference.safetensors"));

  private static LatentShape shape(String size) {
    List<Long> sides = REFERENCE.info(size + ".latents").shape();
    return new LatentShape(
        sides.get(0).intValue(),
        sides.get(1).intValue(),
        sides.get(2).intValue(),
        sides.get(3).intValue());
  }

  private interface Use {
    void of(Autoencoder autoencoder);
  }

  private static void open(Path path, Precision precision, Use use) {
    EngineOptions options = new EngineOptions(Device.CPU, precision, 1);
    try (AutoencoderWeights weights = AutoencoderWeights.open(path);
        Engine engine = new PyTorchEngineProvider().open(options);
        Autoencoder autoencoder = engine.autoencoder(weights.architecture(), weights.weights())) {
      autoencoder.load();
      use.of(autoencoder);
    }
  }

  private static float[] clipped(float[] pixels) {
    float[] result = pixels.clone();
    for (int i = 0; i < result.length; i++) {
      result[i] = Math.max(-1, Math.min(1, result[i]));
    }
    return result;
  }

  @ParameterizedTest
  @CsvSource({
    "tiny-autoencoder, 64x64",
    "tiny-autoencoder, 40x72",
    "tiny-autoencoder/diffusion_pytorch_model.safetensors, 64x64",
    "tiny-autoencoder/original, 40x72",
    "tiny-autoencoder/original/taesd_decoder.pth, 64x64"
  })
  void decodesAndEncodes(String path, String size) {
    LatentShape shape = shape(size);
    open(
        Fixtures.file(path),
        Precision.FLOAT32,
        tiny -> {
          float[] decoded = tiny.decode(REFERENCE.floats(size + ".latents"), shape);
          assertEqual("decoded", decoded, REFERENCE.floats(size + ".decoded"));
          float[] pixels = clipped(REFERENCE.floats(size + ".decoded"));
          LatentDistribution encoded = tiny.encode(pixels, shape);
          assertThat(encoded.isCertain()).isTrue();
          assertEqual("encoded", encoded.mean(), REFERENCE.floats(size + ".encoded"));
          assertThat(encoded.sample(new float[0])).isEqualTo(encoded.mean());
          assertDifferent("pixels", decoded, pixels);
        });
  }

  @Test
  void inBfloat16() {
    LatentShape shape = shape("64x64");
    open(
        Fixtures.file("tiny-autoencoder"),
        Precision.BFLOAT16,
        tiny -> {
          float[] decoded = tiny.decode(REFERENCE.floats("64x64.latents"), shape);
          float[] expected = REFERENCE.floats("64x64.decoded");
          assertThat(Fixtures.relativeError(decoded, expected)).isBetween(1e-4, 0.02);
        });
  }

  @Test
  void aDecoderAloneDoesNotEncode(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("taesd_decoder.pth");
    Files.copy(Fixtures.file("tiny-autoencoder/original/taesd_decoder.pth"), file);
    LatentShape shape = shape("64x64");
    open(
        file,
        Precision.FLOAT32,
        tiny -> {
          float[] decoded = tiny.decode(REFERENCE.floats("64x64.latents"), shape);
          assertEqual("decoded", decoded, REFERENCE.floats("64x64.decoded"));
          assertThatThrownBy(() -> tiny.encode(decoded, shape))
              .isInstanceOf(UnsupportedOperationException.class)
              .hasMessageContaining("no encoder");
        });
  }
}
