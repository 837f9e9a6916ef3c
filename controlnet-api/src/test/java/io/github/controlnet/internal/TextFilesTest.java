package io.github.controlnet.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Text files as editors of all kinds leave them. */
class TextFilesTest {
  @TempDir private Path folder;

  private String read(byte[] bytes) throws IOException {
    return TextFiles.read(Files.write(folder.resolve("a.txt"), bytes));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a", "{\"a\": 1}\n", "\u00e9 \u4e2d \ud83d\ude00", "a\uFEFFb"})
  void aMarkIsLeftOut(String text) throws IOException {
    assertThat(read(text.getBytes(StandardCharsets.UTF_8))).isEqualTo(text);
    assertThat(read(("\uFEFF" + text).getBytes(StandardCharsets.UTF_8))).isEqualTo(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "UTF-16",
        "UTF-16LE",
        "UTF-16BE",
        "UTF-32",
        "UTF-32LE",
        "UTF-32BE",
        "x-UTF-16LE-BOM"
      })
  void otherWidthsAreRefusedInWords(String charset) {
    assertThatThrownBy(() -> read("{\"a\": 1}".getBytes(Charset.forName(charset))))
        .isInstanceOf(IOException.class)
        .hasMessage("it is UTF-16 or UTF-32, not UTF-8; save it as UTF-8");
  }

  @Test
  void otherBytesAreRefusedWithTheirPlace() {
    assertThatThrownBy(() -> read("caf\u00e9 au lait".getBytes(StandardCharsets.ISO_8859_1)))
        .isInstanceOf(IOException.class)
        .hasMessage("it is not UTF-8 (the byte 0xE9 at 3); save it as UTF-8");
    assertThatThrownBy(() -> read(new byte[] {'a', 'b', (byte) 0xC3}))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("0xC3 at 2");
  }
}
