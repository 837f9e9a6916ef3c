package io.github.controlnet.core.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.controlnet.ControlInput;
import io.github.controlnet.ControlMode;
import io.github.controlnet.GenerationRequest;
import io.github.controlnet.GuessMode;
import io.github.controlnet.Guidance;
import io.github.controlnet.InitImage;
import io.github.controlnet.InpaintMask;
import io.github.controlnet.MaskedContent;
import io.github.controlnet.Presets;
import io.github.controlnet.Prompt;
import io.github.controlnet.PromptEmbeddings;
import io.github.controlnet.PromptSyntax;
import io.github.controlnet.Samplers;
import io.github.controlnet.ScaleSchedule;
import io.github.controlnet.core.json.FieldException;
import io.github.controlnet.core.json.JsonFields;
import io.github.controlnet.exception.InvalidRequestException;
import io.github.controlnet.image.ResizeMode;
import io.github.controlnet.model.ControlModel;
import io.github.controlnet.model.Lora;
import io.github.controlnet.sampler.PredictionType;
import io.github.controlnet.sampler.ScheduleSettings;
import io.github.controlnet.sampler.TimestepSpacing;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RequestCodecTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final ControlModel CONTROL = ControlModel.of(Path.of("some"));

  @TempDir private Path folder;

  /** Keeps images by their places in the JSON. */
  private static final class Kept implements RequestSource, RequestSink {
    private final Map<String, BufferedImage> images = new HashMap<>();

    @Override
    public String keep(String path, BufferedImage image) {
      images.put(path, image);
      return path;
    }

    @Override
    public OptionalInt place(ControlModel control) {
      return control.equals(CONTROL) ? OptionalInt.of(1) : OptionalInt.empty();
    }

    @Override
    public BufferedImage image(String reference) {
      BufferedImage image = images.get(reference);
      if (image == null) {
        throw new InvalidRequestException("there is no " + reference);
      }
      return image;
    }

    @Override
    public BufferedImage mask(String reference) {
      return image(reference);
    }

    @Override
    public Lora lora(String name) {
      return Lora.of(Path.of(name));
    }

    @Override
    public ControlModel control(int place) {
      if (place != 1) {
        throw new InvalidRequestException("there is no control " + place);
      }
      return CONTROL;
    }
  }

  private static BufferedImage disc(Color colour) {
    BufferedImage image = new BufferedImage(16, 8, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    graphics.setColor(colour);
    graphics.fillOval(2, 2, 10, 5);
    graphics.dispose();
    return image;
  }

  /** A request in which nothing is usual. */
  private static GenerationRequest.Builder unusual() {
    return GenerationRequest.builder()
        .preset(Presets.lcm())
        .prompts(List.of(new Prompt("a", "b"), new Prompt("c", "d")))
        .addedPrompt("best")
        .promptSyntax(PromptSyntax.WEIGHTED)
        .clipSkip(2)
        .promptEmbeddings(
            new PromptEmbeddings(1, 2, new float[] {1.5f, -0.1f}),
            new PromptEmbeddings(1, 2, new float[] {0, 3}))
        .imagesPerPrompt(3)
        .width(64)
        .height(128)
        .imageResolution(192)
        .steps(7)
        .eta(0.25)
        .seeds(1, Long.MAX_VALUE, 3, 4, 5, 6)
        .sampler(
            Samplers.named("dpmpp_2m_karras")
                .with(
                    ScheduleSettings.none()
                        .withTimestepSpacing(TimestepSpacing.TRAILING)
                        .withPredictionType(PredictionType.SAMPLE)
                        .withZeroTerminalSnr(true)))
        .guidance(new Guidance(ScaleSchedule.linear(9, 3), 0.5, 0.125, 0.75, 2))
        .guessMode(GuessMode.DIFFUSERS)
        .onlyMidControl(true)
        .lora(Lora.of(Path.of("ink.pt")).withScales(0.5, -1).ignoringUnknownKeys())
        .control(
            ControlInput.annotate(disc(Color.RED), "canny")
                .withAnnotatorOption("low", "7")
                .withDetectResolution(256)
                .withScale(ScaleSchedule.perStep(1, 2, 3, 4, 5, 6, 7))
                .withWindow(0.25, 0.5)
                .withMode(ControlMode.RESOLUTION)
                .withResizeMode(ResizeMode.FILL)
                .withLayerWeights(1, 0.5)
                .withMask(disc(Color.WHITE))
                .withModel(CONTROL))
        .control(ControlInput.inpaint(disc(Color.BLUE), disc(Color.WHITE)).withModel(CONTROL))
        .control(
            ControlInput.mapOf(disc(Color.GREEN), "depth", Map.of("k", "v")).withModel(CONTROL))
        .initImage(
            InitImage.of(disc(Color.PINK))
                .withStrength(0.5)
                .withMask(
                    InpaintMask.of(disc(Color.WHITE))
                        .withBlur(2)
                        .withOnlyMasked(5)
                        .withContent(MaskedContent.NOISE)));
  }

  @Test
  void whatIsWrittenIsReadBackCompletely() {
    GenerationRequest request = unusual().build();
    Kept kept = new Kept();
    ObjectNode json = RequestCodec.write(request, kept);
    JsonFields fields = JsonFields.of(json);
    GenerationRequest again = RequestCodec.read(fields, kept).build();
    assertThat(fields.unread()).isEmpty();
    Kept second = new Kept();
    assertThat(RequestCodec.write(again, second)).isEqualTo(json);
    assertThat(second.images.keySet()).isEqualTo(kept.images.keySet()).hasSize(7);
    second.images.forEach(
        (path, image) ->
            assertThat(pixels(image)).as(path).isEqualTo(pixels(kept.images.get(path))));
    // Each value, not only its text.
    assertThat(again.sampling().seeds()).isEqualTo(request.sampling().seeds());
    assertThat(again.guidance()).isEqualTo(request.guidance());
    assertThat(again.output()).isEqualTo(request.output());
    assertThat(again.prompts().list()).isEqualTo(request.prompts().list());
    assertThat(again.prompts().embeddings().orElseThrow().positive().values())
        .containsExactly(1.5f, -0.1f);
    assertThat(again.sampling().sampler().orElseThrow().settings())
        .isEqualTo(request.sampling().sampler().orElseThrow().settings());
    assertThat(again.controls().list().get(0).scale())
        .isEqualTo(request.controls().list().get(0).scale());
    assertThat(again.controls().list())
        .allMatch(each -> each.model().orElseThrow().equals(CONTROL));
  }

  /** Every field is in the text, by a name that is not changed any more. */
  @Test
  void theFormIsThis() throws JsonProcessingException {
    GenerationRequest usual = GenerationRequest.builder().prompt("a").seed(3).build();
    assertThat(JSON.readTree(RequestCodec.write(usual, new Kept()).toString()))
        .isEqualTo(
            JSON.readTree(
                """
                {"version": 1, "promptSyntax": "literal", "prompt": "a", "negativePrompt": "",
                 "addedPrompt": "", "clipSkip": 1, "images": 1, "steps": 20, "eta": 0.0, "seed": 3,
                 "guidance": {"scale": 9.0, "rescale": 0.0, "start": 0.0, "end": 1.0,
                   "perturbedScale": 0.0},
                 "guessMode": "off", "onlyMidControl": false, "loras": [], "controls": []}
                """));
    ObjectNode all = RequestCodec.write(unusual().build(), new Kept());
    assertThat(all.fieldNames())
        .toIterable()
        .containsExactlyInAnyOrder(
            "version",
            "preset",
            "promptSyntax",
            "prompts",
            "addedPrompt",
            "clipSkip",
            "promptEmbeddings",
            "images",
            "width",
            "height",
            "imageResolution",
            "sampler",
            "timestepSpacing",
            "predictionType",
            "zeroTerminalSnr",
            "steps",
            "eta",
            "seed",
            "guidance",
            "guessMode",
            "onlyMidControl",
            "loras",
            "controls",
            "init");
    assertThat(all.path("controls").path(0).fieldNames())
        .toIterable()
        .containsExactlyInAnyOrder(
            "image",
            "annotator",
            "annotatorOptions",
            "model",
            "detectResolution",
            "scale",
            "start",
            "end",
            "mode",
            "resizeMode",
            "layerWeights",
            "mask");
    assertThat(all.path("controls").path(1).has("inpaintMask")).isTrue();
    assertThat(all.path("controls").path(2).path("mapOptions").toString())
        .isEqualTo("{\"k\":\"v\"}");
    assertThat(all.path("init").fieldNames())
        .toIterable()
        .containsExactlyInAnyOrder("image", "strength", "mask", "maskBlur", "content", "padding");
    assertThat(all.path("seed").path(1).isTextual()).as("more than 53 bits").isTrue();
    assertThat(all.path("guidance").path("scale").asText()).isEqualTo("9.0..3.0");
  }

  private static int[] pixels(BufferedImage image) {
    return image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth());
  }

  private static GenerationRequest read(String json) {
    Kept kept = new Kept();
    kept.keep("i", disc(Color.RED));
    kept.keep("m", disc(Color.WHITE));
    try {
      JsonFields fields = JsonFields.of(JSON.readTree(json.replace('\'', '"')));
      GenerationRequest request = RequestCodec.read(fields, kept).build();
      fields.finish();
      return request;
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(json, e);
    }
  }

  @Test
  void whatIsNotSaidIsUsual() {
    GenerationRequest nothing = read("{}");
    GenerationRequest usual = GenerationRequest.builder().build();
    assertThat(nothing.prompts()).isEqualTo(usual.prompts());
    assertThat(nothing.sampling()).isEqualTo(usual.sampling());
    assertThat(nothing.guidance()).isEqualTo(usual.guidance());
    assertThat(nothing.controls()).isEqualTo(usual.controls());
    assertThat(nothing.output()).isEqualTo(usual.output());
    assertThat(nothing.initImage()).isEmpty();
    assertThat(read("{'guidance': {'rescale': 0.5}}").guidance().scale())
        .isEqualTo(usual.guidance().scale());
    assertThat(read("{'sampler': 'DPM++ 2M Karras'}").sampling().sampler().orElseThrow().name())
        .isEqualTo("dpmpp_2m_karras");
    GenerationRequest few = read("{'preset': 'lcm', 'guidance': {'rescale': 0.5}}");
    assertThat(few.preset()).contains(Presets.lcm());
    assertThat(few.sampling().steps()).isEqualTo(Presets.lcm().steps());
    assertThat(few.guidance().scale().at(0, 4)).isEqualTo(Presets.lcm().guidanceScale());
    assertThat(read("{'preset': 'lcm', 'steps': 7}").sampling().steps()).isEqualTo(7);
    assertThat(read("{'guidance': {'scale': [1, 2]}, 'steps': 2}").guidance().scale())
        .isEqualTo(ScaleSchedule.perStep(1, 2));
  }

  /** A scale that only code can tell is written for the steps that run. */
  @Test
  void aScaleOfCodeIsWrittenStepByStep() {
    GenerationRequest request =
        GenerationRequest.builder()
            .steps(4)
            .guidance(Guidance.of((step, steps) -> step + 10.0 * steps))
            .initImage(InitImage.of(disc(Color.RED)).withStrength(0.5))
            .build();
    assertThat(RequestCodec.write(request, new Kept()).path("guidance").path("scale").toString())
        .isEqualTo("[20.0,21.0]");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          {'stepps': 3}|stepps|did you mean "steps"
          {'preset': 'x'}|preset|lcm
          {'steps': 'x'}|steps|an integer
          {'steps': 0}|steps|1 to 1000
          {'version': 2}|version|newer version
          {'prompt': '<lora:x:1>'}|prompt|no folder of LoRAs
          {'loras': [{'unet': 1}]}|loras[0].name|the name of a LoRA
          {'loras': [{'name': 'x', 'unet': 1e39}]}|loras[0].unet|finite number
          {'loras': [{'name': 'x', 'text': 'y'}]}|loras[0].text|number
          {'promptSyntax': 'weighted', 'negativePrompt': 'a', 'addedPrompt': 'a AND b'}|addedPrompt|AND
          {'prompts': []}|prompts|empty
          {'prompts': [{'text': 'a', 'tone': 'b'}]}|prompts[0].tone|no such field
          {'sampler': 'no-such'}|sampler|available
          {'guidance': {'scale': '9..x'}}|guidance.scale|FROM..TO
          {'guidance': {'start': 0.9, 'end': 0.1}}|guidance.end|0.9
          {'guidance': 7}|guidance|an object
          {'controls': [{'image': 'gone'}]}|controls[0].image|no gone
          {'controls': [{'image': 'i', 'model': 7}]}|controls[0].model|no control 7
          {'controls': [{'image': 'i', 'layerWeights': [1, 'x']}]}|controls[0].layerWeights[1]|a number
          {'controls': [{'image': 'i', 'annotatorOptions': {'low': '1'}}]}|controls[0].annotatorOptions|without an annotator
          {'controls': [{'image': 'i', 'annotator': 'a', 'inpaintMask': 'm'}]}|controls[0].inpaintMask|beside the annotator a
          {'init': {'image': 'i', 'strength': 0}}|init.strength|more than 0
          {'init': {'image': 'i', 'padding': 3}}|init.padding|needs a mask
          {'promptEmbeddings': {'positive': {'tokens': 1, 'width': 1, 'float32': '*'}}}|promptEmbeddings.positive.float32|
          {'seed': []}|seed|one for each image
          """)
  void refusalsNameTheField(String json, String field, String words) {
    FieldException refused = catchThrowableOfType(FieldException.class, () -> read(json));
    assertThat(refused).isNotNull();
    assertThat(refused.field()).isEqualTo(field);
    assertThat(refused)
        .hasMessageStartingWith(field)
        .hasMessageContaining(words == null ? "" : words);
  }

  @Test
  void aFileNamesItsImagesFromItsOwnFolder() throws IOException {
    ImageIO.write(disc(Color.RED), "png", folder.resolve("photo.png").toFile());
    byte[] png = Files.readAllBytes(folder.resolve("photo.png"));
    Path file = folder.resolve("request.json");
    Files.writeString(
        file,
        """
        {"init": {"image": "photo.png"},
         "controls": [{"image": "data:image/png;base64,%s", "model": 0}]}
        """
            .formatted(Base64.getEncoder().encodeToString(png)));
    GenerationRequest request = RequestFile.open(file).request(place -> CONTROL).build();
    assertThat(pixels(request.initImage().orElseThrow().image()))
        .isEqualTo(pixels(disc(Color.RED)));
    assertThat(pixels(request.controls().list().get(0).image())).isEqualTo(pixels(disc(Color.RED)));
    assertThat(request.controls().list().get(0).model()).contains(CONTROL);
    Files.writeString(file, "{\"init\": {\"image\": \"gone.png\"}}");
    FieldException gone =
        catchThrowableOfType(
            FieldException.class, () -> RequestFile.open(file).request(place -> CONTROL));
    assertThat(gone.field()).isEqualTo("init.image");
    assertThat(gone).hasMessageContaining(folder.resolve("gone.png").toString());
    for (String broken : List.of("{", "{\"a\": 1, \"a\": 2}", "{} {}")) {
      Files.writeString(file, broken);
      InvalidRequestException refused =
          catchThrowableOfType(InvalidRequestException.class, () -> RequestFile.open(file));
      assertThat(refused).as(broken).hasMessageContaining("is no JSON");
    }
  }
}
