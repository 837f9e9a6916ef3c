package io.github.controlnet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.controlnet.cli.CommandRunner.Run;
import io.github.controlnet.demo.DemoModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code add-control} and {@code transfer-control} on the bundled model. */
class ControlCommandsTest {
  @TempDir private static Path models;

  private static DemoModel demo;

  @TempDir Path folder;

  @BeforeAll
  static void extract() {
    demo = DemoModel.extract(models);
  }

  private static String[] add(Path out, String... more) {
    return Stream.concat(
            Stream.of("add-control", "--base", demo.base().toString(), out.toString()),
            Stream.of(more))
        .toArray(String[]::new);
  }

  @ParameterizedTest
  @ValueSource(strings = {"made", "made.safetensors", "made.pth"})
  void aNewControlIsWrittenWhereInspectAndGenerateFindIt(String name) {
    Path out = folder.resolve(name);
    Run run = CommandRunner.run(add(out));
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.outLines()).containsExactly(out.toString());
    Run inspect = CommandRunner.run("inspect", out.toString());
    assertThat(inspect.code()).as(inspect.err()).isZero();
    assertThat(inspect.out()).contains("kind    control", "Hint block");
  }

  @Test
  void anUntrainedControlChangesNothing() throws IOException {
    Path out = folder.resolve("made.safetensors");
    assertThat(CommandRunner.run(add(out)).code()).isZero();
    byte[] plain = generate("plain");
    byte[] controlled =
        generate(
            "controlled",
            "--control",
            out.toString(),
            "--control-image",
            demo.photograph().toString());
    assertThat(controlled).isEqualTo(plain);
  }

  private byte[] generate(String name, String... more) throws IOException {
    Path latents = folder.resolve(name + ".latents");
    String[] args =
        Stream.concat(
                Stream.of(
                    "generate",
                    "--base",
                    demo.base().toString(),
                    "--steps",
                    "1",
                    "--seed",
                    "1",
                    "--threads",
                    "1",
                    "--width",
                    "64",
                    "--height",
                    "64",
                    "--save-latents",
                    latents.toString(),
                    "--output",
                    folder.resolve(name).toString()),
                Stream.of(more))
            .toArray(String[]::new);
    Run run = CommandRunner.run(args);
    assertThat(run.code()).as(run.err()).isZero();
    return Files.readAllBytes(latents);
  }

  @Test
  void jsonTellsWhatWasWritten() {
    Path out = folder.resolve("made");
    Run run = CommandRunner.run(add(out, "--json", "--seed", "7", "--dtype", "float16"));
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out()).contains("\"layout\"", "diffusers", "\"seed\"", "7", out.toString());
  }

  @Test
  void transferToTheSameBaseAndWithTheBase() {
    Path out = folder.resolve("moved.safetensors");
    Run run =
        CommandRunner.run(
            "transfer-control",
            "--control",
            demo.control().toString(),
            "--from-base",
            demo.base().toString(),
            "--base",
            demo.base().toString(),
            "--with-base",
            out.toString());
    assertThat(run.code()).as(run.err()).isZero();
    Run inspect = CommandRunner.run("inspect", out.toString());
    assertThat(inspect.out()).contains("U-Net", "VAE", "text encoder");
  }

  @Test
  void whatIsThereIsReplacedOnlyByForce() throws IOException {
    Path out = folder.resolve("made.safetensors");
    Files.writeString(out, "precious");
    Run refused = CommandRunner.run(add(out));
    assertThat(refused.code()).isEqualTo(1);
    assertThat(refused.err()).contains("exists already", "--force");
    assertThat(out).hasContent("precious");
    assertThat(CommandRunner.run(add(out, "--force")).code()).isZero();
    assertThat(Files.size(out)).isGreaterThan(1000);
  }

  @Test
  void cancelledRunsLeaveNothing() throws IOException {
    CommandRunner runner = CommandRunner.create();
    runner.interrupts().gently().cancel();
    Run run = runner.execute(add(folder.resolve("made")));
    assertThat(run.code()).isEqualTo(130);
    assertThat(names()).isEmpty();
  }

  @Test
  void theBaseItselfIsNoPlaceToWriteTo() {
    Run run = CommandRunner.run(add(demo.base(), "--force"));
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("is the base itself");
  }

  @Test
  void aControlIsNoBase() {
    Run run =
        CommandRunner.run(
            "add-control", "--base", demo.control().toString(), folder.resolve("made").toString());
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).contains("holds no U-Net: it has a control");
  }

  private Set<String> names() throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      return all.map(path -> path.getFileName().toString()).collect(Collectors.toSet());
    }
  }
}
