package io.github.controlnet.core.weights;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.controlnet.engine.KlAutoencoderSpec;
import io.github.controlnet.engine.WeightSource;
import io.github.controlnet.engine.WeightSource.DType;
import io.github.controlnet.engine.WeightSource.TensorInfo;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * One model in every layout gives the same names, shapes and values: those that its writer listed.
 */
class FixtureLayoutsTest {
  private final JsonNode expected;

  FixtureLayoutsTest() throws IOException {
    expected = new ObjectMapper().readTree(fixture("layouts/tensors.json").toFile());
  }

  @ParameterizedTest
  @ValueSource(strings = {"base-fp16.ckpt", "base-fp16.safetensors", "merged-legacy-fp16.pt"})
  void base(String name) {
    try (BaseWeights base = BaseWeights.open(fixture("layouts/" + name), Optional.empty())) {
      assertTensors(base.unetWeights(), expected.at("/float16/unet"));
      assertTensors(base.autoencoderWeights(), expected.at("/float16/vae"));
      assertTensors(base.textEncoderWeights(), expected.at("/float16/text_encoder"));
      assertThat(base.tokenizer()).contains(fixture("layouts/tokenizer"));
      assertThat(base.autoencoder().factor()).isEqualTo(2);
      assertThat(base.control().isPresent()).isEqualTo(name.startsWith("merged"));
      base.control()
          .ifPresent(
              control -> {
                assertTensors(control.weights(), expected.at("/float16/control"));
                assertThat(control.architecture().hintWidths()).containsExactly(16, 16, 32);
              });
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "control-bare-legacy-fp16.pth",
        "control-fp16.safetensors",
        "merged-legacy-fp16.pt",
        "control.pth"
      })
  void control(String name) {
    try (ControlWeights control =
        ControlWeights.open(fixture("layouts/" + name), Optional.empty())) {
      String type = name.equals("control.pth") ? "float32" : "float16";
      assertTensors(control.weights(), expected.at("/" + type + "/control"));
    }
  }

  @Test
  void autoencoderOfASingleFile() {
    try (AutoencoderWeights autoencoder =
        AutoencoderWeights.open(fixture("layouts/base-fp16.safetensors"))) {
      assertTensors(autoencoder.weights(), expected.at("/float16/vae"));
    }
  }

  @Test
  void configurationsOfTheDiffusersFolder() {
    try (BaseWeights base = BaseWeights.open(fixture("tiny"), Optional.empty());
        AutoencoderWeights separate = AutoencoderWeights.open(fixture("tiny/vae"));
        ControlWeights control = ControlWeights.open(fixture("tiny-control"), Optional.empty())) {
      assertThat(base.unet().groups()).isEqualTo(8);
      assertThat(base.unet().levels())
          .allMatch(level -> level.heads() == (level.depth() > 0 ? 4 : 1));
      assertThat(base.unet().middleHeads()).isEqualTo(4);
      assertThat(((KlAutoencoderSpec) base.autoencoder()).groups()).isEqualTo(8);
      assertThat(base.autoencoder().factor()).isEqualTo(8);
      assertThat(base.textEncoder().heads()).isEqualTo(2);
      assertThat(base.nativeSize()).isEqualTo(64);
      assertThat(base.tokenizer()).contains(fixture("tiny/tokenizer"));
      assertThat(separate.architecture()).isEqualTo(base.autoencoder());
      assertThat(separate.weights().tensors()).isEqualTo(base.autoencoderWeights().tensors());
      assertThat(control.architecture().trunk().groups()).isEqualTo(8);
      assertThat(control.architecture().trunk().levels()).isEqualTo(base.unet().levels());
      Compatibility.check(base, fixture("tiny"), control, fixture("tiny-control"));
    }
  }

  private static void assertTensors(WeightSource weights, JsonNode expected) {
    List<String> names = new ArrayList<>();
    expected.fieldNames().forEachRemaining(names::add);
    assertThat(weights.tensors().keySet()).containsExactlyInAnyOrderElementsOf(names);
    for (Map.Entry<String, TensorInfo> tensor : weights.tensors().entrySet()) {
      JsonNode entry = expected.get(tensor.getKey());
      List<Long> shape = new ArrayList<>();
      entry.get("shape").forEach(side -> shape.add(side.longValue()));
      assertThat(tensor.getValue().shape()).as(tensor.getKey()).isEqualTo(shape);
      assertThat(digest(weights, tensor.getKey(), tensor.getValue()))
          .as(tensor.getKey())
          .isEqualTo(entry.get("sha256").textValue());
    }
  }

  /** Of the values as little-endian 32-bit floats. */
  private static String digest(WeightSource weights, String name, TensorInfo info) {
    ByteBuffer stored =
        ByteBuffer.allocateDirect((int) info.byteSize()).order(ByteOrder.LITTLE_ENDIAN);
    weights.read(name, 0, stored);
    stored.flip();
    ByteBuffer floats = ByteBuffer.allocate((int) info.count() * 4).order(ByteOrder.LITTLE_ENDIAN);
    while (stored.hasRemaining()) {
      floats.putFloat(info.dtype() == DType.F16 ? half(stored.getShort()) : stored.getFloat());
    }
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(floats.array()));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static float half(short bits) {
    int exponent = (bits >> 10) & 0x1f;
    int fraction = bits & 0x3ff;
    double size =
        exponent == 0
            ? Math.scalb((double) fraction, -24)
            : Math.scalb(1 + fraction / 1024.0, exponent - 15);
    return (float) (bits < 0 ? -size : size);
  }

  private static Path fixture(String name) {
    try {
      return Path.of(
          Objects.requireNonNull(FixtureLayoutsTest.class.getResource("/fixtures/" + name))
              .toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
