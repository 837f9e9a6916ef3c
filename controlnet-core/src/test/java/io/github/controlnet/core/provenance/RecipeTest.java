package io.github.controlnet.core.provenance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.controlnet.ControlInput;
import io.github.controlnet.ControlMode;
import io.github.controlnet.GenerationRequest;
import io.github.controlnet.GenerationResult;
import io.github.controlnet.GuessMode;
import io.github.controlnet.Guidance;
import io.github.controlnet.Latents;
import io.github.controlnet.Prompt;
import io.github.controlnet.PromptEmbeddings;
import io.github.controlnet.PromptSyntax;
import io.github.controlnet.Prompts.EmbeddingPair;
import io.github.controlnet.Provenance;
import io.github.controlnet.Provenance.ModelSource;
import io.github.controlnet.ScaleSchedule;
import io.github.controlnet.Timings;
import io.github.controlnet.core.request.SamplerNames;
import io.github.controlnet.engine.Precision;
import io.github.controlnet.exception.InvalidRequestException;
import io.github.controlnet.image.ResizeMode;
import io.github.controlnet.sampler.PredictionType;
import io.github.controlnet.sampler.ScheduleSettings;
import io.github.controlnet.sampler.TimestepSpacing;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecipeTest {
  private static final ScheduleSettings SETTINGS =
      ScheduleSettings.none()
          .withTimestepSpacing(TimestepSpacing.TRAILING)
          .withPredictionType(PredictionType.V_PREDICTION)
          .withZeroTerminalSnr(true);

  @TempDir private Path folder;

  private static BufferedImage picture(int seed) {
    BufferedImage image = new BufferedImage(16, 8, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < 128; i++) {
      image.setRGB(i % 16, i / 16, i * seed * 0x010305 & 0xffffff);
    }
    return image;
  }

  private GenerationResult result() throws IOException {
    Path base = Files.write(folder.resolve("base.safetensors"), new byte[] {1, 2});
    Path control = Files.createDirectories(folder.resolve("control"));
    Files.write(control.resolve("model.safetensors"), new byte[] {3});
    Files.writeString(control.resolve("config.json"), "{}");
    Provenance made =
        new Provenance(
            GenerationRequest.builder()
                .prompts(List.of(new Prompt("a bird,\nblue: \u732b", "low, quality")))
                .imagesPerPrompt(2)
                .promptSyntax(PromptSyntax.WEIGHTED)
                .clipSkip(2)
                .promptEmbeddings(
                    new PromptEmbeddings(1, 2, new float[] {1.5f, -0.1f}),
                    new PromptEmbeddings(1, 2, new float[] {0, 3}))
                .steps(13)
                .guidance(
                    Guidance.of(7.1)
                        .withRescale(0.2)
                        .withInterval(0.1, 0.9)
                        .withPerturbedAttention(2))
                .eta(0.3)
                .guessMode(GuessMode.ORIGINAL)
                .onlyMidControl(true)
                .control(
                    ControlInput.annotate(picture(2), "canny")
                        .withAnnotatorOption("low", "50")
                        .withScale(ScaleSchedule.linear(0.7, 0.2))
                        .withWindow(0.1, 0.9)
                        .withMode(ControlMode.PROMPT)
                        .withLayerWeights(1.0, 0.5)
                        .withResizeMode(ResizeMode.CROP))
                .build(),
            new Provenance.Resolved(List.of(7L, 7L), 16, 8, "dpmpp_2m_karras", SETTINGS),
            List.of(
                new ModelSource(ModelSource.BASE, "base.safetensors", base),
                new ModelSource(ModelSource.control(1), "control", control)),
            new Provenance.Environment(
                "pytorch",
                Precision.FLOAT32,
                Map.of("processor", "P", "threads", "3", "VAE tiling", "on"),
                Map.of("PyTorch", "2.7.1")));
    return new GenerationResult(
        List.of(picture(3), picture(5)),
        List.of(7L, 7L),
        List.of(picture(9)),
        new Latents(1, 1, 1, 1, new float[1]),
        made,
        new Timings(0, List.of(), 0, 0));
  }

  private WeightHashes hashes() {
    return new WeightHashes(folder.resolve("memory/sha256.json"));
  }

  @Test
  void whatIsWrittenIsReadBackCompletely() throws IOException {
    GenerationResult result = result();
    Recipe recipe = Recipe.read(PictureRecord.of(result, hashes()).png(1)).orElseThrow();
    assertThat(recipe.origin()).isEqualTo(Recipe.Origin.CONTROLNET_JAVA);
    assertThat(recipe.image()).isEqualTo(1);
    assertThat(recipe.threads()).hasValue(3);
    assertThat(recipe.vaeTiling()).isTrue();
    assertThat(recipe.precision()).contains(Precision.FLOAT32);
    assertThat(recipe.unmapped()).isEmpty();
    GenerationRequest request = recipe.request().build();
    assertThat(request.prompts().list()).isEqualTo(result.provenance().request().prompts().list());
    assertThat(request.output().imagesPerPrompt()).isEqualTo(2);
    assertThat(request.sampling().seeds()).containsExactly(7L);
    assertThat(request.output().width()).hasValue(16);
    assertThat(request.output().height()).hasValue(8);
    assertThat(request.sampling().steps()).isEqualTo(13);
    assertThat(request.prompts().syntax()).isEqualTo(PromptSyntax.WEIGHTED);
    assertThat(request.prompts().clipSkip()).isEqualTo(2);
    assertThat(request.prompts().embeddings().map(EmbeddingPair::positive).orElseThrow().values())
        .containsExactly(1.5f, -0.1f);
    assertThat(request.prompts().embeddings().map(EmbeddingPair::negative).orElseThrow().values())
        .containsExactly(0, 3);
    assertThat(request.guidance()).isEqualTo(result.provenance().request().guidance());
    assertThat(request.sampling().eta()).isEqualTo(0.3);
    assertThat(request.controls().guessMode()).isEqualTo(GuessMode.ORIGINAL);
    assertThat(request.controls().onlyMid()).isTrue();
    assertThat(request.sampling().sampler().orElseThrow().name()).isEqualTo("dpmpp_2m_karras");
    assertThat(request.sampling().sampler().orElseThrow().settings()).isEqualTo(SETTINGS);
    assertThat(request.controls().list()).hasSize(1);
    ControlInput control = request.controls().list().get(0);
    for (int i = 0; i < 13; i++) {
      assertThat(control.scale().at(i, 13)).isEqualTo(ScaleSchedule.linear(0.7, 0.2).at(i, 13));
    }
    assertThat(control.start()).isEqualTo(0.1);
    assertThat(control.end()).isEqualTo(0.9);
    assertThat(control.mode()).isEqualTo(ControlMode.PROMPT);
    assertThat(control.layerWeights()).containsExactly(1.0, 0.5);
    assertThat(control.resizeMode()).isEqualTo(ResizeMode.CROP);
    assertThat(control.annotator()).isEmpty();
    assertThat(control.mapAnnotator()).contains("canny");
    assertThat(control.mapOptions()).isEqualTo(Map.of("low", "50"));
    BufferedImage map = control.image();
    assertThat(map.getRGB(0, 0, 16, 8, null, 0, 16))
        .isEqualTo(picture(9).getRGB(0, 0, 16, 8, null, 0, 16));
    assertThat(recipe.withoutControls().build().controls().list()).isEmpty();
  }

  @Test
  void noFolderOfThisMachineIsInsideAPicture() throws IOException {
    PictureRecord record = PictureRecord.of(result(), hashes());
    assertThat(record.texts(0).values()).noneMatch(text -> text.contains(folder.toString()));
    assertThat(record.parameters(0))
        .isEqualTo(
            "a bird,\nblue: \u732b\nNegative prompt: low, quality\n"
                + "Steps: 13, Sampler: DPM++ 2M Karras, CFG scale: 7.1, Seed: 7, Size: 16x8,"
                + " Model hash: a12871fee2, Model: base, Clip skip: 2, CFG Rescale phi: 0.2, CFG interval: 0.1 to 0.9, PAG Scale: 2, Eta: 0.3, Batch size: 2, Batch pos: 0,"
                + " ControlNet 0: \"Module: canny, Model: control [084fed08b9], Weight: 0.7,"
                + " Module low: 50, Guidance Start: 0.1, Guidance End: 0.9,"
                + " Control Mode: My prompt is more important\","
                + " Version: ControlNet for Java");
  }

  @Test
  void itTellsWhatDiffers() throws IOException {
    GenerationResult result = result();
    Recipe recipe = Recipe.read(PictureRecord.of(result, hashes()).png(0)).orElseThrow();
    assertThat(recipe.differences(result.provenance(), hashes())).isEmpty();
    Files.write(folder.resolve("control/model.safetensors"), new byte[] {4, 4});
    assertThat(recipe.differences(result.provenance(), hashes()))
        .singleElement()
        .asString()
        .contains("control 1");
  }

  @Test
  void modelsAreFoundByTheirHashes() throws IOException {
    PictureRecord.of(result(), hashes());
    Recipe recipe = Recipe.read(PictureRecord.of(result(), hashes()).png(0)).orElseThrow();
    Map<String, String> control = recipe.model(ModelSource.control(1)).orElseThrow().sha256();
    assertThat(hashes().find(control)).contains(folder.resolve("control"));
    assertThat(hashes().find(recipe.model(ModelSource.BASE).orElseThrow().sha256()))
        .contains(folder.resolve("base.safetensors"));
    Files.write(folder.resolve("control/model.safetensors"), new byte[] {4, 4});
    assertThat(hashes().find(control)).isEmpty();
    assertThat(new WeightHashes(folder.resolve("other.json")).find(control)).isEmpty();
  }

  @Test
  void whatTheWebUiWroteIsTakenAsFarAsItMaps() {
    String text =
        "a (red:1.2) house, sky\nsecond line\nNegative prompt: ugly, bad\nSteps: 25, Sampler: Euler a,"
            + " Schedule type: Automatic, CFG scale: 7.5, Seed: 123456, Size: 640x512, Model hash:"
            + " 6ce0161689, Model: v1-5-pruned-emaonly, Clip skip: 2, ControlNet 0: \"Module: canny,"
            + " Model: control_v11p_sd15_canny [d14c016b], Weight: 1.0\", Version: v1.10.1";
    Recipe recipe = Recipe.of(Map.of("parameters", text)).orElseThrow();
    assertThat(recipe.origin()).isEqualTo(Recipe.Origin.WEB_UI);
    GenerationRequest request = recipe.request().build();
    assertThat(request.prompts().list())
        .containsExactly(new Prompt("a (red:1.2) house, sky\nsecond line", "ugly, bad"));
    assertThat(request.prompts().syntax()).isEqualTo(PromptSyntax.WEIGHTED);
    assertThat(request.prompts().clipSkip()).isEqualTo(2);
    assertThat(request.sampling().steps()).isEqualTo(25);
    assertThat(request.guidance()).isEqualTo(Guidance.of(7.5));
    assertThat(request.sampling().seeds()).containsExactly(123456L);
    assertThat(request.output().width()).hasValue(640);
    assertThat(request.output().height()).hasValue(512);
    assertThat(request.sampling().sampler().orElseThrow().name()).isEqualTo("euler_ancestral");
    assertThat(recipe.model(ModelSource.BASE).orElseThrow().name())
        .isEqualTo("v1-5-pruned-emaonly [6ce0161689]");
    assertThat(recipe.unmapped())
        .noneMatch(what -> what.startsWith("Clip skip"))
        .anyMatch(what -> what.startsWith("ControlNet 0: Module: canny"));
    assertThat(Recipe.of(Map.of("parameters", "only a text"))).isEmpty();
  }

  @Test
  void samplersOfTheWebUiAreFound() {
    List<String> here = List.of("dpmpp_2m", "dpmpp_2m_karras", "euler");
    assertThat(SamplerNames.find("DPM++ 2M", "Karras", here)).contains("dpmpp_2m_karras");
    assertThat(SamplerNames.find("dpm++ 2m karras", "", here)).contains("dpmpp_2m_karras");
    assertThat(SamplerNames.find("DPM++ 2M", "Automatic", here)).contains("dpmpp_2m_karras");
    assertThat(SamplerNames.find("DPM++ 2M", "Uniform", here)).contains("dpmpp_2m");
    assertThat(SamplerNames.find("DPM++ 2M", "", here)).contains("dpmpp_2m");
    assertThat(SamplerNames.find("dpmpp_2m", "Automatic", here)).contains("dpmpp_2m");
    assertThat(SamplerNames.find("dpmpp_2m", "karras", here)).contains("dpmpp_2m_karras");
    assertThat(SamplerNames.find("DPM++ 2M SGM Uniform", "", here)).contains("dpmpp_2m");
    assertThat(SamplerNames.find("Euler", "Karras", here)).contains("euler");
    assertThat(SamplerNames.find("Restart", "", here)).isEmpty();
  }

  @Test
  void whatComfyUiWroteIsTakenAsFarAsItMaps() {
    String graph =
        """
        {"3": {"class_type": "KSampler", "inputs": {"seed": 5, "steps": 12, "cfg": 6.5,
           "sampler_name": "dpmpp_2m", "scheduler": "karras", "denoise": 1.0,
           "model": ["4", 0], "positive": ["10", 0], "negative": ["7", 0], "latent_image": ["5", 0]}},
         "4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "v1-5.safetensors"}},
         "5": {"class_type": "EmptyLatentImage", "inputs": {"width": 512, "height": 768, "batch_size": 2}},
         "6": {"class_type": "CLIPTextEncode", "inputs": {"text": "a (cat:1.2) [sat]", "clip": ["4", 1]}},
         "7": {"class_type": "CLIPTextEncode", "inputs": {"text": "blurry", "clip": ["4", 1]}},
         "10": {"class_type": "ControlNetApply", "inputs": {"strength": 0.8, "conditioning": ["6", 0],
            "control_net": ["11", 0], "image": ["12", 0]}},
         "11": {"class_type": "ControlNetLoader", "inputs": {"control_net_name": "canny.pth"}},
         "12": {"class_type": "LoadImage", "inputs": {"image": "edges.png"}}}
        """;
    Recipe recipe = Recipe.of(Map.of("prompt", graph)).orElseThrow();
    assertThat(recipe.origin()).isEqualTo(Recipe.Origin.COMFY_UI);
    GenerationRequest request = recipe.request().build();
    // weights are ComfyUI's too, square brackets are not
    assertThat(request.prompts().syntax()).isEqualTo(PromptSyntax.WEIGHTED);
    assertThat(request.prompts().list())
        .containsExactly(new Prompt("a (cat:1.2) \\[sat\\]", "blurry"));
    assertThat(request.sampling().steps()).isEqualTo(12);
    assertThat(request.guidance()).isEqualTo(Guidance.of(6.5));
    assertThat(request.sampling().seeds()).containsExactly(5L);
    assertThat(request.output().width()).hasValue(512);
    assertThat(request.output().height()).hasValue(768);
    assertThat(request.imageCount()).isEqualTo(2);
    assertThat(request.sampling().sampler().orElseThrow().name()).isEqualTo("dpmpp_2m_karras");
    assertThat(recipe.models())
        .extracting(Recipe.Model::name)
        .containsExactly("v1-5.safetensors", "canny.pth");
    assertThat(recipe.unmapped())
        .anyMatch(what -> what.contains("canny.pth with strength 0.8; its picture is not inside"));
    assertThat(Recipe.of(Map.of("prompt", "[1, 2"))).isEmpty();
    assertThat(Recipe.of(Map.of("prompt", "{\"1\": {\"class_type\": \"Other\"}}"))).isEmpty();
  }

  @Test
  void aDamagedRecordIsSaidToBeDamaged() {
    for (String record : List.of("{", "{\"format\": 1}", "{\"format\": 9}", "[]")) {
      assertThatThrownBy(() -> Recipe.of(Map.of("controlnet-java", record)))
          .as(record)
          .isInstanceOf(InvalidRequestException.class);
    }
  }

  @Test
  void aTextThatUnpacksWithoutEndIsLeftOut() {
    java.util.zip.Deflater deflater = new java.util.zip.Deflater();
    deflater.setInput(new byte[PngText.MOST_TEXT + 1]);
    deflater.finish();
    byte[] packed = new byte[1 << 20];
    int length = deflater.deflate(packed);
    deflater.end();
    java.nio.ByteBuffer png = java.nio.ByteBuffer.allocate(8 + 12 + 3 + length + 12 + 4);
    png.put(new byte[] {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'});
    png.putInt(3 + length).put("zTXtk".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    png.put((byte) 0).put((byte) 0).put(packed, 0, length).putInt(0);
    png.putInt(4).put("tEXta".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    png.put((byte) 0).put((byte) 'b').put((byte) 'c').putInt(0);
    assertThat(PngText.read(png.array())).isEqualTo(Map.of("a", "bc"));
    assertThat(PngText.read(new byte[] {1, 2})).isEmpty();
  }
}
