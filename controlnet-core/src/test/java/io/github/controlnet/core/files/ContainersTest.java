package io.github.controlnet.core.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.controlnet.core.weights.SparseSafetensors;
import io.github.controlnet.core.weights.TextualInversionFile;
import io.github.controlnet.engine.WeightSource.DType;
import io.github.controlnet.engine.WeightSource.TensorInfo;
import io.github.controlnet.exception.WeightsException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What checkpoints hold beside plain dictionaries of tensors; {@code
 * src/test/tools/torch_containers.py} wrote the files.
 */
class ContainersTest {
  private static final float[] RAMP = {1, 2, 3, 4, 5, 6, 7, 8};

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "embedding_original.pt,*",
    "embedding_original_legacy.pt,*",
    "parameter_dict.pth,w",
    "wrapped.pth,a",
    "inert.pth,w",
    "inert_legacy.pth,w",
    "generator.pth,w"
  })
  void onlyTheWeightsAreFound(String name, String tensor) {
    try (TensorFile file = TensorFiles.open(TorchFilesTest.resource(name))) {
      assertThat(file.tensors())
          .isEqualTo(Map.of(tensor, new TensorInfo(DType.F32, List.of(2L, 4L))));
      assertThat(Float8Test.floats(file, tensor)).isEqualTo(RAMP);
      assertThat(file.foreign()).isEmpty();
    }
  }

  @Test
  void aListOfParametersIsNumbered() {
    try (TensorFile file = TensorFiles.open(TorchFilesTest.resource("parameter_list.pth"))) {
      assertThat(file.tensors().keySet()).containsExactly("0", "1");
      assertThat(Float8Test.floats(file, "1")).containsExactly(1, 2, 3, 4);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"embedding_original.pt", "embedding_original_legacy.pt"})
  void theOriginalsEmbeddingsAreRead(String name) {
    float[][] vectors = TextualInversionFile.read(TorchFilesTest.resource(name), 4);
    assertThat(vectors).isDeepEqualTo(new float[][] {{1, 2, 3, 4}, {5, 6, 7, 8}});
  }

  @ParameterizedTest
  @CsvSource({
    "partial.pth,functools.partial",
    "sequential.pth,torch.nn.modules.container.Sequential",
    "quantized.pth,torch._utils._rebuild_qtensor"
  })
  void whatCouldRunCodeOrIsNotUnderstoodIsNamed(String name, String global) {
    assertThatThrownBy(() -> TensorFiles.open(TorchFilesTest.resource(name)))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("it names " + global)
        .hasMessageContaining("Nothing of it was run");
  }

  @Test
  void anEmptyEmbeddingIsRefused() throws IOException {
    Path empty = folder.resolve("empty.safetensors");
    Files.write(empty, new byte[] {2, 0, 0, 0, 0, 0, 0, 0, '{', '}'});
    assertThatThrownBy(() -> TextualInversionFile.read(empty, 4))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("empty.safetensors is no embedding: it holds no tensors");
    SparseSafetensors.write(
        folder.resolve("foreign.safetensors"), "U16", 2, Map.of("emb_params", List.of(1L, 4L)));
    assertThatThrownBy(() -> TextualInversionFile.read(folder.resolve("foreign.safetensors"), 4))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("number type U16");
  }

  /** Dictionaries made from one list again and again, which costs few bytes of the file. */
  @Test
  void copiesCountAsWork() throws IOException {
    ByteArrayOutputStream pickle = new ByteArrayOutputStream();
    pickle.writeBytes(new byte[] {(byte) 0x80, 2, ']', 'q', 0, '('});
    for (int i = 0; i < 2000; i++) {
      pickle.writeBytes(new byte[] {'M', (byte) i, (byte) (i >> 8), 'N', (byte) 0x86});
    }
    pickle.writeBytes("e0]q\1(".getBytes(StandardCharsets.ISO_8859_1));
    for (int i = 0; i < 1000; i++) {
      pickle.writeBytes("ccollections\nOrderedDict\nh".getBytes(StandardCharsets.ISO_8859_1));
      pickle.writeBytes(new byte[] {0, (byte) 0x85, 'R'});
    }
    pickle.writeBytes("e.".getBytes(StandardCharsets.ISO_8859_1));
    Path file = folder.resolve("copies.pth");
    Files.write(file, pickle.toByteArray());
    assertThatThrownBy(() -> TensorFiles.open(file))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("or copies as much");
  }
}
