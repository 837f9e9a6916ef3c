package io.github.controlnet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.controlnet.cli.CommandRunner.Run;
import io.github.controlnet.demo.DemoModel;
import io.github.controlnet.image.Images;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code make-dataset} and {@code train} on the bundled model. */
class TrainCommandTest {
  @TempDir private static Path shared;

  private static DemoModel demo;

  @TempDir Path folder;

  @BeforeAll
  static void photographs() throws IOException {
    demo = DemoModel.extract(shared.resolve("demo"));
    Files.createDirectories(shared.resolve("photos"));
    BufferedImage photo = Images.read(demo.photograph());
    for (int i = 0; i < 2; i++) {
      ImageIO.write(
          photo.getSubimage(10 * i, 0, photo.getWidth() - 10 * i, photo.getHeight()),
          "png",
          shared.resolve("photos/%d.png".formatted(i)).toFile());
    }
    Files.writeString(shared.resolve("photos/0.txt"), "a \"cup\"\nof coffee");
  }

  private Run makeDataset(String... more) {
    return CommandRunner.run(
        Stream.concat(
                Stream.of(
                    "make-dataset",
                    shared.resolve("photos").toString(),
                    folder.resolve("data").toString(),
                    "--resolution",
                    "64"),
                Stream.of(more))
            .toArray(String[]::new));
  }

  @Test
  void trainsOnAnAnnotatedFolder() throws IOException {
    Run made = makeDataset("--prompt", "a table");
    assertThat(made.code()).as(made.err()).isZero();
    Path list = folder.resolve("data/prompt.json");
    assertThat(made.outLines()).containsExactly(list.toString());
    assertThat(Files.readAllLines(list))
        .containsExactly(
            "{\"source\": \"source/0.png\", \"target\": \"target/0.png\", \"prompt\": \"a \\\"cup\\\"\\u000aof coffee\"}",
            "{\"source\": \"source/1.png\", \"target\": \"target/1.png\", \"prompt\": \"a table\"}");
    assertThat(Images.read(folder.resolve("data/source/1.png")).getWidth()).isEqualTo(64);

    Path config = folder.resolve("train.yaml");
    Files.write(
        config,
        List.of(
            "base: " + demo.base(),
            "control: " + demo.control(),
            "data: {path: " + list + "}",
            "optimizer: {learning_rate: 1e-3}",
            "run: {steps: 9, batch_size: 2, threads: 1}",
            "output: {folder: " + folder.resolve("run") + "}"));
    Run run = CommandRunner.run("train", "--config", config.toString(), "--steps", "2", "--json");
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out()).contains("\"steps\" : 2");
    assertThat(folder.resolve("run/control/config.json")).isRegularFile();
    assertThat(Files.readAllLines(folder.resolve("run/loss.csv"))).hasSize(3);
    assertThat(run.err()).contains("step 2/2", "steps/s", "left");
  }

  @Test
  void makesMapsWhileItTrains() throws IOException {
    Files.writeString(folder.resolve("0.txt"), "a cup");
    Files.copy(shared.resolve("photos/0.png"), folder.resolve("0.png"));
    Path output = folder.resolve("run");
    Run run =
        CommandRunner.run(
            "train",
            "--base",
            demo.base().toString(),
            "--data",
            folder.toString(),
            "--annotator",
            "canny",
            "--set",
            "data.annotator_options.low=50",
            "--resolution",
            "64",
            "--output",
            output.toString(),
            "--steps",
            "1",
            "--batch-size",
            "1",
            "--threads",
            "1");
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(output.resolve("control-maps")).isDirectoryContaining("glob:**.png");
  }

  @Test
  void photographsWithoutPromptsAreNamedOrSkipped() {
    Run stopped = makeDataset();
    assertThat(stopped.code()).as("wrong data are no wrong usage").isEqualTo(1);
    assertThat(stopped.err()).contains("1.png").contains("1.txt");
    Run skipped = makeDataset("--skip-broken");
    assertThat(skipped.code()).as(skipped.err()).isZero();
    assertThat(skipped.err()).contains("Warning").contains("1.png");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--data d --output o | Name the base model",
        "--base b --output o | Name the data",
        "--base b --data d | Name the output folder",
        "--base b --data d --output o --steps 0 | steps is 0",
        "--base b --data d --output o --steps x | run.steps",
        "--base b --data d --output o --loss l3 | loss.type",
        "--base b --data d --output o --set run.step=3 | no setting run.step; there are accumulation",
        "--base b --data d --output o --resolution 100 | multiple of 64",
      })
  void wrongSettingsAreWrongUsage(String words, String message) {
    Run run = CommandRunner.run(("train " + words).split(" "));
    assertThat(run.code()).as(run.err()).isEqualTo(2);
    assertThat(run.err()).contains(message);
  }

  @Test
  void helpShowsDefaults() {
    Run run = CommandRunner.run("train", "--help");
    assertThat(run.code()).isZero();
    assertThat(run.out()).contains("--learning-rate", "1.0e-5", "--sd-locked", "--schedule");
  }
}
