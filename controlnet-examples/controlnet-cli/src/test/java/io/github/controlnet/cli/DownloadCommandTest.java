package io.github.controlnet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.controlnet.cli.CommandRunner.Run;
import io.github.controlnet.demo.DemoModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The build forbids the network to these tests and gives them a cache of their own. */
class DownloadCommandTest {
  private static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";

  @TempDir private static Path folder;

  @BeforeAll
  static void fillTheCache() throws IOException {
    DemoModel demo = DemoModel.extract(folder);
    fill("demo-base", demo.base());
    fill("demo-control", demo.control());
  }

  private static Path snapshot(String name) {
    return Path.of(System.getenv("HF_HUB_CACHE"), "models--tests--" + name, "snapshots", COMMIT);
  }

  private static void fill(String name, Path model) throws IOException {
    Path snapshot = snapshot(name);
    Path refs = Files.createDirectories(snapshot.resolve("../../refs").normalize());
    Files.writeString(refs.resolve("main"), COMMIT);
    try (var files = Files.walk(model)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path place = snapshot.resolve(model.relativize(file).toString());
        Files.createDirectories(place.getParent());
        if (!Files.exists(place)) {
          Files.copy(file, place);
        }
      }
    }
  }

  @Test
  void itPrintsWhereTheModelIs() {
    Run run = CommandRunner.runWithFakes("download", "tests/demo-base");
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.outLines()).isEqualTo(List.of(snapshot("demo-base").toString()));
    assertThat(run.err()).isEmpty();
  }

  @Test
  void oneFileAndJson() {
    Run run =
        CommandRunner.runWithFakes(
            "download",
            "tests/demo-base",
            "--file",
            "unet/config.json",
            "--revision",
            COMMIT,
            "--json");
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out())
        .contains("unet/config.json", "\"revision\"", COMMIT, "\"repository\"", "tests/demo-base");
  }

  @Test
  void whatIsNotThereIsAFailureThatNamesIt() {
    Run run = CommandRunner.runWithFakes("download", "tests/nothing");
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).contains("tests/nothing", "HF_HUB_OFFLINE");
    Run base = CommandRunner.runWithFakes("generate", "--base", "tests/nothing");
    assertThat(base.code()).isEqualTo(1);
    assertThat(base.err()).contains("tests/nothing", "HF_HUB_OFFLINE");
  }

  @Test
  void generateTakesIds() {
    Run run =
        CommandRunner.run(
            "generate",
            "--base",
            "tests/demo-base",
            "--control",
            "tests/demo-control",
            "--control-image",
            picture(),
            "--steps",
            "1",
            "--threads",
            "1",
            "--seed",
            "1",
            "--output",
            folder.resolve("out").toString());
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.outLines()).hasSize(1).first().asString().endsWith(".png");
  }

  private static String picture() {
    try {
      return DemoModel.extract(folder).photograph().toString();
    } catch (java.io.UncheckedIOException e) {
      throw new AssertionError(e);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "org/name, true",
    "org/name@v1, true",
    "control_v11p_sd15_canny, true",
    "org/name/file.safetensors, true",
    "models/file.safetensors, false",
    "/org/name, false",
    "./org/name, false",
    "../name, false",
    "name, false",
    "org/, false"
  })
  void idsAreToldFromPaths(String text, boolean id) {
    assertThat(HubModels.looksLikeId(text)).isEqualTo(id);
  }
}
