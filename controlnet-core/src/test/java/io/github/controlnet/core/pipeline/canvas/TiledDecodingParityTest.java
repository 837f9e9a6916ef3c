package io.github.controlnet.core.pipeline.canvas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.controlnet.core.fixtures.Fixtures;
import io.github.controlnet.core.fixtures.ReferenceTensors;
import io.github.controlnet.core.internal.Cancellation;
import io.github.controlnet.core.weights.BaseWeights;
import io.github.controlnet.engine.Autoencoder;
import io.github.controlnet.engine.Device;
import io.github.controlnet.engine.Engine;
import io.github.controlnet.engine.EngineOptions;
import io.github.controlnet.engine.LatentShape;
import io.github.controlnet.engine.Precision;
import io.github.controlnet.exception.GenerationCancelledException;
import io.github.controlnet.internal.lookup.Providers;
import io.github.controlnet.progress.CancellationToken;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Decoding in tiles equals that of diffusers. */
class TiledDecodingParityTest {
  private static final int TILE = 16;
  private static final int FACTOR = 8;
  private static final int EVERY = 4;
  private static final ReferenceTensors REFERENCE =
      new ReferenceTensors(Fixtures.file("tiling.safetensors"));
  private static final Cancellation NEVER = new Cancellation(new CancellationToken(), () -> false);

  private static BaseWeights base;
  private static Engine engine;
  private static Autoencoder autoencoder;

  @BeforeAll
  static void open() {
    base = BaseWeights.open(Fixtures.tiny(), Optional.empty());
    engine = Providers.engine("pytorch").open(new EngineOptions(Device.CPU, Precision.FLOAT32, 1));
    autoencoder = engine.autoencoder(base.autoencoder(), base.autoencoderWeights());
    autoencoder.load();
  }

  @AfterAll
  static void close() {
    autoencoder.close();
    engine.close();
    base.close();
  }

  private static float[] decode(int height, int width, OptionalInt tile) {
    float[] latents = REFERENCE.floats("%dx%d.latents".formatted(height, width));
    float[] pixels =
        new PictureDecoder(autoencoder, FACTOR, tile)
            .pixels(latents, new LatentShape(1, 4, height, width), NEVER);
    assertThat(pixels).hasSize(3 * height * FACTOR * width * FACTOR);
    return pixels;
  }

  /** Every fourth pixel of every fourth row, which is what the fixture holds. */
  private static float[] sampled(float[] pixels, int height, int width) {
    int rows = height * FACTOR;
    int columns = width * FACTOR;
    float[] some = new float[3 * (rows / EVERY) * (columns / EVERY)];
    int next = 0;
    for (int row = 0; row < 3 * rows; row += EVERY) {
      for (int column = 0; column < columns; column += EVERY) {
        some[next++] = pixels[row * columns + column];
      }
    }
    return some;
  }

  @ParameterizedTest
  @CsvSource({"28, 37", "16, 40", "25, 9"})
  void equalsTheReference(int height, int width) {
    float[] expected = REFERENCE.floats("%dx%d.pixels".formatted(height, width));
    float[] tiled = sampled(decode(height, width, OptionalInt.of(TILE)), height, width);
    assertThat(Fixtures.relativeError(tiled, expected)).isLessThan(1e-4);
    float[] whole = sampled(decode(height, width, OptionalInt.empty()), height, width);
    assertThat(Fixtures.relativeError(whole, expected)).isGreaterThan(1e-2);
  }

  @Test
  void aPictureOfOneTileIsDecodedWhole() {
    assertThat(decode(25, 9, OptionalInt.of(28))).isEqualTo(decode(25, 9, OptionalInt.empty()));
  }

  @Test
  void endsBetweenTilesWhenItIsCancelled() {
    CancellationToken token = new CancellationToken();
    token.cancel();
    PictureDecoder decoder = new PictureDecoder(autoencoder, FACTOR, OptionalInt.of(TILE));
    assertThatExceptionOfType(GenerationCancelledException.class)
        .isThrownBy(
            () ->
                decoder.pixels(
                    REFERENCE.floats("16x40.latents"),
                    new LatentShape(1, 4, 16, 40),
                    new Cancellation(token, () -> false)));
  }
}
