package io.github.controlnet.core.tensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.controlnet.ControlInput;
import io.github.controlnet.ControlNetPipeline;
import io.github.controlnet.Controls;
import io.github.controlnet.GenerationRequest;
import io.github.controlnet.core.export.ControlExport;
import io.github.controlnet.core.export.SafetensorsWriter;
import io.github.controlnet.core.export.TorchWriter;
import io.github.controlnet.core.export.WeightValues;
import io.github.controlnet.core.export.WriteOptions;
import io.github.controlnet.core.fixtures.Fixtures;
import io.github.controlnet.core.tensors.SummedWeights.Term;
import io.github.controlnet.core.weights.ControlWeights;
import io.github.controlnet.core.weights.ModelInspector;
import io.github.controlnet.core.weights.ModelReport;
import io.github.controlnet.core.weights.UNetWeights;
import io.github.controlnet.engine.WeightSource;
import io.github.controlnet.exception.IncompatibleModelException;
import io.github.controlnet.exception.WeightsException;
import io.github.controlnet.model.BaseModel;
import io.github.controlnet.model.ControlModel;
import io.github.controlnet.model.ExportOptions;
import io.github.controlnet.model.ModelLayout;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Controls that are stored as differences to the base that they were made from, as other programs
 * extract and load them: a tensor named {@code difference} beside the control's, and the encoder's
 * and middle's values less the base's.
 */
class DifferencesTest {
  private static final Optional<Path> CONFIG =
      Optional.of(Fixtures.tinyControl().resolve("config.json"));

  @TempDir Path folder;

  private static WeightSource mark() {
    return MemoryWeights.builder().add("difference", List.of(), new float[] {1}).build();
  }

  /** Under diffusers' names or the original's, without prefix or with. */
  private Path write(String name, String layout) {
    Path file = folder.resolve(name);
    try (ControlWeights control = ControlWeights.open(Fixtures.tinyControl(), Optional.empty());
        UNetWeights base = UNetWeights.open(Fixtures.tiny(), Optional.empty())) {
      WeightSource difference =
          new SummedWeights(control.weights(), List.of(new Term("the base", base.weights(), -1)));
      if (layout.equals("diffusers")) {
        write(file, difference, "");
      } else {
        Path plain = folder.resolve("plain.safetensors");
        ControlExport.write(
            plain,
            control.architecture(),
            difference,
            ModelLayout.ORIGINAL,
            WriteOptions.defaults().withOverwrite(true));
        try (StoredWeights stored = StoredWeights.open(plain)) {
          boolean prefixed =
              stored.tensors().keySet().iterator().next().startsWith("control_model.");
          write(file, stored, prefixed ? "" : layout);
        }
      }
    }
    return file;
  }

  private static void write(Path file, WeightSource difference, String prefix) {
    WeightSource marked =
        JoinedWeights.builder().add(prefix, Map.of(), difference).add("", Map.of(), mark()).build();
    if (file.toString().endsWith(".pth")) {
      TorchWriter.write(file, marked, WriteOptions.defaults());
    } else {
      SafetensorsWriter.write(file, marked, WriteOptions.defaults());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "bare.safetensors diffusers",
        "bare.pth diffusers",
        "prefixed.safetensors control_model.",
        "prefixed.pth control_model."
      })
  void theBaseIsAdded(String form) {
    String[] two = form.split(" ", -1);
    Path file = write(two[0], two[1]);
    try (ControlWeights control = ControlWeights.open(Fixtures.tinyControl(), Optional.empty());
        UNetWeights base = UNetWeights.open(Fixtures.tiny(), Optional.empty());
        ControlWeights read = ControlWeights.open(file, CONFIG, Optional.of(base.baseUNet()))) {
      assertThat(read.architecture()).isEqualTo(control.architecture());
      WeightSource weights = read.weights();
      assertThat(weights.tensors().keySet())
          .containsExactlyInAnyOrderElementsOf(control.weights().tensors().keySet());
      for (String name : weights.tensors().keySet()) {
        float[] values = WeightValues.floats(weights, name);
        float[] expected = WeightValues.floats(control.weights(), name);
        for (int i = 0; i < values.length; i++) {
          // two roundings to floats of 24 bits
          float step = Math.ulp(Math.abs(expected[i]) + 1);
          assertThat(values[i]).as(name).isCloseTo(expected[i], within(step));
        }
      }
    }
  }

  @Test
  void withoutItsBaseItIsRefusedByName() {
    Path file = write("diff.safetensors", "control_model.");
    assertThatThrownBy(() -> ControlWeights.open(file, CONFIG))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("diff.safetensors holds differences to a base's weights");
    ModelReport report = ModelInspector.inspect(file, CONFIG);
    assertThat(report.kind()).isEqualTo(ModelReport.Kind.CONTROL);
    assertThat(report.notes()).anyMatch(note -> note.contains("differences to the base"));
  }

  @Test
  void aBaseOfAnotherShapeIsRefused() {
    Path file = write("diff.safetensors", "diffusers");
    try (UNetWeights inpainting =
            UNetWeights.open(Fixtures.file("tiny-inpaint"), Optional.empty());
        ControlWeights control =
            ControlWeights.open(file, CONFIG, Optional.of(inpainting.baseUNet()))) {
      assertThatThrownBy(control::weights)
          .isInstanceOf(IncompatibleModelException.class)
          .hasMessageContaining("conv_in.weight")
          .hasMessageContaining("in the base");
    }
  }

  @Test
  void aTransferTakesTheOldBase() {
    ControlModel difference =
        ControlModel.of(write("diff.safetensors", "diffusers")).withConfig(CONFIG.get());
    BaseModel base = BaseModel.of(Fixtures.tiny());
    ExportOptions options = ExportOptions.of(ModelLayout.DIFFUSERS);
    Path out = folder.resolve("moved");
    Controls.transfer(difference, base, base, out, options);
    try (ControlWeights moved = ControlWeights.open(out, Optional.empty());
        ControlWeights control = ControlWeights.open(Fixtures.tinyControl(), Optional.empty())) {
      float[] values = WeightValues.floats(moved.weights(), "conv_in.weight");
      float[] expected = WeightValues.floats(control.weights(), "conv_in.weight");
      assertThat(Fixtures.relativeError(values, expected)).isLessThan(1e-6);
    }
  }

  @Test
  void aPipelinePaintsAsWithTheControlItself() {
    Path file = write("diff.safetensors", "control_model.");
    float[] expected = latents(ControlModel.of(Fixtures.tinyControl()));
    float[] values = latents(ControlModel.of(file).withConfig(CONFIG.get()));
    assertThat(Fixtures.relativeError(values, expected)).isLessThan(1e-5);
    float[] plain = latents();
    assertThat(Fixtures.relativeError(plain, expected)).isGreaterThan(1e-3);
  }

  private static float[] latents(ControlModel... controls) {
    ControlNetPipeline.Builder builder =
        ControlNetPipeline.builder().base(BaseModel.of(Fixtures.tiny()));
    GenerationRequest.Builder request =
        GenerationRequest.builder().prompt("a red circle").size(64, 64).steps(2).seed(3);
    for (ControlModel control : controls) {
      builder.control(control);
      request.control(ControlInput.of(new BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB)));
    }
    try (ControlNetPipeline pipeline = builder.build()) {
      return pipeline.generate(request.build()).latents().values();
    }
  }
}
