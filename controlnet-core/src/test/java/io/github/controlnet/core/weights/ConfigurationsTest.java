package io.github.controlnet.core.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.controlnet.core.models.ClipText;
import io.github.controlnet.core.models.ControlNet;
import io.github.controlnet.core.models.UNet;
import io.github.controlnet.core.models.Vae;
import io.github.controlnet.core.tensors.MemoryWeights;
import io.github.controlnet.engine.ControlNetSpec;
import io.github.controlnet.engine.KlAutoencoderSpec;
import io.github.controlnet.engine.LatentFormat;
import io.github.controlnet.engine.LatentFormat.Preview;
import io.github.controlnet.engine.TextEncoderSpec;
import io.github.controlnet.engine.TextEncoderSpec.Activation;
import io.github.controlnet.engine.UNetSpec;
import io.github.controlnet.engine.UNetSpec.Level;
import io.github.controlnet.exception.WeightsException;
import io.github.controlnet.sampler.PredictionType;
import io.github.controlnet.sampler.TimestepSpacing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Other depths and widths than the published ones, and what only configurations tell. */
class ConfigurationsTest {
  private static final UNetSpec UNET =
      new UNetSpec(
          9,
          4,
          List.of(new Level(16, 0, 1), new Level(24, 2, 3), new Level(40, 1, 5)),
          1,
          3,
          5,
          20,
          72,
          4,
          1e-6,
          true);
  private static final KlAutoencoderSpec AUTOENCODER =
      new KlAutoencoderSpec(
          3, new LatentFormat(6, 2, 0.5, 0.125, Preview.GREY), List.of(8, 12), 3, 4, true);
  private static final TextEncoderSpec TEXT =
      new TextEncoderSpec(99, 11, 20, 3, 5, 50, Activation.GELU, 1e-6);
  private static final String UNET_CONFIG =
      "{\"attention_head_dim\":[9,3,5],\"norm_num_groups\":4,\"norm_eps\":1e-6,"
          + "\"sample_size\":[10,12],\"block_out_channels\":[16,24,40],\"freq_shift\":0,"
          + "\"only_cross_attention\":[false,false,false]%s}";

  @TempDir Path folder;

  private void writeModel(String more) throws IOException {
    write("unet/diffusion_pytorch_model.safetensors", UNet.shapes(UNET));
    write("vae/diffusion_pytorch_model.safetensors", Vae.shapes(AUTOENCODER));
    write("text_encoder/model.safetensors", ClipText.shapes(TEXT));
    text("unet/config.json", UNET_CONFIG.formatted(more));
    text(
        "vae/config.json", "{\"norm_num_groups\":4,\"scaling_factor\":0.5,\"shift_factor\":0.125}");
    text(
        "text_encoder/config.json",
        "{\"num_attention_heads\":5,\"hidden_act\":\"gelu\",\"layer_norm_eps\":1e-6}");
  }

  private void write(String name, Map<String, List<Long>> shapes) throws IOException {
    Files.deleteIfExists(folder.resolve(name));
    SparseSafetensors.write(folder.resolve(name), "F32", 4, shapes);
  }

  private void text(String name, String content) throws IOException {
    Files.createDirectories(folder.resolve(name).getParent());
    Files.writeString(folder.resolve(name), content);
  }

  @Test
  void everySizeIsRead() throws IOException {
    writeModel("");
    try (BaseWeights base = BaseWeights.open(folder, Optional.empty())) {
      assertThat(base.unet()).isEqualTo(UNET);
      assertThat(base.autoencoder()).isEqualTo(AUTOENCODER);
      assertThat(base.textEncoder()).isEqualTo(TEXT);
      assertThat(base.nativeSize()).isEqualTo(20);
    }
  }

  @Test
  void controlTakesHeadsAndGroupsFromItsBase() throws IOException {
    UNetSpec trunk = new UNetSpec(9, 9, UNET.levels(), 1, 3, 5, 20, 72, 4, 1e-6, true);
    ControlNetSpec control = new ControlNetSpec(trunk, 2, List.of(5, 6, 7), false);
    write("control.safetensors", ControlNet.shapes(control));
    Path file = folder.resolve("control.safetensors");
    assertThatThrownBy(() -> ControlWeights.open(file, Optional.empty()))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("cannot be normed in 32 groups (the usual number)");
    try (ControlWeights open =
        ControlWeights.open(
            file,
            Optional.empty(),
            Optional.of(new BaseUNet(UNET, MemoryWeights.builder().build())))) {
      assertThat(open.architecture()).isEqualTo(control);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"class_embed_type\":\"timestep\"|class_embed_type",
        "\"addition_embed_type\":\"text_time\"|addition_embed_type",
        "\"encoder_hid_dim\":8|encoder_hid_dim",
        "\"resnet_time_scale_shift\":\"scale_shift\"|resnet_time_scale_shift",
        "\"act_fn\":\"mish\"|act_fn",
        "\"flip_sin_to_cos\":false|flip_sin_to_cos",
        "\"center_input_sample\":true|center_input_sample",
        "\"mid_block_type\":\"UNetMidBlock2DSimpleCrossAttn\"|mid_block_type",
        "\"down_block_types\":[\"AttnDownBlock2D\"]|AttnDownBlock2D",
        "\"num_attention_heads\":7|7 attention heads",
        "\"num_attention_heads\":[1,1]|lists the heads of 2 levels",
        "\"num_attention_heads\":0|whole number above 0"
      })
  void refusesWhatChangesTheArithmetic(String more, String words) throws IOException {
    writeModel("," + more);
    assertThatThrownBy(() -> BaseWeights.open(folder, Optional.empty()))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining(words);
  }

  @Test
  void refusesAsymmetricLevels() throws IOException {
    writeModel("");
    Map<String, List<Long>> shapes = new LinkedHashMap<>(UNet.shapes(UNET));
    shapes.keySet().removeIf(name -> name.startsWith("up_blocks.0.attentions."));
    write("unet/diffusion_pytorch_model.safetensors", shapes);
    assertThatThrownBy(() -> BaseWeights.open(folder, Optional.empty()))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("depth 0 in up_blocks.0 and of depth 1 in down_blocks.2");
  }

  @Test
  void shardsAndPreferences() throws IOException {
    writeModel("");
    Files.delete(folder.resolve("unet/diffusion_pytorch_model.safetensors"));
    Map<String, List<Long>> first = new LinkedHashMap<>();
    Map<String, List<Long>> second = new LinkedHashMap<>();
    StringBuilder index = new StringBuilder();
    UNet.shapes(UNET)
        .forEach(
            (name, shape) -> {
              boolean one = first.size() <= second.size();
              (one ? first : second).put(name, shape);
              index.append(index.isEmpty() ? "" : ",");
              index.append("\"%s\":\"part-%d.safetensors\"".formatted(name, one ? 1 : 2));
            });
    write("unet/part-1.safetensors", first);
    write("unet/part-2.safetensors", second);
    String name = "unet/diffusion_pytorch_model.safetensors.index.json";
    text(name, "{\"weight_map\":{" + index + "}}");
    // a variant beside the whole model is not taken
    text("unet/diffusion_pytorch_model.fp16.safetensors", "damaged");
    try (BaseWeights base = BaseWeights.open(folder, Optional.empty())) {
      assertThat(base.unet()).isEqualTo(UNET);
    }
    text(name, "{\"weight_map\":{\"conv_in.weight\":\"../part-1.safetensors\"}}");
    assertThatThrownBy(() -> BaseWeights.open(folder, Optional.empty()))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("expected a file beside it");
    text(name, "{\"weight_map\":{\"nothing\":\"part-1.safetensors\"}}");
    assertThatThrownBy(() -> BaseWeights.open(folder, Optional.empty()))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("where it is not");
  }

  @Test
  void schedulerConfiguration() throws IOException {
    writeModel("");
    text(
        "scheduler/scheduler_config.json",
        "{\"beta_schedule\":\"linear\",\"beta_start\":0.1,\"beta_end\":0.2,"
            + "\"num_train_timesteps\":3,\"prediction_type\":\"v_prediction\","
            + "\"steps_offset\":0,\"set_alpha_to_one\":true}");
    try (BaseWeights base = BaseWeights.open(folder, Optional.empty())) {
      assertThat(base.noiseSchedule().timesteps()).isEqualTo(3);
      assertThat(base.noiseSchedule().predictionType()).isEqualTo(PredictionType.V_PREDICTION);
      assertThat(base.noiseSchedule().stepsOffset()).isZero();
      assertThat(base.noiseSchedule().finalAlphaBar()).isEqualTo(1);
      assertThat(base.noiseSchedule().alphaBar(2)).isCloseTo(0.9 * 0.85 * 0.8, within(1e-12));
    }
    text("scheduler/scheduler_config.json", "{\"beta_schedule\":\"sigmoid\"}");
    assertThatThrownBy(() -> BaseWeights.open(folder, Optional.empty()))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("\"beta_schedule\" is sigmoid");
    text("scheduler/scheduler_config.json", "{\"trained_betas\":[0.5,0.5,0.25]}");
    try (BaseWeights base = BaseWeights.open(folder, Optional.empty())) {
      assertThat(base.noiseSchedule().alphaBar(2)).isEqualTo(0.1875);
      assertThat(base.noiseSchedule().timestepSpacing()).isEmpty();
    }
    text(
        "scheduler/scheduler_config.json",
        "{\"timestep_spacing\":\"trailing\",\"rescale_betas_zero_snr\":true}");
    try (BaseWeights base = BaseWeights.open(folder, Optional.empty())) {
      assertThat(base.noiseSchedule().timestepSpacing()).contains(TimestepSpacing.TRAILING);
      assertThat(base.noiseSchedule().alphaBar(0)).isCloseTo(1 - 0.00085, within(1e-12));
      assertThat(base.noiseSchedule().alphaBar(999)).isZero();
    }
    text("scheduler/scheduler_config.json", "{\"timestep_spacing\":\"even\"}");
    assertThatThrownBy(() -> BaseWeights.open(folder, Optional.empty()))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("\"timestep_spacing\" is \"even\"")
        .hasMessageContaining("leading, linspace or trailing");
  }

  @Test
  void yamlOfTheOriginal() throws IOException {
    Path yaml = folder.resolve("v2.yaml");
    Files.writeString(
        yaml,
        """
        model:
          target: ldm.models.diffusion.ddpm.LatentDiffusion
          params:
            linear_start: 0.00085
            linear_end: 0.0120
            timesteps: 1000
            image_size: 96
            parameterization: "v"
            scale_factor: 0.13
            global_average_pooling: True
            unet_config:
              params:
                num_heads: -1
                num_head_channels: 64
            control_stage_config:
              params:
                num_heads: 8
        """);
    ConfigFiles config = ConfigFiles.read(yaml);
    assertThat(config.unet().headChannels()).isEqualTo(OptionalInt.of(64));
    assertThat(config.unet().sampleSize()).isEqualTo(OptionalInt.of(96));
    assertThat(config.control().heads()).containsExactly(8);
    assertThat(config.control().globalPooling()).contains(true);
    assertThat(config.autoencoder().scale()).hasValue(0.13);
    assertThat(NoiseScheduleReader.ofOriginal(config.original()).predictionType())
        .isEqualTo(PredictionType.V_PREDICTION);
    Files.writeString(yaml, "a: [1");
    assertThatThrownBy(() -> ConfigFiles.read(yaml))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("is not valid YAML");
    assertThatThrownBy(() -> ConfigFiles.read(folder.resolve("none.json")))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("does not exist");
  }

  private static final Map<String, List<String>> FIELDS =
      Map.of(
          "unet/config.json",
          List.of(
              "act_fn",
              "class_embed_type",
              "num_class_embeds",
              "flip_sin_to_cos",
              "center_input_sample",
              "only_cross_attention",
              "freq_shift",
              "mid_block_scale_factor",
              "conv_in_kernel",
              "down_block_types",
              "up_block_types",
              "mid_block_type",
              "num_attention_heads",
              "norm_num_groups",
              "norm_eps",
              "sample_size",
              "block_out_channels",
              "_class_name"),
          "vae/config.json",
          List.of(
              "act_fn",
              "down_block_types",
              "up_block_types",
              "shift_factor",
              "latents_mean",
              "use_quant_conv",
              "norm_num_groups",
              "scaling_factor"),
          "text_encoder/config.json",
          List.of("num_attention_heads", "layer_norm_eps", "hidden_act", "text_config"),
          "scheduler/scheduler_config.json",
          List.of(
              "trained_betas",
              "num_train_timesteps",
              "beta_start",
              "beta_end",
              "beta_schedule",
              "rescale_betas_zero_snr",
              "timestep_spacing",
              "prediction_type",
              "steps_offset",
              "set_alpha_to_one"));

  static Stream<Arguments> fields() {
    return FIELDS.entrySet().stream()
        .flatMap(file -> file.getValue().stream().map(field -> Arguments.of(file.getKey(), field)));
  }

  /** Whatever stands in a field, it is refused by the names of file and field, or means nothing. */
  @ParameterizedTest
  @MethodSource("fields")
  void wrongTypesAreRefusedByName(String file, String field) throws IOException {
    writeModel("");
    for (String value :
        List.of(
            "{\"k0\":0.5,\"\":2147483648}",
            "[{}]",
            "[null]",
            "[[1]]",
            "\"x\"",
            "-7",
            "1e999",
            "1" + "0".repeat(400),
            "99999999999",
            "0.3333")) {
      text(file, "{\"%s\":%s}".formatted(field, value));
      boolean harmless =
          (field.equals("text_config") && value.startsWith("{"))
              || (field.equals("_class_name") && value.equals("\"x\""))
              || (field.equals("shift_factor")
                  && List.of("-7", "0.3333", "99999999999").contains(value))
              || (value.equals("99999999999")
                  && List.of("norm_eps", "scaling_factor", "layer_norm_eps").contains(field))
              || (value.equals("0.3333")
                  && List.of(
                          "norm_eps", "scaling_factor", "beta_start", "beta_end", "layer_norm_eps")
                      .contains(field));
      if (!harmless) {
        assertThatThrownBy(() -> BaseWeights.open(folder, Optional.empty()))
            .as("%s: %s", field, value)
            .isInstanceOf(WeightsException.class)
            .hasMessageContaining(Path.of(file).getFileName().toString())
            .hasMessageContaining("\"" + field + "\"");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"[]", "5", "\"x\"", "null", ""})
  void configurationsThatAreNoObjects(String content) throws IOException {
    for (String file : FIELDS.keySet()) {
      writeModel("");
      text(file, content);
      assertThatThrownBy(() -> BaseWeights.open(folder, Optional.empty()))
          .as(file)
          .isInstanceOf(WeightsException.class)
          .hasMessageContaining("config.json")
          .hasMessageContaining("expected a JSON object");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "model: 5|\"model\" is 5; expected an object",
        "model: {params: [1]}|\"model.params\" is [1]; expected an object",
        "model: {params: {timesteps: many}}|model.params.timesteps",
        "model: {params: {linear_start: {a: 1}}}|model.params.linear_start",
        "model: {params: {scale_factor: -1}}|model.params.scale_factor",
        "model: {params: {image_size: 99999999}}|model.params.image_size",
        "model: {params: {parameterization: 3}}|model.params.parameterization",
        "model: {params: {unet_config: x}}|model.params.unet_config",
        "model: {params: {unet_config: {params: {num_heads: x}}}}|unet_config.params.num_heads",
        "- 1|has no model.params",
        "5|has no model.params"
      })
  void wrongTypesInTheOriginalsYaml(String content) throws IOException {
    Path base = folder.resolve("base.safetensors");
    SparseSafetensors.write(base, "F16", 2, SparseSafetensors.keys("stable-diffusion-v1-5"));
    String[] two = content.split("\\|", -1);
    text("given.yaml", two[0]);
    assertThatThrownBy(() -> BaseWeights.open(base, Optional.of(folder.resolve("given.yaml"))))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("given.yaml")
        .hasMessageContaining(two[1]);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"weight_map\":{\"conv_in.weight\":\"b.safetens\\u0000ors.\"}}|b.safetens?ors.",
        "{\"weight_map\":{\"conv_in.weight\":\"..\"}}|expected a file beside it",
        "{\"weight_map\":{\"conv_in.weight\":\"\"}}|expected a file beside it",
        "{\"weight_map\":{\"conv_in.weight\":\"a\\\\b\"}}|expected a file beside it",
        "{\"weight_map\":{\"conv_in.weight\":7}}|places \"conv_in.weight\" in 7",
        "{\"weight_map\":{\"conv_in.weight\":{\"a\":1}}}|expected the name of a file",
        "{\"weight_map\":[1]}|has no weight_map",
        "{\"weight_map\":null}|has no weight_map",
        "[]|has no weight_map",
        "{|is not valid JSON"
      })
  void damagedIndexesOfShards(String content) throws IOException {
    writeModel("");
    Files.delete(folder.resolve("unet/diffusion_pytorch_model.safetensors"));
    String[] two = content.split("\\|", -1);
    text("unet/diffusion_pytorch_model.safetensors.index.json", two[0]);
    assertThatThrownBy(() -> BaseWeights.open(folder, Optional.empty()))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("index.json")
        .hasMessageContaining(two[1]);
  }

  @ParameterizedTest
  @CsvSource({
    "q,k,v,proj_out,true",
    "to_q,to_k,to_v,to_out.0,false",
    "query,key,value,proj_attn,false",
    "to_q,to_k,to_v,to_out.0,true"
  })
  void autoencoderAttentionByAllItsNames(
      String q, String k, String v, String out, boolean convolution) throws IOException {
    Map<String, String> names = Map.of("to_q", q, "to_k", k, "to_v", v, "to_out.0", out);
    Map<String, List<Long>> keys = new LinkedHashMap<>();
    SparseSafetensors.keys("diffusers-vae")
        .forEach(
            (name, shape) -> {
              String renamed = name;
              List<Long> reshaped = shape;
              for (var entry : names.entrySet()) {
                if (name.contains(".attentions.0." + entry.getKey() + ".")) {
                  renamed = name.replace("." + entry.getKey() + ".", "." + entry.getValue() + ".");
                  if (convolution && shape.size() == 2) {
                    reshaped = List.of(shape.get(0), shape.get(1), 1L, 1L);
                  }
                }
              }
              keys.put(renamed, reshaped);
            });
    write("vae.safetensors", keys);
    try (AutoencoderWeights open = AutoencoderWeights.open(folder.resolve("vae.safetensors"))) {
      Map<String, List<Long>> shapes = new LinkedHashMap<>();
      open.weights().tensors().forEach((name, info) -> shapes.put(name, info.shape()));
      assertThat(shapes).isEqualTo(SparseSafetensors.keys("diffusers-vae"));
    }
  }
}
