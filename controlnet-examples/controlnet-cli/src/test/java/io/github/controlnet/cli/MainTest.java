package io.github.controlnet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.controlnet.cli.CommandRunner.Run;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How the command ends when something goes wrong around it. */
class MainTest {
  @TempDir private Path folder;

  /** Errors by what is told of them. */
  static Stream<Arguments> errors() {
    return Stream.of(
        error(
            () -> new OutOfMemoryError("Java heap space"),
            "is full: Java heap space. Take a smaller"),
        error(StackOverflowError::new, "unexpected StackOverflowError: StackOverflowError"),
        error(() -> new AssertionError("not so"), "unexpected AssertionError: not so"),
        error(
            () -> new NoClassDefFoundError("org/x/Y"), "unexpected NoClassDefFoundError: org/x/Y"),
        error(() -> new InternalError("two\nlines"), "unexpected InternalError: two lines"));
  }

  private static Arguments error(Supplier<Error> error, String told) {
    return Arguments.of(error, told);
  }

  private static Run failing(Supplier<Error> error, String... words) {
    FakePipelineProvider.record().beforeGenerate =
        request -> {
          throw error.get();
        };
    return CommandRunner.runWithFakes(words);
  }

  @ParameterizedTest
  @MethodSource("errors")
  void errorsAreOneLineAndTheTraceIsForTheVerbose(Supplier<Error> error, String told) {
    String out = folder.toString();
    Run run = failing(error, "generate", "--output", out);
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).contains("controlnet generate: ").contains(told).doesNotContain("\tat ");
    assertThat(failing(error, "generate", "--output", out, "--verbose").err())
        .contains(told)
        .contains("\tat ");
  }

  /** Standard output on a full disk, or one whose reader has gone. */
  private static PrintWriter full() {
    return new PrintWriter(
        new FilterOutputStream(OutputStream.nullOutputStream()) {
          @Override
          public void write(byte[] bytes, int from, int count) throws IOException {
            throw new IOException("No space left on device");
          }
        },
        true,
        StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @CsvSource({
    "annotate --list --json",
    "annotate --list",
    "generate --list-samplers",
    "--version",
    "--help"
  })
  void resultsThatCannotBeWrittenAreAFailure(String words) {
    StringWriter err = new StringWriter();
    Interrupts interrupts = new Interrupts(new PrintWriter(err));
    int code =
        Main.run(
            full(), new PrintWriter(err), false, interrupts, Optional.empty(), words.split(" "));
    assertThat(code).isEqualTo(1);
    assertThat(err.toString()).contains("could not be written to standard output");
  }

  @Test
  void missingPluginsAreNamedAndTheRestGoesOn() {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    Interrupts interrupts = new Interrupts(new PrintWriter(err));
    int code =
        Main.run(
            new PrintWriter(out),
            new PrintWriter(err),
            false,
            interrupts,
            Optional.of(folder.resolve("gone.jar").toString()),
            "--version");
    assertThat(code).isZero();
    assertThat(err.toString()).contains("gone.jar, which is not there");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\u001b[2J",
        "\u001b]0;title\u0007",
        "a\rb",
        "\u009b31m",
        "\u202eevil",
        "a\u2028b",
        "\ud800"
      })
  void whatATerminalWouldObeyIsWrittenOut(String text) {
    String shown = Printable.of(text);
    assertThat(shown).contains("\\u");
    assertThat(shown.chars()).allMatch(letter -> letter >= ' ' && letter < 0x7f);
  }

  @Test
  void wordsOfAnyLanguageStay() {
    String text =
        "\u4e2d\u6587 \u00e4\u00f6 caf\u00e9\t\u0645\u0631\u062d\u0628\u0627 \ud83d\ude00";
    assertThat(Printable.of(text)).isEqualTo(text);
  }

  @Test
  void latentsReplaceLatentsAloneAndSaySo() throws IOException {
    FakePipelineProvider.record();
    String out = folder.resolve("out").toString();
    Path file = folder.resolve("l.safetensors");
    String[] words = {"generate", "--output", out, "--save-latents", file.toString()};
    assertThat(CommandRunner.runWithFakes(words).err()).doesNotContain("replaced");
    Run again = CommandRunner.runWithFakes(words);
    assertThat(again.code()).isZero();
    assertThat(again.err()).contains("The latents in " + file + " will be replaced.");
    Files.writeString(file, "the only copy of something else");
    Run refused = CommandRunner.runWithFakes(words);
    assertThat(refused.code()).isEqualTo(1);
    assertThat(refused.err()).contains("holds no latents").contains("name another file");
    assertThat(Files.readString(file)).isEqualTo("the only copy of something else");
  }
}
