package io.github.controlnet.core.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.controlnet.engine.WeightSource.DType;
import io.github.controlnet.engine.WeightSource.TensorInfo;
import io.github.controlnet.exception.WeightsException;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Checkpoints that PyTorch wrote; {@code src/test/tools/torch_files.py} tells how. */
class TorchFilesTest {
  @TempDir Path temp;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "zip.pth",
        "legacy.pth",
        "protocol3.pth",
        "protocol4.pth",
        "lightning.ckpt",
        "lightning_legacy.ckpt"
      })
  void readsEveryTensorInRowMajorOrder(String name) {
    Map<String, TensorInfo> expected = new LinkedHashMap<>();
    expected.put("plain", info(DType.F32, 2, 3));
    expected.put("half", info(DType.F16, 3, 2));
    expected.put("bfloat", info(DType.BF16, 5));
    expected.put("double", info(DType.F64, 2, 2));
    expected.put("long", info(DType.I64, 3));
    expected.put("bytes", info(DType.U8, 4));
    expected.put("scalar", info(DType.F32));
    expected.put("empty", info(DType.F32, 0, 3));
    expected.put("shared_all", info(DType.F32, 4, 6));
    expected.put("shared_again", info(DType.F32, 4, 6));
    expected.put("offset", info(DType.F32, 4, 6));
    expected.put("transposed", info(DType.F32, 3, 5));
    expected.put("permuted", info(DType.F32, 2, 5, 4, 3));
    expected.put("half_transposed", info(DType.F16, 3, 7));
    expected.put("sliced", info(DType.F32, 4, 5));
    expected.put("expanded", info(DType.F32, 3, 4));
    expected.put("parameter", info(DType.F32, 2, 2));
    try (TensorFile file = TensorFiles.open(resource(name))) {
      assertThat(file.tensors()).isEqualTo(expected);
      for (var tensor : expected.entrySet()) {
        double[] values = new double[(int) tensor.getValue().count()];
        for (int i = 0; i < values.length; i++) {
          values[i] = tensor.getKey().equals("expanded") ? 1 : i + 1;
        }
        assertThat(values(file, tensor.getKey())).as(tensor.getKey()).isEqualTo(values);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"in_model.pth", "in_depth_model.pth"})
  void findsTheWeightsAmongOtherThings(String name) {
    try (TensorFile file = TensorFiles.open(resource(name))) {
      assertThat(file.tensors()).isEqualTo(Map.of("w", info(DType.F32, 2)));
      assertThat(values(file, "w")).containsExactly(1, 2);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"plain", "offset", "transposed", "permuted", "half_transposed", "sliced"})
  void readsAnyPartOfATensor(String tensor) {
    try (TensorFile file = TensorFiles.open(resource("zip.pth"))) {
      byte[] whole = bytes(file, tensor, 0, (int) file.tensors().get(tensor).byteSize());
      for (int from = 0; from < whole.length; from++) {
        for (int to = from; to <= Math.min(whole.length, from + 13); to++) {
          byte[] part = bytes(file, tensor, from, to - from);
          assertThat(part).isEqualTo(java.util.Arrays.copyOfRange(whole, from, to));
        }
      }
      assertThatThrownBy(() -> bytes(file, tensor, 1, whole.length))
          .isInstanceOf(WeightsException.class)
          .hasMessageContaining("were asked for");
      assertThatThrownBy(() -> bytes(file, "nothing", 0, 0))
          .isInstanceOf(WeightsException.class)
          .hasMessageContaining("has no tensor \"nothing\"");
    }
  }

  @Test
  void refusesGlobalsByNameEvenWhereNothingUsesThem() {
    assertRefused("system.pth", "posix.system");
    assertRefused("eval_legacy.pth", "builtin__.eval");
    assertRefused("popped.pth", "posix.system");
    assertRefused("module.pth", "torch.nn.modules.linear.Linear");
  }

  private static void assertRefused(String name, String global) {
    assertThatThrownBy(() -> TensorFiles.open(resource(name)))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining(name)
        .hasMessageContaining(global)
        .hasMessageContaining("Nothing of it was run");
  }

  @Test
  void refusesWhatIsDamagedOrOfAnotherKind() {
    assertThatThrownBy(() -> TensorFiles.open(resource("outside.pth")))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("\"w\"")
        .hasMessageContaining("reaches outside its storage");
    assertThatThrownBy(() -> TensorFiles.open(resource("compressed.pth")))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("is compressed");
    assertThatThrownBy(() -> TensorFiles.open(resource("plain_pickle.pth")))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("no PyTorch checkpoint");
  }

  @ParameterizedTest
  @ValueSource(strings = {"zip.pth", "legacy.pth", "lightning.ckpt"})
  void refusesEveryTruncationWithOneException(String name) throws IOException {
    byte[] whole = Files.readAllBytes(resource(name));
    Path cut = temp.resolve("cut.pth");
    for (int length = 0; length < whole.length; length += 31) {
      Files.write(cut, java.util.Arrays.copyOf(whole, length));
      assertThatThrownBy(() -> TensorFiles.open(cut).close())
          .as("first %d bytes", length)
          .isInstanceOf(WeightsException.class)
          .hasMessageContaining("cut.pth");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"zip.pth", "legacy.pth", "lightning.ckpt"})
  void damageAnywhereNeverEndsInAnotherException(String name) throws IOException {
    byte[] whole = Files.readAllBytes(resource(name));
    java.util.Random random = new java.util.Random(1);
    Path damaged = temp.resolve("damaged.pth");
    int refused = 0;
    for (int i = 0; i < 300; i++) {
      byte[] bytes = whole.clone();
      for (int k = 0; k <= i % 3; k++) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
      }
      Files.write(damaged, bytes);
      try (TensorFile file = TensorFiles.open(damaged)) {
        for (var tensor : file.tensors().entrySet()) {
          if (tensor.getValue().byteSize() < 1 << 16) {
            bytes(file, tensor.getKey(), 0, (int) tensor.getValue().byteSize());
          }
        }
      } catch (WeightsException e) {
        refused++;
      }
    }
    assertThat(refused).isGreaterThan(20);
  }

  @Test
  void hostilePicklesEndInBoundedWork() throws IOException {
    // empty dictionaries without end; a text of four gigabytes; values nested deeply
    byte[] many = new byte[3_000_000];
    java.util.Arrays.fill(many, (byte) '}');
    assertPickleRefused(many, "instructions");
    assertPickleRefused(new byte[] {'X', -1, -1, -1, -1}, "truncated");
    assertPickleRefused(new byte[] {(byte) 0x8d, -1, -1, -1, -1, -1, -1, -1, 127}, "truncated");
    assertPickleRefused(new byte[] {(byte) 0x8b, -1, -1, -1, -1}, "truncated");
    byte[] deep = new byte[1_000_002];
    java.util.Arrays.fill(deep, (byte) 0x85);
    deep[0] = ')';
    deep[deep.length - 1] = '.';
    assertPickleRefused(deep, "no PyTorch checkpoint");
  }

  private void assertPickleRefused(byte[] pickle, String words) throws IOException {
    Path file = temp.resolve("hostile.pth");
    byte[] bytes = new byte[pickle.length + 2];
    bytes[0] = (byte) 0x80;
    bytes[1] = 2;
    System.arraycopy(pickle, 0, bytes, 2, pickle.length);
    Files.write(file, bytes);
    assertThatThrownBy(() -> TensorFiles.open(file))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining(words);
  }

  static Path resource(String name) {
    try {
      return Path.of(
          Objects.requireNonNull(TorchFilesTest.class.getResource("torch/" + name)).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static TensorInfo info(DType dtype, long... shape) {
    return new TensorInfo(dtype, java.util.Arrays.stream(shape).boxed().toList());
  }

  private static byte[] bytes(TensorFile file, String name, long offset, int count) {
    ByteBuffer buffer = ByteBuffer.allocateDirect(count + 8).position(3).limit(3 + count);
    file.read(name, offset, buffer);
    assertThat(buffer.remaining()).isZero();
    byte[] bytes = new byte[count];
    buffer.get(3, bytes);
    return bytes;
  }

  private static double[] values(TensorFile file, String name) {
    TensorInfo info = Objects.requireNonNull(file.tensors().get(name));
    ByteBuffer buffer =
        ByteBuffer.wrap(bytes(file, name, 0, (int) info.byteSize())).order(ByteOrder.LITTLE_ENDIAN);
    double[] values = new double[(int) info.count()];
    for (int i = 0; i < values.length; i++) {
      values[i] =
          switch (info.dtype()) {
            case F32 -> buffer.getFloat();
            case F64 -> buffer.getDouble();
            case BF16 -> Float.intBitsToFloat(buffer.getShort() << 16);
            case F16 -> half(buffer.getShort());
            case I64 -> buffer.getLong();
            default -> buffer.get();
          };
    }
    return values;
  }

  /** Whole numbers from 1 to 2048 are normal half floats. */
  private static double half(short bits) {
    return Math.scalb(1 + (bits & 0x3ff) / 1024.0, ((bits >> 10) & 0x1f) - 15);
  }

  @Test
  void listsAreUnderTheirOwnNamesOnly() {
    try (TensorFile file = TensorFiles.open(resource("lightning.ckpt"))) {
      assertThat(file.format()).isEqualTo("PyTorch checkpoint (zip)");
      assertThat(file.tensors().keySet())
          .noneMatch(name -> name.contains("callbacks") || name.contains("optimizer"));
      assertThat(List.copyOf(file.tensors().keySet())).startsWith("plain", "half");
    }
  }
}
