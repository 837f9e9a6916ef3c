package io.github.controlnet.core.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.controlnet.ControlNetPipeline;
import io.github.controlnet.core.fixtures.Fixtures;
import io.github.controlnet.exception.WeightsException;
import io.github.controlnet.model.BaseModel;
import io.github.controlnet.model.ControlModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The build forbids the network to these tests and gives them a cache of their own. */
class HubPipelineTest {
  private static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";

  private static void fill(String name, Path model) throws IOException {
    Path repository = Path.of(System.getenv("HF_HUB_CACHE"), "models--tests--" + name);
    Path snapshot = repository.resolve("snapshots").resolve(COMMIT);
    Files.createDirectories(repository.resolve("refs"));
    Files.writeString(repository.resolve("refs/main"), COMMIT);
    try (Stream<Path> files = Files.walk(model)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path place = snapshot.resolve(model.relativize(file).toString());
        if (!Files.exists(place)) {
          Files.createDirectories(place.resolveSibling(""));
          Files.copy(file, place);
        }
      }
    }
  }

  @Test
  void modelsOpenByTheirIds() throws IOException {
    fill("tiny", Fixtures.tiny());
    fill("tiny-control", Fixtures.tinyControl());
    try (ControlNetPipeline pipeline =
        ControlNetPipeline.builder()
            .base(BaseModel.hub("tests/tiny@" + COMMIT))
            .control(ControlModel.hub("tests/tiny-control"))
            .threads(1)
            .build()) {
      assertThat(pipeline.info().base()).isEqualTo("tests/tiny@" + COMMIT);
      assertThat(pipeline.info().controls()).containsExactly("tests/tiny-control");
    }
  }

  @Test
  void whatIsNotThereIsSaidWhenThePipelineIsBuilt() {
    ControlNetPipeline.Builder builder =
        ControlNetPipeline.builder().base(BaseModel.hub("tests/nothing")).threads(1);
    assertThatThrownBy(builder::build)
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("tests/nothing")
        .hasMessageContaining("HF_HUB_OFFLINE");
  }

  @Test
  void aModelOfTheHubHasNoPathOfItsOwn() {
    BaseModel base = BaseModel.hub("tests/tiny");
    assertThatThrownBy(base::path)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("tests/tiny");
    assertThat(base.hubReference()).isPresent();
    assertThat(BaseModel.of(Path.of("tiny")).hubReference()).isEmpty();
    assertThat(ControlModel.hub("a/b")).isEqualTo(ControlModel.hub("a/b@main"));
    assertThat(ControlModel.hub("a/b")).isNotEqualTo(ControlModel.hub("a/b@v1"));
  }
}
