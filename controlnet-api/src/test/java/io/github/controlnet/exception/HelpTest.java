package io.github.controlnet.exception;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/** Links in messages lead to chapters that are there, and every chapter has its link. */
class HelpTest {
  @Test
  void everyLinkHasItsChapter() throws IOException {
    List<String> anchors =
        Files.readAllLines(Path.of("../TROUBLESHOOTING.md")).stream()
            .filter(line -> line.startsWith("## "))
            .map(line -> line.substring(3).toLowerCase(Locale.ROOT).replace(' ', '-'))
            .toList();
    assertThat(Arrays.stream(Help.values()).map(Help::link))
        .containsExactlyInAnyOrderElementsOf(
            anchors.stream().map(anchor -> "TROUBLESHOOTING.md#" + anchor).toList());
  }

  @Test
  void messagesEndWithTheLink() {
    assertThat(new IncompatibleModelException("The control is for SDXL."))
        .hasMessage("The control is for SDXL. (TROUBLESHOOTING.md#models-do-not-fit)");
  }
}
