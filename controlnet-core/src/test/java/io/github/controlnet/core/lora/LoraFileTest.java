package io.github.controlnet.core.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.controlnet.core.family.Families;
import io.github.controlnet.core.family.Role;
import io.github.controlnet.core.fixtures.Fixtures;
import io.github.controlnet.core.weights.BaseWeights;
import io.github.controlnet.exception.ControlNetException;
import io.github.controlnet.exception.IncompatibleModelException;
import io.github.controlnet.exception.WeightsException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a file of changes is for, and what is refused. */
class LoraFileTest {
  private static final String MODULE =
      "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_q";
  private static BaseWeights base;
  private static BaseModules modules;
  @TempDir private Path folder;

  @BeforeAll
  static void open() {
    base = BaseWeights.open(Fixtures.tiny(), Optional.empty());
    modules = LoraFiles.modules(base);
  }

  @AfterAll
  static void close() {
    base.close();
  }

  private Path write(Map<String, List<Long>> shapes) {
    return LoraFiles.write(folder.resolve("x.safetensors"), shapes);
  }

  private static Map<String, List<Long>> product(String module, long out, long in) {
    return Map.of(
        module + ".lora_up.weight", List.of(out, 2L),
        module + ".lora_down.weight", List.of(2L, in));
  }

  @ParameterizedTest
  @CsvSource({
    "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k, 320, 768, Stable Diffusion 1.x",
    "lora_unet_input_blocks_1_1_transformer_blocks_0_attn2_to_k, 320, 1024, Stable Diffusion 2.x",
    "lora_unet_input_blocks_4_1_transformer_blocks_0_attn2_to_k, 640, 2048, Stable Diffusion XL",
    "unet.down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_k, 640, 2048, Stable Diffusion XL",
    "lora_te2_text_model_encoder_layers_0_mlp_fc1, 5120, 1280, Stable Diffusion XL",
    "text_encoder_2.text_model.encoder.layers.0.mlp.fc1, 5120, 1280, Stable Diffusion XL",
    "lora_unet_label_emb_0_0, 1280, 2816, Stable Diffusion XL",
  })
  void familiesAreToldByNamesAndWidths(String module, long out, long in, String family) {
    Path path = write(product(module, out, in));
    try (LoraFile file = LoraFile.open(path)) {
      assertThat(file.family().name()).isEqualTo(family);
      if (!family.equals("Stable Diffusion 1.x")) {
        assertThatThrownBy(() -> modules.changes(file, true))
            .isInstanceOf(IncompatibleModelException.class)
            .hasMessageContaining("is a LoRA for " + family)
            .hasMessageContaining("the base tiny is Stable Diffusion 1.x");
      }
    }
  }

  @Test
  void textEncodersAloneTellNoFamily() {
    Path path = write(product("lora_te_text_model_encoder_layers_0_mlp_fc1", 128, 32));
    try (LoraFile file = LoraFile.open(path)) {
      assertThat(file.family()).isSameAs(Families.UNKNOWN);
      assertThat(modules.changes(file, false).weights(Role.TEXT_ENCODER))
          .containsExactly("encoder.layers.0.mlp.fc1.weight");
    }
  }

  @Test
  void whatIsNotUnderstoodIsNamedAndLeftOutWhenAsked() {
    Map<String, List<Long>> shapes = new HashMap<>(product(MODULE, 16, 16));
    shapes.put("lora_unet_no_such_module.lora_up.weight", List.of(16L, 2L));
    shapes.put("lora_unet_no_such_module.lora_down.weight", List.of(2L, 16L));
    shapes.put(MODULE + ".lora_side.weight", List.of(16L, 2L));
    try (LoraFile file = LoraFile.open(write(shapes))) {
      assertThatThrownBy(() -> modules.changes(file, false))
          .isInstanceOf(IncompatibleModelException.class)
          .hasMessageContaining("2 names that are not understood")
          .hasMessageContaining("lora_unet_no_such_module")
          .hasMessageContaining(MODULE + ".lora_side.weight")
          .hasMessageContaining("ignoringUnknownKeys()");
      LoraChanges rest = modules.changes(file, true);
      assertThat(rest.weights(Role.UNET)).hasSize(1);
      assertThat(rest.ignored()).hasSize(2);
    }
  }

  @Test
  void otherSizesAreRefused() {
    try (LoraFile file = LoraFile.open(write(product(MODULE, 16, 24)))) {
      assertThatThrownBy(() -> modules.changes(file, true))
          .isInstanceOf(IncompatibleModelException.class)
          .hasMessageContaining("16 x 24")
          .hasMessageContaining("[16, 16]");
    }
  }

  @Test
  void halfOfAProductIsNotUnderstood() {
    Map<String, List<Long>> shapes = new HashMap<>(product(MODULE, 16, 16));
    String other = MODULE.replace("to_q", "to_v");
    shapes.put(other + ".lora_up.weight", List.of(16L, 2L));
    shapes.put(MODULE.replace("to_q", "to_k") + ".lora_up.weight", List.of(16L, 3L));
    shapes.put(MODULE.replace("to_q", "to_k") + ".lora_down.weight", List.of(2L, 16L));
    try (LoraFile file = LoraFile.open(write(shapes))) {
      assertThat(file.notUnderstood())
          .hasSize(3)
          .contains(other + ".lora_up.weight")
          .doesNotContain(MODULE + ".lora_up.weight");
    }
  }

  @Test
  void filesThatAreNoLoraAreRefused() {
    assertThatThrownBy(() -> LoraFile.open(write(Map.of("conv_in.weight", List.of(16L, 4L)))))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("is no LoRA")
        .hasMessageContaining("conv_in.weight");
    assertThatThrownBy(() -> LoraFile.open(folder.resolve("absent")))
        .isInstanceOf(ControlNetException.class);
  }

  @Test
  void twoNamesOfOneModuleAreRefused() {
    Map<String, List<Long>> shapes = new HashMap<>(product(MODULE, 16, 16));
    shapes.putAll(
        product("unet.down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q", 16, 16));
    try (LoraFile file = LoraFile.open(write(shapes))) {
      assertThatThrownBy(() -> modules.changes(file, true)).hasMessageContaining("twice");
    }
  }

  @Test
  void theSummaryTellsMethodsRanksAndAlphas() {
    try (LoraFile file = LoraFile.open(Fixtures.file("lora/kohya.safetensors"))) {
      LoraSummary summary = file.summary();
      assertThat(summary.modules()).isEqualTo(Map.of("U-Net", 7, "text encoder", 2));
      assertThat(summary.methods()).isEqualTo(Map.of("LoRA", 9));
      assertThat(summary.ranks()).containsExactly(1, 2, 3, 4);
      assertThat(summary.alphas()).containsExactly(0.0, 1.0, 3.0, 8.0);
      assertThat(summary.sentences())
          .containsExactly(
              "Changes modules: 7 of the U-Net, 2 of the text encoder; by LoRA (9).",
              "Rank 1 to 4, alpha 0 to 8.");
    }
  }
}
