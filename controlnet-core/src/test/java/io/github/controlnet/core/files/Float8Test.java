package io.github.controlnet.core.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.controlnet.core.weights.ControlWeights;
import io.github.controlnet.core.weights.ModelInspector;
import io.github.controlnet.core.weights.ModelReport;
import io.github.controlnet.core.weights.SparseSafetensors;
import io.github.controlnet.engine.WeightSource.DType;
import io.github.controlnet.engine.WeightSource.TensorInfo;
import io.github.controlnet.exception.WeightsException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Floats of eight bits, equal to PyTorch's; {@code src/test/tools/torch_containers.py} wrote the
 * files.
 */
class Float8Test {
  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "float8.pth,float8_e4m3fn",
    "float8.pth,float8_e5m2",
    "float8.pth,float8_e4m3fnuz",
    "float8.pth,float8_e5m2fnuz",
    "float8_legacy.pth,float8_e4m3fn",
    "float8_legacy.pth,float8_e5m2",
    "float8_legacy.pth,float8_e4m3fnuz",
    "float8_legacy.pth,float8_e5m2fnuz",
    "float8.safetensors,float8_e4m3fn",
    "float8.safetensors,float8_e5m2"
  })
  void everyCodeIsPyTorchsValue(String name, String type) {
    try (TensorFile file = TensorFiles.open(TorchFilesTest.resource(name))) {
      TensorInfo info = file.tensors().get(type + ".codes");
      assertThat(info).isEqualTo(new TensorInfo(DType.F16, List.of(256L)));
      float[] values = floats(file, type + ".codes");
      float[] expected = floats(file, type + ".values");
      for (int code = 0; code < 256; code++) {
        assertThat(bits(values[code])).as("code %d", code).isEqualTo(bits(expected[code]));
      }
      assertThat(file.narrow()).containsEntry(type + ".codes", Float8.ofTorch(type).orElseThrow());
      assertThat(file.foreign()).isEmpty();
    }
  }

  /** All not-a-numbers are the same; negative zero is another zero. */
  private static int bits(float value) {
    return Float.floatToIntBits(value);
  }

  @ParameterizedTest
  @ValueSource(strings = {"float8.pth", "float8_legacy.pth"})
  void viewsAreReadInRowMajorOrder(String name) {
    try (TensorFile file = TensorFiles.open(TorchFilesTest.resource(name))) {
      assertThat(floats(file, "transposed")).containsExactly(1, 5, 9, 2, 6, 10, 3, 7, 11, 4, 8, 12);
      // three bits of fraction are too few for 9 to 11
      assertThat(floats(file, "offset")).containsExactly(3, 4, 5, 6, 7, 8, 8, 10);
    }
  }

  @Test
  void anyPartIsReadAlsoWithinAValue() {
    try (TensorFile file = TensorFiles.open(TorchFilesTest.resource("float8.pth"))) {
      byte[] whole = bytes(file, "float8_e4m3fn.codes", 0, 512);
      for (int from = 0; from < 512; from += 7) {
        for (int to = from; to <= Math.min(512, from + 9); to++) {
          assertThat(bytes(file, "float8_e4m3fn.codes", from, to - from))
              .isEqualTo(Arrays.copyOfRange(whole, from, to));
        }
      }
      assertThatThrownBy(() -> bytes(file, "float8_e4m3fn.codes", 1, 512))
          .isInstanceOf(WeightsException.class)
          .hasMessageContaining("were asked for");
    }
  }

  @Test
  void aControlOfThemIsAControl() throws IOException {
    Path path = write("control.safetensors", "F8_E4M3", SparseSafetensors.keys("control-sd15"));
    try (ControlWeights control = ControlWeights.open(path, Optional.empty())) {
      assertThat(control.weights().tensors().values()).allMatch(info -> info.dtype() == DType.F16);
    }
    ModelReport report = ModelInspector.inspect(path);
    assertThat(report.dtypes()).containsExactly("F8_E4M3");
    assertThat(report.bytes()).isEqualTo(report.parameters());
    assertThat(report.kind()).isEqualTo(ModelReport.Kind.CONTROL);
    assertThat(report.tensors()).allMatch(tensor -> tensor.dtype().equals("F8_E4M3"));
  }

  @ParameterizedTest
  @CsvSource({
    "F8_E8M0,F8_E8M0",
    "U16,U16",
    "I8,holds I8",
    "U8,holds U8",
    "I64,holds I64",
    "C64,C64",
    "BOOL,holds BOOL"
  })
  void otherTypesAreNamed(String type, String words) throws IOException {
    Path path = write("control.safetensors", type, SparseSafetensors.keys("control-sd15"));
    assertThatThrownBy(() -> ControlWeights.open(path, Optional.empty()))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("control.safetensors")
        .hasMessageContaining(words)
        .hasMessageContaining("float8");
  }

  @ParameterizedTest
  @CsvSource({
    "control_model.scaled_fp8,scaled float8",
    "control_model.input_blocks.0.0.scale_weight,scaled float8",
    "control_model.input_blocks.0.0.weight_scale,scaled float8 or int8",
    "control_model.input_blocks.0.0.weight.SCB,int8",
    "control_model.input_blocks.0.0.SCB,int8",
    "control_model.input_blocks.0.0.weight.quant_map,4 bits",
    "control_model.input_blocks.0.0.qweight,GPTQ or AWQ",
    "control_model.input_blocks.0.0.weight._data,Quanto",
    "control_model.input_blocks.0.0.comfy_quant,ComfyUI"
  })
  void quantizedFilesAreNamed(String mark, String words) throws IOException {
    Map<String, List<Long>> keys = SparseSafetensors.keys("control-sd15");
    keys.put(mark, List.of(1L));
    Path path = write("control.safetensors", "F8_E4M3", keys);
    assertThatThrownBy(() -> ControlWeights.open(path, Optional.empty()))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("is quantized")
        .hasMessageContaining(words);
    assertThat(ModelInspector.inspect(path).notes()).anyMatch(note -> note.contains(words));
  }

  @Test
  void foreignTypesOfPyTorchAreNamed() {
    try (TensorFile file = TensorFiles.open(TorchFilesTest.resource("foreign.pth"))) {
      assertThat(file.foreign()).isEqualTo(Map.of("a", "uint16", "b", "ComplexFloatStorage"));
    }
  }

  private Path write(String name, String type, Map<String, List<Long>> keys) throws IOException {
    int bytes =
        switch (type) {
          case "U16" -> 2;
          case "I64", "C64" -> 8;
          default -> 1;
        };
    Path path = folder.resolve(name);
    SparseSafetensors.write(path, type, bytes, keys);
    return path;
  }

  static float[] floats(TensorFile file, String name) {
    TensorInfo info = Objects.requireNonNull(file.tensors().get(name));
    byte[] all = bytes(file, name, 0, (int) info.byteSize());
    float[] values = new float[(int) info.count()];
    FloatFormats.read(
        info.dtype(), ByteBuffer.wrap(all).order(ByteOrder.LITTLE_ENDIAN), values, values.length);
    return values;
  }

  private static byte[] bytes(TensorFile file, String name, long offset, int count) {
    ByteBuffer buffer = ByteBuffer.allocate(count);
    file.read(name, offset, buffer);
    assertThat(buffer.hasRemaining()).isFalse();
    return buffer.array();
  }
}
