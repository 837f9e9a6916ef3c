package io.github.controlnet.core.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.controlnet.core.fixtures.Fixtures;
import io.github.controlnet.core.weights.ModelReport.Kind;
import io.github.controlnet.exception.IncompatibleModelException;
import io.github.controlnet.exception.WeightsException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What models are said to be, and whether they fit together. */
class ModelInspectorTest {
  @TempDir Path folder;

  private Path write(String name, Map<String, List<Long>> keys) throws IOException {
    Path file = folder.resolve(name);
    SparseSafetensors.write(file, "F16", 2, keys);
    return file;
  }

  /** The names and shapes of 1.x with 2.x's hidden states and linear projections. */
  private static Map<String, List<Long>> secondGeneration(Map<String, List<Long>> keys) {
    Map<String, List<Long>> changed = new LinkedHashMap<>();
    keys.forEach(
        (name, shape) -> {
          if (name.contains(".attn2.to_k.") || name.contains(".attn2.to_v.")) {
            changed.put(name, List.of(shape.get(0), 1024L));
          } else if (name.contains("proj_in.w") || name.endsWith("1.proj_out.weight")) {
            changed.put(name, shape.subList(0, 2));
          } else if (!name.startsWith("cond_stage_model.")) {
            changed.put(name, shape);
          }
        });
    return changed;
  }

  @Test
  void baseModelPartByPart() throws IOException {
    Map<String, List<Long>> keys = SparseSafetensors.keys("stable-diffusion-v1-5");
    ModelReport report = ModelInspector.inspect(write("v1-5.safetensors", keys));
    assertThat(report.kind()).isEqualTo(Kind.BASE);
    assertThat(report.family().name()).isEqualTo("Stable Diffusion 1.x");
    assertThat(report.format()).isEqualTo("safetensors");
    assertThat(report.dtypes()).containsExactly("F16");
    assertThat(report.tensors()).hasSize(keys.size());
    assertThat(parameters(report))
        .containsEntry("text encoder", 123_060_480L)
        .containsEntry("VAE", 83_653_863L)
        .containsEntry("U-Net", 859_520_964L);
    assertThat(report.parameters()).isEqualTo(SparseSafetensors.count(keys));
    assertThat(report.bytes()).isEqualTo(2 * report.parameters());
    assertThat(report.parts().stream().mapToDouble(ModelReport.Part::share).sum())
        .isCloseTo(1, within(1e-9));
    assertThat(report.fits()).isEqualTo("Controls made for Stable Diffusion 1.x.");
  }

  @Test
  void controlAndWhatDecidedOnPooling() throws IOException {
    Map<String, List<Long>> keys = SparseSafetensors.keys("control-sd15");
    ModelReport report = ModelInspector.inspect(write("control_v11p_sd15_canny.safetensors", keys));
    assertThat(report.kind()).isEqualTo(Kind.CONTROL);
    assertThat(parameters(report)).isEqualTo(Map.of("control", 361_279_120L));
    assertThat(report.fits()).isEqualTo("Base models of Stable Diffusion 1.x.");
    assertThat(report.notes())
        .contains("Hint block: 1,086,480 parameters, part of the control.")
        .contains("Global pooling: no, not said by any configuration.");
    Path shuffle = write("control_v11e_sd15_shuffle.safetensors", keys);
    assertThat(ModelInspector.inspect(shuffle).notes())
        .contains("Global pooling: yes, assumed from the published name of the shuffle control.");
    Files.writeString(
        folder.resolve("control_v11e_sd15_shuffle.yaml"),
        "model:\n  params:\n    global_average_pooling: False\n");
    assertThat(ModelInspector.inspect(shuffle).notes())
        .anyMatch(note -> note.startsWith("Global pooling: no, said by "));
  }

  @Test
  void partsAlone() throws IOException {
    assertThat(kind("unet.safetensors", SparseSafetensors.keys("diffusers-unet")))
        .isEqualTo(Kind.UNET);
    assertThat(kind("vae.safetensors", SparseSafetensors.keys("diffusers-vae")))
        .isEqualTo(Kind.AUTOENCODER);
    assertThat(kind("text.safetensors", SparseSafetensors.keys("diffusers-text_encoder")))
        .isEqualTo(Kind.TEXT_ENCODER);
    assertThat(kind("lora.safetensors", Map.of("lora_unet_a.lora_up.weight", List.of(4L, 4L))))
        .isEqualTo(Kind.LORA);
    assertThat(kind("net.safetensors", Map.of("module.conv.weight", List.of(4L, 4L))))
        .isEqualTo(Kind.UNKNOWN);
  }

  @Test
  void lorasTellWhatTheyAreForAndHow() throws IOException {
    ModelReport kohya = ModelInspector.inspect(Fixtures.file("lora/kohya.safetensors"));
    assertThat(kohya.kind()).isEqualTo(Kind.LORA);
    assertThat(kohya.family().name()).isEqualTo("Stable Diffusion 1.x");
    assertThat(kohya.fits()).startsWith("Base models of Stable Diffusion 1.x, as a LoRA");
    assertThat(kohya.notes())
        .containsExactly(
            "Changes modules: 7 of the U-Net, 2 of the text encoder; by LoRA (9).",
            "Rank 1 to 4, alpha 0 to 8.");
    for (String file : List.of("lokr.safetensors", "original-names.pt", "diffusers-old.bin")) {
      ModelReport report = ModelInspector.inspect(Fixtures.file("lora/" + file));
      assertThat(report.kind()).as(file).isEqualTo(Kind.LORA);
      assertThat(report.notes()).as(file).isNotEmpty();
    }
    Map<String, List<Long>> extended =
        Map.of(
            "lycoris_down_blocks_1_attentions_0_transformer_blocks_0_attn2_to_k.hada_w1_a",
            List.of(640L, 4L),
            "lora_te2_text_model_encoder_layers_0_mlp_fc1.diff",
            List.of(8L, 4L));
    ModelReport report = ModelInspector.inspect(write("xl.safetensors", extended));
    assertThat(report.kind()).isEqualTo(Kind.LORA);
    assertThat(report.family().name()).isEqualTo("Stable Diffusion XL");
    assertThat(report.notes())
        .containsExactly(
            "Changes modules: 1 of the second text encoder; by full difference (1).",
            "1 tensors are not understood, such as lycoris_down_blocks_1_attentions_0_transformer_blocks_0_attn2_to_k.hada_w1_a.");
  }

  private Kind kind(String name, Map<String, List<Long>> keys) throws IOException {
    return ModelInspector.inspect(write(name, keys)).kind();
  }

  @Test
  void otherFamiliesAreNamedAndRefused() throws IOException {
    Map<String, List<Long>> second =
        secondGeneration(SparseSafetensors.keys("stable-diffusion-v1-5"));
    second.put("cond_stage_model.model.ln_final.weight", List.of(1024L));
    Path base = write("v2-1.safetensors", second);
    ModelReport report = ModelInspector.inspect(base);
    assertThat(report.kind()).isEqualTo(Kind.BASE);
    assertThat(report.family().name()).isEqualTo("Stable Diffusion 2.x");
    assertThat(report.notes()).anyMatch(note -> note.contains("hidden states of 1024"));
    assertThatThrownBy(() -> BaseWeights.open(base, Optional.empty()))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("is Stable Diffusion 2.x, which is not supported yet");
    second.remove("cond_stage_model.model.ln_final.weight");
    second.put("conditioner.embedders.1.model.ln_final.weight", List.of(1280L));
    assertThatThrownBy(() -> BaseWeights.open(write("xl.safetensors", second), Optional.empty()))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("is Stable Diffusion XL, which is not supported yet");
  }

  @Test
  void aControlOfAnotherFamilyDoesNotFit() throws IOException {
    Path basePath = write("v1-5.safetensors", SparseSafetensors.keys("stable-diffusion-v1-5"));
    Path fitting = write("control_canny.safetensors", SparseSafetensors.keys("control-sd15"));
    Path other =
        write(
            "control_v11p_sd21_canny.safetensors",
            secondGeneration(SparseSafetensors.keys("control-sd15")));
    try (BaseWeights base = BaseWeights.open(basePath, Optional.empty());
        ControlWeights good = ControlWeights.open(fitting, Optional.empty());
        ControlWeights bad = ControlWeights.open(other, Optional.empty())) {
      Compatibility.check(base, basePath, good, fitting);
      assertThat(bad.architecture().trunk().levels().get(1).heads()).isEqualTo(10);
      assertThatThrownBy(() -> Compatibility.check(base, basePath, bad, other))
          .isInstanceOf(IncompatibleModelException.class)
          .hasMessage(
              "The control control_v11p_sd21_canny.safetensors is for Stable Diffusion 2.x (hidden"
                  + " states of 1024), the base v1-5.safetensors is Stable Diffusion 1.x (768). Use"
                  + " a control made for Stable Diffusion 1.x."
                  + " (TROUBLESHOOTING.md#models-do-not-fit)");
    }
  }

  private static Map<String, Long> parameters(ModelReport report) {
    Map<String, Long> parameters = new LinkedHashMap<>();
    report.parts().forEach(part -> parameters.put(part.name(), part.parameters()));
    return parameters;
  }
}
