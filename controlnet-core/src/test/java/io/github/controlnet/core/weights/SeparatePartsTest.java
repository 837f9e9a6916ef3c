package io.github.controlnet.core.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.controlnet.ControlNetPipeline;
import io.github.controlnet.GenerationRequest;
import io.github.controlnet.Provenance.ModelSource;
import io.github.controlnet.core.export.BaseExport;
import io.github.controlnet.core.export.SafetensorsWriter;
import io.github.controlnet.core.export.WeightValues;
import io.github.controlnet.core.export.WriteOptions;
import io.github.controlnet.core.family.Families;
import io.github.controlnet.core.fixtures.Fixtures;
import io.github.controlnet.core.tensors.JoinedWeights;
import io.github.controlnet.core.tensors.StoredWeights;
import io.github.controlnet.engine.WeightSource;
import io.github.controlnet.exception.IncompatibleModelException;
import io.github.controlnet.exception.WeightsException;
import io.github.controlnet.model.BaseModel;
import io.github.controlnet.model.ModelLayout;
import io.github.controlnet.sampler.PredictionType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Bases whose autoencoder or text encoder comes from elsewhere. */
class SeparatePartsTest {
  private static final Path TINY = Fixtures.tiny();
  private static final Path VAE = TINY.resolve("vae");
  private static final Path TEXT = TINY.resolve("text_encoder");

  @TempDir Path folder;
  private Path whole = Path.of("");

  @BeforeEach
  void writeSingleFile() {
    whole = folder.resolve("whole.safetensors");
    try (BaseWeights base = BaseWeights.open(TINY, Optional.empty())) {
      BaseExport.of(base).write(whole, ModelLayout.ORIGINAL, WriteOptions.defaults());
    }
  }

  /** The single file without the tensors of these prefixes, with its configuration beside it. */
  private Path without(String name, String... prefixes) throws IOException {
    Path file = folder.resolve(name + ".safetensors");
    try (StoredWeights all = StoredWeights.open(whole)) {
      JoinedWeights.Builder kept = JoinedWeights.builder();
      all.tensors()
          .forEach(
              (tensor, info) -> {
                if (Stream.of(prefixes).noneMatch(tensor::startsWith)) {
                  kept.add(tensor, all, tensor, info.shape());
                }
              });
      SafetensorsWriter.write(file, kept.build(), WriteOptions.defaults());
    }
    Files.copy(folder.resolve("whole.json"), folder.resolve(name + ".json"));
    return file;
  }

  private static SeparateParts parts(Path vae, Path text) {
    return new SeparateParts(Optional.of(vae), Optional.of(text));
  }

  private static SeparateParts vae(Path vae) {
    return new SeparateParts(Optional.of(vae), Optional.empty());
  }

  private static SeparateParts text(Path text) {
    return new SeparateParts(Optional.empty(), Optional.of(text));
  }

  private static void assertSame(BaseWeights base) {
    try (BaseWeights expected = BaseWeights.open(TINY, Optional.empty())) {
      assertThat(base.unet()).isEqualTo(expected.unet());
      assertThat(base.autoencoder()).isEqualTo(expected.autoencoder());
      assertThat(base.textEncoder()).isEqualTo(expected.textEncoder());
      assertValues(base.unetWeights(), expected.unetWeights());
      assertValues(base.autoencoderWeights(), expected.autoencoderWeights());
      assertValues(base.textEncoderWeights(), expected.textEncoderWeights());
    }
  }

  private static void assertValues(WeightSource weights, WeightSource expected) {
    assertThat(WeightValues.all(weights))
        .containsExactlyInAnyOrderEntriesOf(WeightValues.all(expected));
  }

  @Test
  void anAutoencoderThatTheFileLacks() throws IOException {
    Path file = without("novae", "first_stage_model.");
    for (Path vae : List.of(VAE, VAE.resolve("diffusion_pytorch_model.safetensors"), TINY, whole)) {
      try (BaseWeights base = BaseWeights.open(file, Optional.empty(), vae(vae))) {
        assertSame(base);
      }
    }
    assertThatThrownBy(() -> BaseWeights.open(file, Optional.empty()))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("it has a text encoder, a U-Net, ")
        .hasMessageContaining("but no VAE.")
        .hasMessageContaining("--vae")
        .hasMessageNotContaining("--text-encoder");
  }

  @Test
  void aTextEncoderThatTheFileLacks() throws IOException {
    Path file = without("notext", "cond_stage_model.");
    for (Path text : List.of(TEXT, TEXT.resolve("model.safetensors"), TINY, whole)) {
      try (BaseWeights base = BaseWeights.open(file, Optional.empty(), text(text))) {
        assertSame(base);
      }
    }
    try (BaseWeights base = BaseWeights.open(file, Optional.empty(), text(TEXT))) {
      assertThat(base.tokenizer()).map(Path::getFileName).contains(Path.of("tokenizer"));
    }
    assertThatThrownBy(() -> BaseWeights.open(file, Optional.empty()))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("but no text encoder.")
        .hasMessageContaining("--text-encoder");
  }

  @Test
  void aUNetAloneInAnyForm() throws IOException {
    Path bare = folder.resolve("unet.safetensors");
    Files.copy(TINY.resolve("unet/diffusion_pytorch_model.safetensors"), bare);
    Files.copy(TINY.resolve("unet/config.json"), folder.resolve("unet.json"));
    Path lacking = folder.resolve("lacking");
    copy(TINY.resolve("unet"), lacking.resolve("unet"));
    for (Path unet :
        List.of(
            TINY.resolve("unet"),
            TINY.resolve("unet/diffusion_pytorch_model.safetensors"),
            bare,
            lacking,
            without("pruned", "first_stage_model.", "cond_stage_model."))) {
      try (BaseWeights base = BaseWeights.open(unet, Optional.empty(), parts(VAE, TEXT))) {
        assertSame(base);
      }
      assertThatThrownBy(() -> BaseWeights.open(unet, Optional.empty()))
          .isInstanceOf(WeightsException.class)
          .hasMessageContaining("but no text encoder and no VAE")
          .hasMessageContaining("--vae")
          .hasMessageContaining("--text-encoder");
    }
  }

  /** What is replaced is not judged: it may be absent in its folder, incomplete or damaged. */
  @Test
  void ownPartsThatAreReplacedMayBeBroken() throws IOException {
    Path base = folder.resolve("base");
    copy(TINY.resolve("unet"), base.resolve("unet"));
    Files.createDirectories(base.resolve("vae"));
    Files.createDirectories(base.resolve("text_encoder"));
    Files.writeString(base.resolve("text_encoder/model.safetensors"), "damaged");
    try (BaseWeights open = BaseWeights.open(base, Optional.empty(), parts(VAE, TEXT))) {
      assertSame(open);
    }
    Path incomplete =
        without(
            "incomplete",
            "first_stage_model.decoder.",
            "cond_stage_model.transformer.text_model.final");
    try (BaseWeights open = BaseWeights.open(incomplete, Optional.empty(), parts(VAE, TEXT))) {
      assertSame(open);
    }
    assertThatThrownBy(() -> BaseWeights.open(incomplete, Optional.empty(), vae(VAE)))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("final_layer_norm");
  }

  @Test
  void whatIsNoSuchPartIsNamed() {
    assertThatThrownBy(() -> BaseWeights.open(TINY, Optional.empty(), vae(TEXT)))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("is not an autoencoder (VAE): it has a text encoder");
    assertThatThrownBy(() -> BaseWeights.open(TINY, Optional.empty(), text(VAE)))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("is not a CLIP text encoder: it has a VAE");
    assertThatThrownBy(() -> BaseWeights.open(TINY, Optional.empty(), text(folder.resolve("no"))))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("does not exist");
    assertThatThrownBy(() -> BaseWeights.open(VAE, Optional.empty(), parts(VAE, TEXT)))
        .isInstanceOf(WeightsException.class)
        // whatever families are on the class path
        .hasMessageContaining("but no U-Net. Use a whole " + Families.runnable() + " model.")
        .hasMessageContaining("Stable Diffusion 1.x");
    assertThatThrownBy(
            () ->
                BaseWeights.open(
                    TINY, Optional.empty(), text(published("diffusers-text_encoder", "text"))))
        .isInstanceOf(IncompatibleModelException.class)
        .hasMessageContaining("makes states of 768 values")
        .hasMessageContaining("takes 32");
  }

  private Path published(String list, String name) throws IOException {
    Path file = folder.resolve(name + ".safetensors");
    SparseSafetensors.write(file, "F16", 2, SparseSafetensors.keys(list));
    return file;
  }

  static Stream<String> configurations() {
    return Stream.of("vae/config.json", "text_encoder/config.json", "unet/config.json");
  }

  /** Heads, groups and scales that only the configuration tells, given from outside. */
  @ParameterizedTest
  @MethodSource("configurations")
  void aComponentsConfigurationIsAppliedToThatComponent(String name) throws IOException {
    Path base = folder.resolve("base");
    for (String part : List.of("unet", "vae", "text_encoder")) {
      copy(TINY.resolve(part), base.resolve(part));
    }
    Path config = folder.resolve("given.json");
    Files.copy(TINY.resolve(name), config);
    Files.delete(base.resolve(name));
    try (BaseWeights open = BaseWeights.open(base, Optional.of(config))) {
      assertSame(open);
    }
  }

  @Test
  void aSeparatePartsConfigurationGoesToThatPart() throws IOException {
    Path bare = folder.resolve("bare.safetensors");
    Files.copy(VAE.resolve("diffusion_pytorch_model.safetensors"), bare);
    assertThatThrownBy(() -> BaseWeights.open(TINY, Optional.empty(), vae(bare)))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("norm_num_groups");
    try (BaseWeights open =
        BaseWeights.open(TINY, Optional.of(VAE.resolve("config.json")), vae(bare))) {
      assertSame(open);
    }
  }

  @Test
  void aModelIndexAndASchedulerAreConfigurations() throws IOException {
    Path bare = without("bare");
    Files.delete(folder.resolve("bare.json"));
    try (BaseWeights open = BaseWeights.open(bare, Optional.of(TINY.resolve("model_index.json")))) {
      assertSame(open);
      assertThat(open.noiseSchedule().alphaBar(999)).isEqualTo(schedule(TINY, Optional.empty()));
    }
    Path scheduler = folder.resolve("other.json");
    Files.writeString(scheduler, "{\"_class_name\":\"EulerDiscreteScheduler\",\"beta_end\":0.02}");
    assertThat(schedule(TINY, Optional.of(scheduler)))
        .isNotEqualTo(schedule(TINY, Optional.empty()));
  }

  @Test
  void aUNetInsideADiffusersFolderHasItsScheduler() throws IOException {
    Path base = folder.resolve("base");
    copy(TINY.resolve("unet"), base.resolve("unet"));
    Files.createDirectories(base.resolve("scheduler"));
    Files.writeString(
        base.resolve("scheduler/scheduler_config.json"), "{\"prediction_type\":\"v_prediction\"}");
    Path file = base.resolve("unet/diffusion_pytorch_model.safetensors");
    for (Path unet : List.of(base.resolve("unet"), file)) {
      try (BaseWeights open = BaseWeights.open(unet, Optional.empty(), parts(VAE, TEXT))) {
        assertThat(open.noiseSchedule().predictionType()).isEqualTo(PredictionType.V_PREDICTION);
      }
    }
  }

  private static double schedule(Path base, Optional<Path> config) {
    try (BaseWeights open = BaseWeights.open(base, config)) {
      return open.noiseSchedule().alphaBar(999);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"_class_name\":\"AutoencoderTiny\",\"latent_channels\":4}|expected AutoencoderKL, since",
        "{\"_class_name\":\"UNet3DConditionModel\"}|of a UNet3DConditionModel",
        "{\"architectures\":[\"T5EncoderModel\"],\"d_model\":4}|of a T5EncoderModel",
        "{\"architectures\":[\"CLIPVisionModelWithProjection\"]}|of a CLIPVisionModelWithProjection",
        "{\"tokenizer_class\":\"CLIPTokenizer\",\"model_max_length\":77}|it holds tokenizer_class",
        "{\"description\":\"\",\"notes\":\"good\"}|no configuration that is known here",
        "{}|it holds nothing",
        "[]|expected a JSON object",
        "|expected a JSON object",
        "{\"_class_name\":\"StableDiffusionPipeline\"}|Give the diffusers folder",
        "{\"_class_name\":\"ControlNetModel\"}|configuration of a control",
        "{\"_class_name\":5}|expected a text",
        "{\"architectures\":\"CLIPTextModel\"}|expected a list of texts",
        "{\"unet\":[1]}|\"unet\" is [1]; expected an object"
      })
  void otherConfigurationsAreNamed(String content) throws IOException {
    String[] two = content.split("\\|", -1);
    Path config = folder.resolve("given.json");
    Files.writeString(config, two[0]);
    assertThatThrownBy(() -> BaseWeights.open(TINY, Optional.of(config)))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("given.json")
        .hasMessageContaining(two[1]);
  }

  @Test
  void aControlTakesTheConfigurationOfControlOrUNet() {
    Path control = Fixtures.tinyControl();
    ControlWeights.open(control, Optional.of(TINY.resolve("unet/config.json"))).close();
    assertThatThrownBy(() -> ControlWeights.open(control, Optional.of(VAE.resolve("config.json"))))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("is the configuration of the VAE");
  }

  /** Web UIs write notes of their users under this name. */
  @Test
  void notesBesideAFileAreNoConfiguration() throws IOException {
    Path file = published("stable-diffusion-v1-5", "v1-5");
    Files.writeString(
        folder.resolve("v1-5.json"),
        "{\"description\":\"x\",\"sd version\":\"SD1\",\"notes\":\"\"}");
    try (BaseWeights base = BaseWeights.open(file, Optional.empty())) {
      assertThat(base.unet().levels().get(0).heads()).isEqualTo(8);
    }
  }

  @Test
  void inspectSaysWhatIsThereAndWhatGivesTheRest() throws IOException {
    ModelReport report = ModelInspector.inspect(without("novae", "first_stage_model."));
    assertThat(report.kind()).isEqualTo(ModelReport.Kind.INCOMPLETE_BASE);
    assertThat(report.fits())
        .startsWith("Nothing by itself. It has a text encoder, a U-Net, ")
        .endsWith("; give the VAE with vae(Path) of the pipeline's builder or --vae.");
    assertThat(ModelInspector.inspect(TINY.resolve("unet")).fits())
        .contains("It has a U-Net; give the text encoder with", "--text-encoder, and the VAE with");
    assertThat(ModelInspector.inspect(TEXT).fits()).contains("--text-encoder");
    assertThat(ModelInspector.inspect(VAE).fits()).contains("--vae");
    assertThat(ModelInspector.inspect(without("nounet", "model.diffusion_model.")).fits())
        .startsWith("Nothing by itself. It has a text encoder, a VAE, ")
        .endsWith("; a base model needs a U-Net.");
  }

  @Test
  void aPipelineOfPartsPaintsTheSame() throws IOException {
    Path file = without("pruned", "first_stage_model.", "cond_stage_model.");
    GenerationRequest request =
        GenerationRequest.builder().prompt("a red circle").size(64, 64).steps(2).seed(3).build();
    float[] expected;
    try (ControlNetPipeline pipeline =
        ControlNetPipeline.builder().base(BaseModel.of(TINY)).build()) {
      expected = pipeline.generate(request).latents().values();
    }
    try (ControlNetPipeline pipeline =
        ControlNetPipeline.builder().base(BaseModel.of(file)).vae(VAE).textEncoder(TEXT).build()) {
      var result = pipeline.generate(request);
      assertThat(result.latents().values()).isEqualTo(expected);
      assertThat(result.provenance().models())
          .extracting(ModelSource::role)
          .containsExactly("base", "vae", "text encoder", "tokenizer");
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.createDirectories(to);
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
      }
    }
  }
}
