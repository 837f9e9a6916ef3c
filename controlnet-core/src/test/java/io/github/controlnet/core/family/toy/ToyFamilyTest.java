package io.github.controlnet.core.family.toy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.controlnet.ControlNetPipeline;
import io.github.controlnet.GenerationRequest;
import io.github.controlnet.core.export.BaseExport;
import io.github.controlnet.core.export.SafetensorsWriter;
import io.github.controlnet.core.export.WriteOptions;
import io.github.controlnet.core.family.Role;
import io.github.controlnet.core.family.Section;
import io.github.controlnet.core.fixtures.Fixtures;
import io.github.controlnet.core.models.ClipText;
import io.github.controlnet.core.models.ControlNet;
import io.github.controlnet.core.models.UNet;
import io.github.controlnet.core.models.Vae;
import io.github.controlnet.core.weights.BaseWeights;
import io.github.controlnet.core.weights.ControlWeights;
import io.github.controlnet.core.weights.ModelInspector;
import io.github.controlnet.core.weights.ModelReport;
import io.github.controlnet.engine.Conditioning;
import io.github.controlnet.engine.ControlNetSpec;
import io.github.controlnet.engine.KlAutoencoderSpec;
import io.github.controlnet.engine.LatentFormat;
import io.github.controlnet.engine.TextEncoderSpec;
import io.github.controlnet.engine.TextEncoderSpec.Activation;
import io.github.controlnet.engine.UNetSpec;
import io.github.controlnet.engine.UNetSpec.Level;
import io.github.controlnet.engine.WeightSource;
import io.github.controlnet.exception.IncompatibleModelException;
import io.github.controlnet.model.BaseModel;
import io.github.controlnet.model.ControlModel;
import io.github.controlnet.model.ModelLayout;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A family with files, names and numbers of its own is read, inspected, run and written with no
 * change outside its package.
 */
class ToyFamilyTest {
  private static final UNetSpec UNET =
      new UNetSpec(
          4,
          4,
          List.of(new Level(32, 1, 2), new Level(64, 0, 1)),
          1,
          1,
          4,
          24,
          128,
          32,
          1e-5,
          false);
  private static final ControlNetSpec CONTROL =
      new ControlNetSpec(UNET, 3, List.of(8, 8, 16), false);
  private static final KlAutoencoderSpec AUTOENCODER =
      new KlAutoencoderSpec(3, ToyFamily.LATENTS, List.of(32, 32), 1, 32, true);
  private static final TextEncoderSpec TEXT =
      new TextEncoderSpec(650, 77, 24, 3, 1, 48, Activation.QUICK_GELU, 1e-5);

  @TempDir Path folder;

  /** Writes components of zeros as the family's files have them. */
  private Path write(String name, Map<Role, Map<String, List<Long>>> components) {
    Map<String, List<Long>> tensors = new LinkedHashMap<>();
    components.forEach(
        (role, shapes) -> {
          Section section = new ToyFamily().section(role);
          Map<String, String> names = section.names().original(shapes.keySet());
          shapes.forEach(
              (canonical, shape) -> tensors.put(section.prefix() + names.get(canonical), shape));
        });
    Path file = folder.resolve(name);
    SafetensorsWriter.write(file, new Zeros(tensors), WriteOptions.defaults().withOverwrite(true));
    return file;
  }

  private Path base() {
    return write(
        "toy.safetensors",
        Map.of(
            Role.UNET,
            UNet.shapes(UNET),
            Role.AUTOENCODER,
            Vae.shapes(AUTOENCODER),
            Role.TEXT_ENCODER,
            ClipText.shapes(TEXT)));
  }

  private Path control() {
    return write("toy-control.safetensors", Map.of(Role.CONTROL, ControlNet.shapes(CONTROL)));
  }

  /** Tensors of zeros. */
  private static final class Zeros implements WeightSource {
    private final Map<String, TensorInfo> tensors = new LinkedHashMap<>();

    Zeros(Map<String, List<Long>> shapes) {
      shapes.forEach((name, shape) -> tensors.put(name, new TensorInfo(DType.F32, shape)));
    }

    @Override
    public Map<String, TensorInfo> tensors() {
      return tensors;
    }

    @Override
    public void read(String name, long byteOffset, ByteBuffer destination) {
      destination.put(new byte[destination.remaining()]);
    }
  }

  @Test
  void isInspected() {
    ModelReport report = ModelInspector.inspect(base());
    assertThat(report.family().name()).isEqualTo("Toy");
    assertThat(report.kind()).isEqualTo(ModelReport.Kind.BASE);
    assertThat(report.fits()).isEqualTo("Controls made for Toy.");
    assertThat(ModelInspector.inspect(control()).fits()).isEqualTo("Base models of Toy.");
  }

  @Test
  void isReadWithItsNamesAndNumbers() {
    try (BaseWeights base = BaseWeights.open(base(), Optional.empty())) {
      assertThat(base.family().name()).isEqualTo("Toy");
      assertThat(base.unet()).isEqualTo(UNET);
      assertThat(base.textEncoder()).isEqualTo(TEXT);
      assertThat(base.autoencoder()).isEqualTo(AUTOENCODER);
      assertThat(base.nativeSize()).isEqualTo(48);
      assertThat(base.noiseSchedule().timesteps()).isEqualTo(100);
      assertThat(base.unetWeights().tensors()).containsKey("down_blocks.0.resnets.0.conv1.weight");
    }
  }

  @Test
  void itsControlsFitItsBasesAndNoOthers() {
    try (ControlNetPipeline pipeline = builder().control(ControlModel.of(control())).build()) {
      assertThat(pipeline.info().controls()).hasSize(1);
    }
    try (ControlWeights control = ControlWeights.open(control(), Optional.empty())) {
      assertThat(control.family().name()).isEqualTo("Toy");
      assertThat(control.architecture()).isEqualTo(CONTROL);
    }
    assertThatThrownBy(() -> builder().control(ControlModel.of(Fixtures.tinyControl())).build())
        .isInstanceOf(IncompatibleModelException.class)
        .hasMessageContaining("Stable Diffusion 1.x (hidden states of 32)")
        .hasMessageContaining("is Toy (24)");
    assertThatThrownBy(
            () ->
                ControlNetPipeline.builder()
                    .base(BaseModel.of(Fixtures.tiny()))
                    .engine("watched")
                    .control(ControlModel.of(control()))
                    .build())
        .isInstanceOf(IncompatibleModelException.class)
        .hasMessageContaining("is for Toy");
  }

  private ControlNetPipeline.Builder builder() {
    return ControlNetPipeline.builder()
        .base(BaseModel.of(base()))
        .tokenizer(Fixtures.tiny().resolve("tokenizer"))
        .engine("watched");
  }

  @Test
  void isRunByItsRecipe() {
    try (ControlNetPipeline pipeline = builder().build()) {
      assertThat(pipeline.info().family()).isEqualTo("Toy");
      WatchedEngineProvider.CONDITIONINGS.clear();
      WatchedEngineProvider.TEXTS.clear();
      pipeline.generate(
          GenerationRequest.builder().prompt("a bird").size(32, 64).steps(2).clipSkip(2).build());
      assertThat(WatchedEngineProvider.TEXTS).hasSize(1);
      assertThat(WatchedEngineProvider.TEXTS.get(0).skippedLayers())
          .as("the request's layer and the family's")
          .isEqualTo(2);
      assertThat(WatchedEngineProvider.CONDITIONINGS).hasSize(1);
      Conditioning told = WatchedEngineProvider.CONDITIONINGS.get(0);
      assertThat(told.sizeIds()).isEqualTo(List.of(List.of(32.0, 64.0), List.of(32.0, 64.0)));
      assertThat(told.guidance()).hasValue(3);
    }
  }

  @Test
  void isWrittenUnderItsNames() {
    Path written = folder.resolve("written.safetensors");
    try (BaseWeights base = BaseWeights.open(base(), Optional.empty())) {
      BaseExport.of(base).write(written, ModelLayout.ORIGINAL, WriteOptions.defaults());
    }
    List<String> names =
        ModelInspector.inspect(written).tensors().stream().map(ModelReport.Tensor::name).toList();
    assertThat(names)
        .contains(
            "toy_net.down_blocks/0/resnets/0/conv1/weight",
            "toy_pixels.decoder/conv_in/weight",
            "toy_words.embeddings/token_embedding/weight");
    try (BaseWeights again = BaseWeights.open(written, Optional.empty())) {
      assertThat(again.family().name()).isEqualTo("Toy");
      assertThat(again.unet()).isEqualTo(UNET);
      LatentFormat latents = again.autoencoder().latents();
      assertThat(latents.scale()).isEqualTo(0.5);
      assertThat(latents.shift()).isEqualTo(0.25);
    }
  }
}
