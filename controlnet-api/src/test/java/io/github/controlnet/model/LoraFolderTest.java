package io.github.controlnet.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.controlnet.exception.InvalidRequestException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** LoRAs that prompts name. */
class LoraFolderTest {
  @TempDir private Path path;

  @BeforeEach
  void fill() throws IOException {
    for (String file :
        List.of(
            "ink.safetensors",
            "Fine.Detail.pt",
            "a/same.pt",
            "b/same.bin",
            "b/deep/far.pth",
            "notes.txt")) {
      Path target = path.resolve(file);
      Files.createDirectories(target.getParent());
      Files.writeString(target, "x");
    }
  }

  private Lora lora(String file) {
    return Lora.of(path.resolve(file));
  }

  @Test
  void filesAreListedByTheNamesThatPromptsUse() {
    assertThat(LoraFolder.of(path).files().keySet())
        .containsExactly("Fine.Detail", "a/same", "b/same", "far", "ink");
    assertThatThrownBy(() -> LoraFolder.of(path.resolve("ink.safetensors")))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("is no folder");
  }

  @ParameterizedTest
  @CsvSource({
    "<lora:ink>, ink.safetensors, 1, 1",
    "<lora:ink:0.8>, ink.safetensors, 0.8, 0.8",
    "<LORA:ink:-1.5>, ink.safetensors, -1.5, -1.5",
    "<lyco:ink:0.8:0.5>, ink.safetensors, 0.5, 0.8",
    "<lora:INK:te=0.8:unet=0.5>, ink.safetensors, 0.5, 0.8",
    "<lora:ink:unet=0.5>, ink.safetensors, 0.5, 1",
    "<lora:fine.detail:1e-1>, Fine.Detail.pt, 0.1, 0.1",
    "<lora:b/same>, b/same.bin, 1, 1",
    "<lora:far: 2 >, b/deep/far.pth, 2, 2",
    "<lora:b/deep/far>, b/deep/far.pth, 1, 1",
  })
  void tagsNameFilesAndScales(String tag, String file, double unet, double text) {
    LoraFolder.Tagged read = LoraFolder.of(path).read("a (cat:1.2)" + tag + ", big");
    assertThat(read.text()).isEqualTo("a (cat:1.2), big");
    assertThat(read.loras()).containsExactly(lora(file).withScales(unet, text));
  }

  @Test
  void severalTagsAreReadAndOtherBracketsStay() {
    LoraFolder.Tagged read =
        LoraFolder.of(path).read("<cat-toy> <lora:ink:1><lora:far:1> <hypernet:x:1> $1");
    assertThat(read.text()).isEqualTo("<cat-toy>  <hypernet:x:1> $1");
    assertThat(read.loras()).containsExactly(lora("ink.safetensors"), lora("b/deep/far.pth"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<lora:none:1>",
        "<lora:same>",
        "<lora:ink:x>",
        "<lora:ink:1:2:3>",
        "<lora:ink:NaN>",
        "<lora:ink:1:dyn=4>",
        "<lora:ink:>",
        "<lora:../ink>",
        "<lora: :1>"
      })
  void whatIsNotUnderstoodIsRefused(String tag) {
    assertThatThrownBy(() -> LoraFolder.of(path).read(tag))
        .isInstanceOf(InvalidRequestException.class);
  }

  @Test
  void refusalsNameWhatThereIs() {
    assertThatThrownBy(() -> LoraFolder.of(path).read("<lora:none:1>"))
        .hasMessageContaining("\"none\"")
        .hasMessageContaining("Fine.Detail, a/same");
    assertThatThrownBy(() -> LoraFolder.of(path).read("<lora:same>"))
        .hasMessageContaining("a/same, b/same");
  }
}
