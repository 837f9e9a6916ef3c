package io.github.controlnet.core.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.controlnet.Annotators;
import io.github.controlnet.ControlInput;
import io.github.controlnet.ControlNetPipeline;
import io.github.controlnet.GenerationRequest;
import io.github.controlnet.annotator.AnnotatorContext;
import io.github.controlnet.core.fixtures.Fixtures;
import io.github.controlnet.core.pipeline.CopyProvider.Remembering;
import io.github.controlnet.engine.Device;
import io.github.controlnet.exception.WeightsException;
import io.github.controlnet.model.BaseModel;
import io.github.controlnet.model.ControlModel;
import io.github.controlnet.model.HubReference;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a pipeline, and an application without one, create annotators with. */
class AnnotatorContextTest {
  private static final HubReference ABSENT = HubReference.of("tests/annotator/absent.pth");
  private static final HubReference PRESENT = HubReference.of("tests/annotator/present.pth");

  @Test
  void aPipelineHandsItsDeviceAndThreadsOverAndLooksAnAnnotatorUpOnce() {
    Device device = new Device("probe", 2);
    ControlInput input =
        ControlInput.annotate(
            new BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB), "copy_remembering");
    ProbeEngineProvider.fresh();
    try (ControlNetPipeline pipeline =
        ControlNetPipeline.builder()
            .base(BaseModel.of(Fixtures.tiny()))
            .control(ControlModel.of(Fixtures.tinyControl()))
            .engine("probe")
            .device(device)
            .threads(3)
            .build()) {
      GenerationRequest request =
          GenerationRequest.builder().size(64, 64).steps(1).seed(1).control(input).build();
      Remembering.CONTEXTS.clear();
      int before = Remembering.LOOK_UPS.get();
      pipeline.generate(request);
      assertThat(Remembering.LOOK_UPS.get() - before).isEqualTo(1);
      assertThat(Remembering.CONTEXTS).hasSize(1);
      pipeline.generate(request);
      assertThat(Remembering.CONTEXTS).as("it is kept").hasSize(1);
      AnnotatorContext beside = Annotators.context(pipeline.info());
      for (AnnotatorContext context : List.of(Remembering.CONTEXTS.get(0), beside)) {
        assertThat(context.device()).isEqualTo(device);
        assertThat(context.threads()).isEqualTo(3);
      }
    }
  }

  @Test
  void weightsComeFromTheHubsCache() throws IOException {
    Path model = Path.of(System.getenv("HF_HUB_CACHE")).resolve("models--tests--annotator");
    String commit = "0123456789abcdef0123456789abcdef01234567";
    Path snapshot = Files.createDirectories(model.resolve("snapshots").resolve(commit));
    Files.writeString(Files.createDirectories(model.resolve("refs")).resolve("main"), commit);
    Path file = Files.writeString(snapshot.resolve("present.pth"), "weights");
    assertThat(Annotators.context().find(List.of(ABSENT, PRESENT))).hasValue(file);
    assertThat(Annotators.fetching(progress -> {}).find(List.of(ABSENT, PRESENT))).hasValue(file);
    assertThat(Annotators.context().find(List.of(ABSENT))).isEmpty();
    // no test reaches out: the build sets HF_HUB_OFFLINE
    AnnotatorContext fetching = Annotators.fetching(progress -> {});
    assertThatThrownBy(() -> fetching.find(List.of(ABSENT)))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("tests/annotator/absent.pth")
        .hasMessageContaining("HF_HUB_OFFLINE");
  }
}
