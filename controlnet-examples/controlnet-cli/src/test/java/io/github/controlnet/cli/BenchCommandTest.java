package io.github.controlnet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.controlnet.cli.CommandRunner.Run;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BenchCommandTest {
  @TempDir private Path folder;

  @Test
  void warmsUpAndMeasures() throws IOException {
    FakePipelineProvider.Calls calls = FakePipelineProvider.record();
    Run run =
        CommandRunner.runWithFakes(
            "bench",
            "--base",
            folder.toString(),
            "--control",
            folder.toString(),
            "--steps",
            "3",
            "--json");
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(calls.requests).hasSize(2);
    assertThat(calls.requests.get(0).sampling().steps()).isEqualTo(2);
    assertThat(calls.requests.get(1).sampling().steps()).isEqualTo(3);
    assertThat(calls.requests.get(1).output().width()).hasValue(16);
    assertThat(calls.requests.get(1).controls().list()).hasSize(1);
    JsonNode json = new ObjectMapper().readTree(run.out());
    assertThat(json.get("medianStepSeconds").asDouble()).isEqualTo(0.5);
    assertThat(json.get("stepSeconds")).hasSize(3);
  }

  @Test
  void aTableForPeople() {
    FakePipelineProvider.record();
    Run run = CommandRunner.runWithFakes("bench", "--base", folder.toString());
    assertThat(run.outLines()).anyMatch(line -> line.startsWith("step   0.500 s"));
  }
}
