package io.github.controlnet.tck.example;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The programs on the SPI pages are the ones that are compiled and tested here, word for word but
 * for comments.
 */
class SpiPagesTest {
  private static final Pattern PROGRAM =
      Pattern.compile("<pre>\\{@code\\s*\\n(.*?)\\n \\* \\}</pre>", Pattern.DOTALL);

  @ParameterizedTest
  @ValueSource(strings = {"annotator", "sampler", "engine"})
  void programsOfThePageAreTested(String spi) throws IOException {
    Path page =
        Path.of(
            "../../controlnet-api/src/main/java/io/github/controlnet", spi, "package-info.java");
    List<String> sources = new ArrayList<>();
    try (Stream<Path> files = Files.walk(Path.of("src"))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        sources.add(words(Files.readString(file)));
      }
    }
    Matcher programs = PROGRAM.matcher(Files.readString(page));
    int classes = 0;
    while (programs.find()) {
      String program = programs.group(1).replaceAll("(?m)^ \\*", "");
      if (program.contains("class ")) {
        classes++;
        assertThat(sources).as(program).anyMatch(source -> source.contains(words(program)));
      }
    }
    assertThat(classes).as("programs on the page").isGreaterThanOrEqualTo(3);
  }

  private static String words(String text) {
    return text.replaceAll("(?s)/\\*.*?\\*/|//[^\\n]*", "").replaceAll("\\s+", "");
  }
}
