package io.github.controlnet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.controlnet.ControlInput;
import io.github.controlnet.ControlMode;
import io.github.controlnet.GenerationRequest;
import io.github.controlnet.GuessMode;
import io.github.controlnet.Guidance;
import io.github.controlnet.InitImage;
import io.github.controlnet.InpaintMask;
import io.github.controlnet.MaskedContent;
import io.github.controlnet.Prompt;
import io.github.controlnet.PromptSyntax;
import io.github.controlnet.Prompts.EmbeddingPair;
import io.github.controlnet.Provenance.ModelSource;
import io.github.controlnet.ScaleSchedule;
import io.github.controlnet.cli.CommandRunner.Run;
import io.github.controlnet.core.provenance.Recipe;
import io.github.controlnet.engine.Precision;
import io.github.controlnet.image.Images;
import io.github.controlnet.image.ResizeMode;
import io.github.controlnet.sampler.PredictionType;
import io.github.controlnet.sampler.Sampler;
import io.github.controlnet.sampler.ScheduleSettings;
import io.github.controlnet.sampler.TimestepSpacing;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pictures whose records have the first format, made by make.sh beside them. */
class OldPicturesTest {
  private static final String FOLDER = "/pictures-of-format-1/";

  @TempDir private Path folder;

  private static byte[] file(String name) throws IOException {
    try (InputStream in = OldPicturesTest.class.getResourceAsStream(FOLDER + name)) {
      assertThat(in).as(name).isNotNull();
      return in.readAllBytes();
    }
  }

  private static Recipe recipe(String name) throws IOException {
    Recipe recipe = Recipe.read(file(name)).orElseThrow();
    assertThat(recipe.origin()).isEqualTo(Recipe.Origin.CONTROLNET_JAVA);
    assertThat(recipe.unmapped()).isEmpty();
    assertThat(recipe.model(ModelSource.BASE).orElseThrow().sha256()).hasSize(5);
    return recipe;
  }

  private static GenerationRequest request(String name) throws IOException {
    return recipe(name).request().build();
  }

  private static int[] pixels(BufferedImage image) {
    return image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth());
  }

  private static void assertScales(ScaleSchedule schedule, double... scales) {
    for (int i = 0; i < scales.length; i++) {
      assertThat(schedule.at(i, scales.length)).isEqualTo(scales[i]);
    }
  }

  @Test
  void aControlledBatch() throws IOException {
    Recipe recipe = recipe("control1.png");
    assertThat(recipe.image()).isEqualTo(1);
    assertThat(recipe.precision()).contains(Precision.FLOAT32);
    assertThat(recipe.threads()).isEmpty();
    assertThat(recipe.vaeTiling()).isFalse();
    GenerationRequest request = recipe.request().build();
    assertThat(request.prompts().list()).containsExactly(new Prompt("a bird \u732b, best", "bad"));
    assertThat(request.prompts().added()).isEmpty();
    assertThat(request.prompts().syntax()).isEqualTo(PromptSyntax.LITERAL);
    assertThat(request.output().imagesPerPrompt()).isEqualTo(2);
    assertThat(request.sampling().seeds()).containsExactly(7L);
    assertThat(request.output().width()).hasValue(128);
    assertThat(request.output().height()).hasValue(64);
    assertThat(request.sampling().steps()).isEqualTo(3);
    assertThat(request.guidance()).isEqualTo(Guidance.of(3));
    assertThat(request.sampling().sampler().map(Sampler::name)).contains("euler_ancestral");
    ControlInput control = request.controls().list().get(0);
    assertThat(request.controls().list()).hasSize(1);
    assertThat(control.annotator()).isEmpty();
    assertThat(control.mapAnnotator()).contains("canny");
    assertThat(control.mapOptions()).isEqualTo(Map.of("low", "60"));
    assertThat(control.image().getWidth()).isEqualTo(128);
    assertScales(control.scale(), 1, 0.65, 0.30000000000000004);
    assertThat(control.start()).isEqualTo(0.1);
    assertThat(control.end()).isEqualTo(0.9);
    assertThat(control.mode()).isEqualTo(ControlMode.CONTROL);
    assertThat(control.layerWeights()).isEmpty();
  }

  @Test
  void weightedPromptsAndGuidance() throws IOException {
    GenerationRequest request = request("weighted0.png");
    assertThat(request.prompts().list())
        .containsExactly(new Prompt("(a bird:1.2) [low:high:0.5]", ""));
    assertThat(request.prompts().syntax()).isEqualTo(PromptSyntax.WEIGHTED);
    assertThat(request.prompts().clipSkip()).isEqualTo(2);
    assertThat(request.sampling().seeds()).containsExactly(1L, 22L);
    assertThat(request.output().imagesPerPrompt()).isEqualTo(2);
    Guidance guidance = request.guidance();
    assertScales(guidance.scale(), 9, 7, 5, 3);
    assertThat(guidance.rescale()).isEqualTo(0.7);
    assertThat(guidance.start()).isEqualTo(0.1);
    assertThat(guidance.end()).isEqualTo(0.9);
    assertThat(guidance.perturbedScale()).isEqualTo(1.5);
    Sampler scheduler = request.sampling().sampler().orElseThrow();
    assertThat(scheduler.name()).isEqualTo("dpmpp_2m_karras");
    assertThat(scheduler.settings())
        .isEqualTo(
            ScheduleSettings.none()
                .withTimestepSpacing(TimestepSpacing.TRAILING)
                .withPredictionType(PredictionType.EPSILON));
  }

  @Test
  void guessMode() throws IOException {
    GenerationRequest request = request("guess0.png");
    assertThat(request.controls().guessMode()).isEqualTo(GuessMode.DIFFUSERS);
    assertThat(request.controls().onlyMid()).isTrue();
    assertThat(request.sampling().eta()).isEqualTo(0.5);
    assertThat(request.sampling().sampler().orElseThrow().settings().zeroTerminalSnr()).isTrue();
    assertThat(request.controls().list().get(0).layerWeights())
        .containsExactly(1.0, 0.9, 1.0, 1.0, 0.5);
  }

  @Test
  void imageToImage() throws IOException {
    GenerationRequest request = request("init0.png");
    InitImage init = request.initImage().orElseThrow();
    assertThat(pixels(init.image())).isEqualTo(pixels(Images.read(file("photo.png"))));
    assertThat(init.strength()).isEqualTo(0.6);
    assertThat(init.mask()).isEmpty();
    assertThat(request.output().width()).isEmpty();
    assertThat(request.output().height()).isEmpty();
    assertThat(request.output().resolution()).isEmpty();
    assertThat(request.controls().list()).isEmpty();
  }

  @Test
  void inpaintingOfTheMaskedPart() throws IOException {
    GenerationRequest request = request("inpaint0.png");
    InpaintMask mask = request.initImage().orElseThrow().mask().orElseThrow();
    assertThat(pixels(mask.image())).isEqualTo(pixels(Images.readMask(file("mask.png"))));
    assertThat(mask.blur()).isEqualTo(2);
    assertThat(mask.padding()).hasValue(4);
    assertThat(mask.content()).isEqualTo(MaskedContent.FILL);
    assertThat(request.output().resolution()).hasValue(64);
    ControlInput control = request.controls().list().get(0);
    assertThat(control.annotator()).contains("canny");
    assertThat(pixels(control.image())).isEqualTo(pixels(Images.read(file("photo.png"))));
    assertThat(pixels(control.mask().orElseThrow()))
        .isEqualTo(pixels(Images.readMask(file("mask.png"))));
  }

  @Test
  void anInpaintControl() throws IOException {
    ControlInput control = request("holes0.png").controls().list().get(0);
    assertThat(pixels(control.image())).isEqualTo(pixels(Images.read(file("photo.png"))));
    assertThat(pixels(control.inpaintMask().orElseThrow()))
        .isEqualTo(pixels(Images.readMask(file("mask.png"))));
    assertThat(control.resizeMode()).isEqualTo(ResizeMode.CROP);
  }

  @Test
  void twoControls() throws IOException {
    Recipe recipe = recipe("two0.png");
    assertThat(recipe.model(ModelSource.control(2)).orElseThrow().name())
        .isEqualTo("mini-segmentation");
    List<ControlInput> controls = recipe.request().build().controls().list();
    assertThat(controls).hasSize(2);
    assertScales(controls.get(0).scale(), 0.5);
    assertScales(controls.get(1).scale(), 1.25);
    assertThat(controls.get(0).detectResolution()).hasValue(128);
    assertThat(controls.get(0).mapAnnotator()).contains("canny");
    assertThat(controls.get(1).mapAnnotator()).isEmpty();
  }

  @Test
  void promptEmbeddings() throws IOException {
    Recipe recipe = recipe("states0.png");
    GenerationRequest request = recipe.request().build();
    assertThat(request.prompts().embeddings().map(EmbeddingPair::positive).orElseThrow().tokens())
        .isEqualTo(77);
    assertThat(request.prompts().embeddings().map(EmbeddingPair::positive).orElseThrow().width())
        .isEqualTo(64);
    assertThat(request.prompts().embeddings().map(EmbeddingPair::positive).orElseThrow().values())
        .startsWith(-1.5f, 0, 1.5f);
    assertThat(request.prompts().embeddings().map(EmbeddingPair::negative).orElseThrow().values())
        .startsWith(-1.5f, 1, 0);
    assertThat(recipe.precision()).contains(Precision.BFLOAT16);
    assertThat(recipe.threads()).hasValue(1);
    assertThat(recipe.vaeTiling()).isTrue();
  }

  /** On the processor that made them the same in every bit; elsewhere sums differ in the last. */
  @ParameterizedTest
  @ValueSource(strings = {"control1.png", "inpaint0.png"})
  void theyAreMadeAgain(String name) throws IOException {
    Path old = Files.write(folder.resolve(name), file(name));
    Run run =
        CommandRunner.run(
            "generate", "--from", old.toString(), "--output", folder.resolve("again").toString());
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.outLines()).hasSize(1);
    int[] before = pixels(Images.read(old));
    int[] again = pixels(Images.read(Path.of(run.outLines().get(0))));
    assertThat(again).hasSameSizeAs(before);
    for (int i = 0; i < before.length; i++) {
      for (int shift = 0; shift < 24; shift += 8) {
        assertThat((again[i] >> shift & 255) - (before[i] >> shift & 255)).isBetween(-1, 1);
      }
    }
  }
}
