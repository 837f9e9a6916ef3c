package io.github.controlnet.core.weights;

import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.github.controlnet.exception.WeightsException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What people give in place of weights. */
class WrongFilesTest {
  @TempDir Path folder;

  static List<Arguments> contents() {
    String page = "a web page, downloaded in place of the weights";
    return List.of(
        arguments("<!DOCTYPE html><html>", page),
        arguments("  \n<html lang=\"en\">", page),
        arguments("version https://git-lfs.github.com/spec/v1\noid sha256:12", "a Git LFS pointer"),
        arguments("\u0089PNG\r\n\u001a\n0000", "an image"),
        arguments("\u00ff\u00d8\u00ff\u00e000000000000", "an image"),
        arguments("RIFF0000WEBPVP8 ", "an image"),
        arguments("\u001f\u008b\b0000000000", "a gzip archive"),
        arguments("GGUF000000000", "a GGUF file"),
        arguments("\b\u0007\u0012\u0007pytorch000", "an ONNX model"),
        arguments(
            "Entry not found", "a text file, not weights; it begins with \"Entry not found\""),
        arguments("{\"error\":\"nope\"}", "a text file, not weights"),
        arguments("\1\2\3\4\5\6\7\1\1", "no weights file that is known here"),
        arguments("", "is empty"),
        arguments("PK\3\4" + "0".repeat(30), "is truncated"));
  }

  @ParameterizedTest
  @MethodSource("contents")
  void areNamed(String content, String words) throws IOException {
    Path file = folder.resolve("model.pth");
    Files.write(file, content.getBytes(StandardCharsets.ISO_8859_1));
    assertRefused(file, words);
  }

  @Test
  void tarArchive() throws IOException {
    byte[] tar = new byte[1024];
    System.arraycopy("ustar".getBytes(StandardCharsets.US_ASCII), 0, tar, 257, 5);
    tar[0] = 'a';
    assertRefused(Files.write(folder.resolve("model.pt"), tar), "a TAR archive");
  }

  @Test
  void missingFile() {
    assertRefused(folder.resolve("nowhere.ckpt"), "does not exist");
  }

  @Test
  void foldersOfOtherThings() throws IOException {
    assertRefused(folder, "is not a diffusers folder");
    assertRefused(folder, "no files");
    Files.writeString(folder.resolve("readme.md"), "hello");
    assertRefused(folder, "readme.md");
    Files.createDirectories(folder.resolve("unet"));
    assertRefused(folder, "holds no weights");
  }

  @Test
  void aControlAsBaseAndABaseAsControl() throws IOException {
    Path control = folder.resolve("control.safetensors");
    SparseSafetensors.write(control, "F32", 4, SparseSafetensors.keys("control-sd15"));
    assertThatThrownBy(() -> BaseWeights.open(control, Optional.empty()))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("not a whole base model: it has a control");
    assertThatThrownBy(() -> AutoencoderWeights.open(control))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("is not an autoencoder (VAE): it has a control");
    Path unet = folder.resolve("unet.safetensors");
    SparseSafetensors.write(unet, "F32", 4, SparseSafetensors.keys("diffusers-unet"));
    assertThatThrownBy(() -> ControlWeights.open(unet, Optional.empty()))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("is not a control: it has a U-Net");
    Path other = folder.resolve("other.safetensors");
    SparseSafetensors.write(other, "F32", 4, Map.of("module.netNetwork.0.weight", List.of(2L, 2L)));
    assertThatThrownBy(() -> ControlWeights.open(other, Optional.empty()))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("1 other tensors");
  }

  @Test
  void incompleteAndChangedWeights() throws IOException {
    Map<String, List<Long>> keys = SparseSafetensors.keys("control-sd15");
    keys.remove("control_model.input_blocks.4.0.out_layers.3.weight");
    Path lacking = folder.resolve("lacking.safetensors");
    SparseSafetensors.write(lacking, "F32", 4, keys);
    assertThatThrownBy(() -> ControlWeights.open(lacking, Optional.empty()))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("lacks 1 of 340 tensors: down_blocks.1.resnets.0.conv2.weight");

    keys = SparseSafetensors.keys("control-sd15");
    keys.put("control_model.zero_convs.3.0.weight", List.of(321L, 320L, 1L, 1L));
    Path shaped = folder.resolve("shaped.safetensors");
    SparseSafetensors.write(shaped, "F32", 4, keys);
    assertThatThrownBy(() -> ControlWeights.open(shaped, Optional.empty()))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("controlnet_down_blocks.3.weight has the shape [321, 320, 1, 1]")
        .hasMessageContaining("expected [320, 320, 1, 1]");

    keys = SparseSafetensors.keys("control-sd15");
    keys.put("control_model.input_blocks.1.1.extra.weight", List.of(4L));
    Path extra = folder.resolve("extra.safetensors");
    SparseSafetensors.write(extra, "F32", 4, keys);
    assertThatThrownBy(() -> ControlWeights.open(extra, Optional.empty()))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("1 tensors that do not belong")
        .hasMessageContaining("extra.weight");
    Path integers = folder.resolve("integers.safetensors");
    SparseSafetensors.write(integers, "I32", 4, SparseSafetensors.keys("control-sd15"));
    assertThatThrownBy(() -> ControlWeights.open(integers, Optional.empty()))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("holds I32; expected F32, F16, BF16");
  }

  @Test
  void truncatedSafetensors() throws IOException {
    Path file = folder.resolve("whole.safetensors");
    SparseSafetensors.write(file, "F32", 4, Map.of("a", List.of(100L)));
    byte[] bytes = Files.readAllBytes(file);
    for (int length : new int[] {4, 8, 20, bytes.length - 1}) {
      Path cut = folder.resolve("cut" + length + ".safetensors");
      Files.write(cut, Arrays.copyOf(bytes, length));
      assertRefused(cut, "truncated");
    }
  }

  private static void assertRefused(Path path, String words) {
    assertThatThrownBy(() -> BaseWeights.open(path, Optional.empty()))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining(path.toString())
        .hasMessageContaining(words);
    assertThatThrownBy(() -> ModelInspector.inspect(path))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining(words);
  }
}
