package io.github.controlnet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.controlnet.ControlInput;
import io.github.controlnet.ControlMode;
import io.github.controlnet.GenerationRequest;
import io.github.controlnet.GuessMode;
import io.github.controlnet.Guidance;
import io.github.controlnet.InitImage;
import io.github.controlnet.PipelineConfig;
import io.github.controlnet.Presets;
import io.github.controlnet.Prompt;
import io.github.controlnet.PromptEmbeddings;
import io.github.controlnet.PromptSyntax;
import io.github.controlnet.Prompts.EmbeddingPair;
import io.github.controlnet.ScaleSchedule;
import io.github.controlnet.cli.CommandRunner.Run;
import io.github.controlnet.engine.Device;
import io.github.controlnet.engine.OffloadPolicy;
import io.github.controlnet.engine.Precision;
import io.github.controlnet.exception.WeightsException;
import io.github.controlnet.image.ResizeMode;
import io.github.controlnet.model.TextualInversion;
import io.github.controlnet.model.VaeModel;
import io.github.controlnet.sampler.PredictionType;
import io.github.controlnet.sampler.Sampler;
import io.github.controlnet.sampler.ScheduleSettings;
import io.github.controlnet.sampler.TimestepSpacing;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GenerateCommandTest {
  @TempDir private Path folder;
  private Path base = Path.of("");
  private Path control = Path.of("");
  private Path picture = Path.of("");
  private FakePipelineProvider.Calls calls = new FakePipelineProvider.Calls();

  @BeforeEach
  void makeFiles() throws IOException {
    base = Files.createDirectory(folder.resolve("base"));
    control = Files.write(folder.resolve("control.safetensors"), new byte[] {1, 2, 3});
    picture = folder.resolve("picture.png");
    ImageIO.write(new BufferedImage(12, 8, BufferedImage.TYPE_INT_RGB), "png", picture.toFile());
    calls = FakePipelineProvider.record();
  }

  private Run generate(String... more) {
    return CommandRunner.runWithFakes(arguments(more));
  }

  private String[] arguments(String... more) {
    List<String> args = new ArrayList<>(List.of("generate", "--base", base.toString()));
    args.addAll(List.of("--output", folder.resolve("out").toString()));
    args.addAll(List.of(more));
    return args.toArray(String[]::new);
  }

  @Test
  void defaultsArePlainStableDiffusion() {
    Run run = generate("--seed", "5");
    assertThat(run.code()).as(run.err()).isZero();
    PipelineConfig config = calls.config();
    assertThat(config.base().path()).isEqualTo(base);
    assertThat(config.controls()).isEmpty();
    assertThat(config.device()).isEqualTo(Device.CPU);
    assertThat(config.precision()).isEqualTo(Precision.FLOAT32);
    assertThat(config.offload()).isEqualTo(OffloadPolicy.NONE);
    assertThat(config.threads()).isZero();
    assertThat(config.tokenizer()).isEmpty();
    assertThat(config.vae()).isEmpty();
    assertThat(config.textEncoder()).isEmpty();
    GenerationRequest request = calls.request();
    assertThat(request.prompts().list()).containsExactly(new Prompt("", ""));
    assertThat(request.prompts().added()).isEmpty();
    assertThat(request.controls().list()).isEmpty();
    assertThat(request.output().width()).isEmpty();
    assertThat(request.output().height()).isEmpty();
    assertThat(request.output().resolution()).isEmpty();
    assertThat(request.imageCount()).isEqualTo(1);
    assertThat(request.sampling().steps()).isEqualTo(20);
    assertThat(request.guidance()).isEqualTo(Guidance.of(9));
    assertThat(request.sampling().eta()).isZero();
    assertThat(request.controls().guessMode()).isEqualTo(GuessMode.OFF);
    assertThat(request.controls().onlyMid()).isFalse();
    assertThat(request.sampling().sampler())
        .hasValueSatisfying(s -> assertThat(s.name()).isEqualTo("ddim"));
    assertThat(calls.closed).isEqualTo(1);
  }

  @Test
  void aPresetSetsWhatNoOptionSays() {
    Run run = generate("--preset", "hyper-4");
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.err()).contains("ByteDance/Hyper-SD/Hyper-SD15-4steps-lora.safetensors");
    GenerationRequest request = calls.request();
    assertThat(request.preset()).contains(Presets.hyper(4));
    assertThat(request.sampling().steps()).isEqualTo(4);
    assertThat(request.guidance()).isEqualTo(Guidance.of(1));
    assertThat(request.sampling().eta()).isZero();
    assertThat(request.sampling().sampler())
        .hasValueSatisfying(
            sampler -> {
              assertThat(sampler.name()).isEqualTo("ddim");
              assertThat(sampler.settings().timestepSpacing()).contains(TimestepSpacing.TRAILING);
            });
  }

  @Test
  void optionsBesideAPresetWin() {
    Run run =
        generate(
            "--steps",
            "6",
            "--preset",
            "hyper-8",
            "--guidance-scale",
            "1.5",
            "--eta",
            "0.5",
            "--sampler",
            "another",
            "--timestep-spacing",
            "linspace");
    assertThat(run.code()).as(run.err()).isZero();
    GenerationRequest request = calls.request();
    assertThat(request.sampling().steps()).isEqualTo(6);
    assertThat(request.guidance()).isEqualTo(Guidance.of(1.5));
    assertThat(request.sampling().eta()).isEqualTo(0.5);
    assertThat(request.sampling().sampler())
        .hasValueSatisfying(
            sampler -> {
              assertThat(sampler.name()).isEqualTo("another");
              assertThat(sampler.settings().timestepSpacing()).contains(TimestepSpacing.LINSPACE);
            });
  }

  @Test
  void presetsAreListedAndUnknownOnesRefused() {
    Run list = CommandRunner.run("generate", "--list-presets");
    assertThat(list.outLines()).hasSize(Presets.all().size());
    assertThat(list.outLines().get(0))
        .startsWith("lcm ")
        .contains("lcm, 4 steps, guidance 1.0; latent-consistency/lcm-lora-sdv1-5/");
    assertThat(CommandRunner.run("generate", "--list-presets", "--json").out())
        .contains("\"timestepSpacing\"", "\"lightning-4\"");
    Run unknown = generate("--preset", "lightning");
    assertThat(unknown.code()).isEqualTo(2);
    assertThat(unknown.err()).contains("There is no preset \"lightning\"", "lightning-4");
  }

  @Test
  void previewsAreDrawnAsAsked() throws IOException {
    Path tiny = Files.writeString(folder.resolve("taesd_decoder.pth"), "x");
    Run run = generate("--preview", tiny.toString());
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(calls.config().preview()).contains(VaeModel.of(tiny));
    Run missing = generate("--preview", folder.resolve("none.pth").toString());
    assertThat(missing.code()).isEqualTo(1);
    assertThat(missing.err()).contains("--preview: there is no file or folder");
  }

  @Test
  void previewsOfLatentsNeedNoModel() {
    assertThat(generate("--preview", "latents").code()).isZero();
    assertThat(calls.config().preview()).isEmpty();
  }

  @Test
  void samplerSettingsReachThePipeline() {
    Run run =
        generate(
            "--sampler",
            "another",
            "--timestep-spacing",
            "trailing",
            "--prediction-type",
            "v_prediction",
            "--zero-terminal-snr");
    assertThat(run.code()).as(run.err()).isZero();
    Sampler sampler = calls.request().sampling().sampler().orElseThrow();
    assertThat(sampler.name()).isEqualTo("another");
    assertThat(sampler.settings())
        .isEqualTo(
            ScheduleSettings.none()
                .withTimestepSpacing(TimestepSpacing.TRAILING)
                .withPredictionType(PredictionType.V_PREDICTION)
                .withZeroTerminalSnr(true));
  }

  @Test
  void promptEmbeddingsAreReadFromAFile() throws IOException {
    Path file =
        safetensors(
            "{\"prompt_embeds\":{\"dtype\":\"F32\",\"shape\":[1,2,3],\"data_offsets\":[0,24]},"
                + "\"negative_prompt_embeds\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[24,48]}}",
            1,
            2,
            3,
            4,
            5,
            6,
            -1,
            -2,
            -3,
            -4,
            -5,
            -6);
    Run run = generate("--prompt-embeddings", file.toString());
    assertThat(run.code()).as(run.err()).isZero();
    PromptEmbeddings states =
        calls.request().prompts().embeddings().map(EmbeddingPair::positive).orElseThrow();
    assertThat(states.tokens()).isEqualTo(2);
    assertThat(states.width()).isEqualTo(3);
    assertThat(states.values()).containsExactly(1, 2, 3, 4, 5, 6);
    assertThat(
            calls
                .request()
                .prompts()
                .embeddings()
                .map(EmbeddingPair::negative)
                .orElseThrow()
                .values())
        .containsExactly(-1, -2, -3, -4, -5, -6);
  }

  @Test
  void promptEmbeddingsOfAnotherKindAreRefused() throws IOException {
    Path lone =
        safetensors(
            "{\"prompt_embeds\":{\"dtype\":\"F32\",\"shape\":[1,2],\"data_offsets\":[0,8]}}", 1, 2);
    Run run = generate("--prompt-embeddings", lone.toString());
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err())
        .contains(lone.toString(), "has no negative_prompt_embeds", "it holds: prompt_embeds");
    Path flat =
        safetensors(
            "{\"prompt_embeds\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", 1, 2);
    assertThat(generate("--prompt-embeddings", flat.toString()).err())
        .contains("prompt_embeds", "of shape [2]", "[tokens, width]");
    assertThat(generate("--prompt-embeddings", "gone.safetensors").err())
        .contains("--prompt-embeddings", "gone.safetensors");
  }

  private Path safetensors(String header, float... values) throws IOException {
    ByteBuffer bytes =
        ByteBuffer.allocate(8 + header.length() + values.length * Float.BYTES)
            .order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(header.length()).put(header.getBytes(StandardCharsets.US_ASCII));
    bytes.asFloatBuffer().put(values);
    return Files.write(folder.resolve("states.safetensors"), bytes.array());
  }

  @Test
  void picturesAndPromptOptionsReachThePipeline() throws IOException {
    BufferedImage shape = new BufferedImage(12, 8, BufferedImage.TYPE_INT_RGB);
    shape.setRGB(3, 4, 0xffffff);
    Path mask = folder.resolve("mask.png");
    ImageIO.write(shape, "png", mask.toFile());
    Path words = Files.createDirectory(folder.resolve("words"));
    Files.write(words.resolve("bad-hands.pt"), new byte[] {1});
    Files.write(words.resolve("notes.txt"), new byte[] {1});
    Run run =
        generate(
            "--init-image",
            picture.toString(),
            "--strength",
            "0.4",
            "--mask",
            mask.toString(),
            "--mask-blur",
            "2.5",
            "--inpaint-full-res",
            "--padding",
            "7",
            "--prompt-syntax",
            "weighted",
            "--clip-skip",
            "2",
            "--embedding",
            words.toString());
    assertThat(run.code()).as(run.err()).isZero();
    GenerationRequest request = calls.request();
    InitImage init = request.initImage().orElseThrow();
    assertThat(init.image().getWidth()).isEqualTo(12);
    assertThat(init.strength()).isEqualTo(0.4);
    assertThat(init.mask().orElseThrow().blur()).isEqualTo(2.5);
    assertThat(init.mask().orElseThrow().padding()).hasValue(7);
    assertThat(request.prompts().syntax()).isEqualTo(PromptSyntax.WEIGHTED);
    assertThat(request.prompts().clipSkip()).isEqualTo(2);
    assertThat(calls.config().embeddings())
        .containsExactly(new TextualInversion("bad-hands", words.resolve("bad-hands.pt")));
  }

  @Test
  void aMaskWithTransparencyMasksWhereItIsOpaque() throws IOException {
    BufferedImage shape = new BufferedImage(12, 8, BufferedImage.TYPE_INT_ARGB);
    shape.setRGB(3, 4, 0xffffffff);
    Path mask = folder.resolve("white-on-nothing.png");
    ImageIO.write(shape, "png", mask.toFile());
    Run run =
        generate(
            "--init-image",
            picture.toString(),
            "--mask",
            mask.toString(),
            "--control",
            control.toString(),
            "--control-image",
            picture.toString(),
            "--control-inpaint-mask",
            mask.toString(),
            "--control-mask",
            mask.toString());
    assertThat(run.code()).as(run.err()).isZero();
    GenerationRequest request = calls.request();
    for (BufferedImage read :
        List.of(
            request.initImage().orElseThrow().mask().orElseThrow().image(),
            request.controls().list().get(0).mask().orElseThrow(),
            request.controls().list().get(0).inpaintMask().orElseThrow())) {
      for (int i = 0; i < 96; i++) {
        boolean white = i == 4 * 12 + 3;
        assertThat(read.getRGB(i % 12, i / 12)).isEqualTo(white ? 0xffffffff : 0xff000000);
      }
    }
  }

  @Test
  void wrongPicturesAndWordsAreNamed() throws IOException {
    Path small = folder.resolve("small.png");
    ImageIO.write(new BufferedImage(5, 8, BufferedImage.TYPE_INT_RGB), "png", small.toFile());
    Run empty = generate("--init-image", picture.toString(), "--mask", picture.toString());
    assertThat(empty.code()).isEqualTo(2);
    assertThat(empty.err()).contains("The mask is empty");
    BufferedImage white = new BufferedImage(5, 8, BufferedImage.TYPE_INT_RGB);
    white.setRGB(0, 0, 0xffffff);
    ImageIO.write(white, "png", small.toFile());
    Run shape = generate("--init-image", picture.toString(), "--mask", small.toString());
    assertThat(shape.code()).isEqualTo(2);
    assertThat(shape.err()).contains("The mask is 5 x 8, the init image 12 x 8");
    Run missing = generate("--embedding", folder.resolve("none.pt").toString());
    assertThat(missing.code()).isEqualTo(1);
    assertThat(missing.err()).contains("none.pt");
    Run nothing = generate("--embedding", base.toString());
    assertThat(nothing.code()).isEqualTo(1);
    assertThat(nothing.err()).contains("has no .pt");
  }

  @Test
  void everyOptionReachesThePipeline() throws IOException {
    Path file = Files.createFile(folder.resolve("config.json"));
    Run run =
        generate(
            "--control",
            control.toString(),
            "--control",
            control.toString(),
            "--control-image",
            picture.toString(),
            "--control-image",
            picture.toString(),
            "--annotator",
            "canny",
            "--annotator",
            "none",
            "--annotator-option",
            "1.low=50",
            "--annotator-option",
            "high=70",
            "--control-scale",
            "0.5,0",
            "--control-start",
            "0.1",
            "--control-end",
            "0.6,0.7",
            "--control-mode",
            "prompt,resolution",
            "--control-weights",
            "1,0.5",
            "--control-mask",
            "none",
            "--control-mask",
            picture.toString(),
            "--control-inpaint-mask",
            "none",
            "--control-inpaint-mask",
            picture.toString(),
            "--guidance-rescale",
            "0.7",
            "--guidance-start",
            "0.1",
            "--guidance-end",
            "0.8",
            "--pag-scale",
            "3",
            "--detect-resolution",
            "128,192",
            "--resize-mode",
            "crop,fill",
            "--only-mid-control",
            "--guess-mode",
            "--guess-weights",
            "diffusers",
            "--prompt",
            "@a bird",
            "--added-prompt",
            "best",
            "--negative-prompt",
            "-bad",
            "--width",
            "64",
            "--height",
            "72",
            "--image-resolution",
            "320",
            "--images",
            "2",
            "--steps",
            "3",
            "--guidance-scale",
            "7.5",
            "--seed",
            "1,2",
            "--eta",
            "0.25",
            "--sampler",
            "another",
            "--vae",
            file.toString(),
            "--text-encoder",
            control.toString(),
            "--tokenizer",
            folder.toString(),
            "--base-config",
            file.toString(),
            "--control-config",
            file.toString(),
            "--dtype",
            "bfloat16",
            "--offload",
            "model",
            "--device",
            "cuda:1",
            "--threads",
            "3");
    assertThat(run.code()).as(run.err()).isZero();

    PipelineConfig config = calls.config();
    assertThat(config.base().config()).contains(file);
    assertThat(config.controls()).hasSize(2);
    assertThat(config.controls().get(1).path()).isEqualTo(control);
    assertThat(config.controls().get(1).config()).contains(file);
    assertThat(config.vae()).contains(VaeModel.of(file));
    assertThat(config.textEncoder()).contains(control);
    assertThat(config.tokenizer()).contains(folder);
    assertThat(config.precision()).isEqualTo(Precision.BFLOAT16);
    assertThat(config.offload()).isEqualTo(OffloadPolicy.MODEL);
    assertThat(config.device()).isEqualTo(Device.cuda(1));
    assertThat(config.threads()).isEqualTo(3);

    GenerationRequest request = calls.request();
    assertThat(request.prompts().list()).containsExactly(new Prompt("@a bird", "-bad"));
    assertThat(request.prompts().added()).isEqualTo("best");
    assertThat(request.output().width()).hasValue(64);
    assertThat(request.output().height()).hasValue(72);
    assertThat(request.output().resolution()).hasValue(320);
    assertThat(request.output().imagesPerPrompt()).isEqualTo(2);
    assertThat(request.sampling().steps()).isEqualTo(3);
    assertThat(request.guidance())
        .isEqualTo(
            Guidance.of(7.5).withRescale(0.7).withInterval(0.1, 0.8).withPerturbedAttention(3));
    assertThat(request.sampling().seeds()).containsExactly(1L, 2L);
    assertThat(request.sampling().eta()).isEqualTo(0.25);
    assertThat(request.controls().guessMode()).isEqualTo(GuessMode.DIFFUSERS);
    assertThat(request.controls().onlyMid()).isTrue();
    assertThat(request.sampling().sampler())
        .hasValueSatisfying(scheduler -> assertThat(scheduler.name()).isEqualTo("another"));

    ControlInput first = request.controls().list().get(0);
    assertThat(first.annotator()).contains("canny");
    assertThat(first.annotatorOptions()).isEqualTo(Map.of("low", "50", "high", "70"));
    assertThat(first.detectResolution()).hasValue(128);
    assertThat(first.scale()).isEqualTo(ScaleSchedule.constant(0.5));
    assertThat(first.start()).isEqualTo(0.1);
    assertThat(first.end()).isEqualTo(0.6);
    assertThat(first.resizeMode()).isEqualTo(ResizeMode.CROP);
    assertThat(first.image().getWidth()).isEqualTo(12);
    ControlInput second = request.controls().list().get(1);
    assertThat(second.annotator()).isEmpty();
    assertThat(second.annotatorOptions()).isEmpty();
    assertThat(second.detectResolution()).hasValue(192);
    assertThat(second.resizeMode()).isEqualTo(ResizeMode.FILL);
    assertThat(second.scale()).isEqualTo(ScaleSchedule.constant(0));
    assertThat(first.mode()).isEqualTo(ControlMode.PROMPT);
    assertThat(second.mode()).isEqualTo(ControlMode.RESOLUTION);
    assertThat(first.layerWeights()).isEqualTo(second.layerWeights()).containsExactly(1.0, 0.5);
    assertThat(first.mask()).isEmpty();
    assertThat(first.inpaintMask()).isEmpty();
    assertThat(second.mask()).isPresent();
    assertThat(second.inpaintMask()).isPresent();
    assertThat(second.start()).isEqualTo(0.1);
    assertThat(second.end()).isEqualTo(0.7);
  }

  @Test
  void everySamplerDrawsOnOneSheet() throws IOException {
    Run run = generate("--sampler", "all", "--seed", "-1", "--json");
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(calls.configs).hasSize(1);
    assertThat(calls.requests)
        .extracting(request -> request.sampling().sampler().orElseThrow().name())
        .containsExactly("another", "ddim");
    assertThat(calls.requests.get(1).sampling().seeds())
        .as("the seed of all")
        .containsExactly(4711L);
    JsonNode json = new ObjectMapper().readTree(run.out());
    assertThat(json.get("sampler")).hasToString("[\"another\",\"ddim\"]");
    Path sheet = folder.resolve("out/samplers-4711.png");
    assertThat(json.get("images").get(0).asText()).isEqualTo(sheet.toString());
    BufferedImage drawn = ImageIO.read(sheet.toFile());
    // Two pictures of 16 x 16, black on white, with their names below.
    assertThat(drawn.getWidth()).isGreaterThan(16);
    assertThat(drawn.getHeight()).isGreaterThan(2 * 16);
    assertThat(drawn.getRGB(8, 8) & 0xffffff).isZero();
    assertThat(drawn.getRGB(0, 0) & 0xffffff).isEqualTo(0xffffff);
    int dark = 0;
    for (int y = 8 + 16; y < 8 + 16 + 12; y++) {
      for (int x = 8; x < drawn.getWidth(); x++) {
        dark += (drawn.getRGB(x, y) & 255) < 128 ? 1 : 0;
      }
    }
    assertThat(dark).as("dark pixels of the name").isBetween(20, 600);
  }

  @Test
  void schedulesTakeThePlaceOfScales() {
    Run run =
        generate(
            "--control",
            control.toString(),
            "--control-image",
            picture.toString(),
            "--control-schedule",
            "1..-0.2",
            "--guidance-schedule",
            "9,7.5,1");
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(calls.request().controls().list().get(0).scale())
        .isEqualTo(ScaleSchedule.linear(1, -0.2));
    assertThat(calls.request().guidance()).isEqualTo(Guidance.of(ScaleSchedule.perStep(9, 7.5, 1)));
  }

  @Test
  void anInpaintMaskHasTheSizeOfThePicture() throws IOException {
    Path small = folder.resolve("small.png");
    ImageIO.write(new BufferedImage(6, 4, BufferedImage.TYPE_INT_RGB), "png", small.toFile());
    Run run =
        generate(
            "--control",
            control.toString(),
            "--control-image",
            picture.toString(),
            "--control-inpaint-mask",
            small.toString());
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("mask is 6 x 4, its photograph 12 x 8; expected the same size");
  }

  @Test
  void withABaseThePictureIsAMapAlready() {
    Run run = generate("--control", control.toString(), "--control-image", picture.toString());
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(calls.request().controls().list().get(0).annotator()).isEmpty();
  }

  @Test
  void aListOfSeedsMeansAsManyImages() {
    assertThat(generate("--seed", "7,8,9").code()).isZero();
    assertThat(calls.request().imageCount()).isEqualTo(3);
  }

  @Test
  void picturesAreNamedBySeedAndIndexAndPrinted() {
    Run run = generate("--seed", "42", "--images", "2", "--prompt", "a cat");
    Path out = folder.resolve("out");
    assertThat(run.outLines())
        .containsExactly(out.resolve("42-0.png").toString(), out.resolve("42-1.png").toString());
    assertThat(out).isDirectoryContaining("glob:**/42-0.png");
    assertThat(PngChunks.text(out.resolve("42-0.png")))
        .hasEntrySatisfying(
            "parameters", text -> assertThat(text).startsWith("a cat\nSteps: 20").contains("42"));
  }

  @Test
  void anotherRunOfTheSameSeedDoesNotReplaceThePictures() {
    generate("--seed", "42", "--prompt", "a cat");
    Run same = generate("--seed", "42", "--prompt", "a cat");
    Run other = generate("--seed", "42", "--prompt", "a dog");
    assertThat(same.out().strip()).endsWith("42-0.png");
    assertThat(other.out().strip()).endsWith("42-0-2.png");
    assertThat(PngChunks.text(folder.resolve("out/42-0.png")).get("parameters")).contains("cat");
  }

  @Test
  void plainLinesTellProgressWithoutATerminal() {
    Run run = generate("--steps", "2");
    assertThat(run.err()).contains("step 1/2", "step 2/2").doesNotContain("\r", "\u001b");
  }

  @Test
  void aTerminalGetsABar() {
    Run run = CommandRunner.create().onTerminal().executeWithFakes(arguments("--steps", "2"));
    assertThat(run.code()).isZero();
    assertThat(run.err()).contains("\rstep 1/2 [###############...............]");
    assertThat(run.out()).doesNotContain("\r");
  }

  @Test
  void jsonIsOneObjectWithEveryKey() throws IOException {
    Run run =
        generate(
            "--json",
            "--images",
            "2",
            "--steps",
            "3",
            "--control",
            control.toString(),
            "--control-image",
            picture.toString());
    assertThat(run.code()).as(run.err()).isZero();
    JsonNode json = new ObjectMapper().readTree(run.out());
    assertThat(json.get("images")).hasSize(2);
    assertThat(Path.of(json.get("images").get(1).asText())).isRegularFile();
    assertThat(json.get("seed").asLong()).isEqualTo(4711);
    assertThat(json.get("seeds")).hasSize(2);
    assertThat(json.get("width").asInt()).isEqualTo(16);
    assertThat(json.get("height").asInt()).isEqualTo(16);
    assertThat(json.get("loadSeconds").asDouble()).isGreaterThanOrEqualTo(1);
    assertThat(json.get("stepSeconds")).hasSize(3);
    assertThat(json.get("decodeSeconds").asDouble()).isEqualTo(0.25);
    assertThat(json.get("totalSeconds").asDouble()).isGreaterThanOrEqualTo(2);
    if (Files.exists(Path.of("/proc/self/status"))) {
      assertThat(json.get("peakRssBytes").asLong()).isBetween(20_000_000L, 1L << 42);
    }
    assertThat(json.get("dtype").asText()).isEqualTo("float32");
    assertThat(json.get("sampler").asText()).isEqualTo("ddim");
    // printf '\001\002\003' | sha256sum
    assertThat(json.get("sha256").get(control.toString()).asText())
        .isEqualTo("039058c6f2c0cb492c533b0a4d14ef77cc0f78abccced5287d84a1a2011cfb81");
    assertThat(json.get("versions").get("fake").asText()).isEqualTo("1");
    assertThat(json.get("versions").has("Java")).isTrue();
    assertThat(json.has("runs")).isFalse();
  }

  @Test
  void repeatDrawsARandomSeedOnce() throws IOException {
    Run run = generate("--json", "--repeat", "3", "--images", "2");
    assertThat(calls.requests).hasSize(3);
    assertThat(calls.requests.get(0).sampling().seeds()).containsExactly(-1L);
    assertThat(calls.requests.get(1).sampling().seeds()).containsExactly(4711L);
    assertThat(calls.configs).hasSize(1);
    JsonNode json = new ObjectMapper().readTree(run.out());
    assertThat(json.get("runs")).hasSize(3);
    assertThat(json.get("images")).hasSize(2);
  }

  @Test
  void repeatKeepsASeedForEachImage() {
    generate("--repeat", "2", "--seed", "3,-1");
    assertThat(calls.requests.get(1).sampling().seeds()).containsExactly(3L, 4711L);
  }

  @Test
  void latentsAreStored() throws IOException {
    Path file = folder.resolve("new/latents.safetensors");
    Run run = generate("--save-latents", file.toString());
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(file).isRegularFile();
    assertThat(LatentsFileTest.header(file).get("latents").get("shape")).hasToString("[1,4,2,2]");
  }

  @Test
  void aFailureIsOneLineAndTheTraceIsForTheVerbose() {
    calls.beforeGenerate =
        request -> {
          throw new WeightsException("The file is\n  broken; fetch it again.");
        };
    Run run = generate();
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.out()).isEmpty();
    assertThat(run.err().lines().toList())
        .last()
        .isEqualTo("controlnet generate: The file is broken; fetch it again.");
    assertThat(calls.closed).isEqualTo(1);
    assertThat(generate("--verbose").err()).contains("\tat io.github.controlnet");
  }

  @Test
  void aFailureLeavesStandardOutputEmptyWithJson() {
    Run run = CommandRunner.runWithFakes("generate", "--json", "--base", "/no/such/model");
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).contains("there is no file or folder /no/such/model");
  }

  @Test
  void aMissingOrBrokenPictureIsAFailure() throws IOException {
    Run missing = generate("--control", control.toString(), "--control-image", "none.png");
    assertThat(missing.code()).isEqualTo(1);
    assertThat(missing.err()).contains("there is no file none.png");
    Path text = Files.writeString(folder.resolve("text.png"), "not a picture");
    Run broken = generate("--control", control.toString(), "--control-image", text.toString());
    assertThat(broken.code()).isEqualTo(1);
    assertThat(broken.err().lines()).last().asString().contains("text.png");
  }

  @Test
  void cancellingEndsWith130AndLeavesNoFile() throws IOException {
    CommandRunner runner = CommandRunner.create();
    calls.beforeGenerate = request -> runner.interrupts().signalled(2);
    Run run =
        runner.executeWithFakes(arguments("--save-latents", folder.resolve("l.st").toString()));
    assertThat(run.code()).isEqualTo(130);
    assertThat(run.err()).contains("cancelled");
    assertThat(run.out()).isEmpty();
    assertThat(calls.closed).isEqualTo(1);
    assertThat(folder.resolve("l.st")).doesNotExist();
    try (Stream<Path> files = Files.list(folder.resolve("out"))) {
      assertThat(files).isEmpty();
    }
  }

  @Test
  void anOutputThatIsAFileIsRefusedBeforeAnythingRuns() {
    Run run = generate("--output", picture.toString());
    assertThat(run.code()).isEqualTo(2); // given twice
    Run file =
        CommandRunner.runWithFakes(
            "generate", "--base", base.toString(), "--output", picture.toString());
    assertThat(file.code()).isEqualTo(1);
    assertThat(file.err()).contains("Cannot write to the folder " + picture);
    assertThat(calls.configs).isEmpty();
  }
}
