package io.github.controlnet.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.controlnet.ControlInput;
import io.github.controlnet.ControlMode;
import io.github.controlnet.ControlNetPipeline;
import io.github.controlnet.GenerationRequest;
import io.github.controlnet.GenerationResult;
import io.github.controlnet.InitImage;
import io.github.controlnet.InpaintMask;
import io.github.controlnet.PromptSyntax;
import io.github.controlnet.cli.CommandDoor;
import io.github.controlnet.core.provenance.PngText;
import io.github.controlnet.core.request.SamplerNames;
import io.github.controlnet.demo.DemoModel;
import io.github.controlnet.exception.ControlNetException;
import io.github.controlnet.exception.InvalidRequestException;
import io.github.controlnet.exception.ProviderNotFoundException;
import io.github.controlnet.exception.UnreadableImageException;
import io.github.controlnet.image.Images;
import io.github.controlnet.image.ResizeMode;
import io.github.controlnet.model.ControlModel;
import io.github.controlnet.web.DoorInput.Control;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.beans.factory.annotation.Autowired;

/**
 * The same input through Java, the command, the page and the web UI's interface is the same picture
 * or the same refusal, and no reply names a folder of its machine.
 */
class FourDoorsTest extends ServerFixture {
  private static final byte[] PHOTO = DoorInput.disc(64, 64, Color.WHITE, Color.BLACK);
  private static final byte[] WIDE = DoorInput.disc(96, 64, Color.WHITE, Color.GRAY);
  private static final byte[] MASK = DoorInput.disc(64, 64, Color.BLACK, Color.WHITE);
  private static final byte[] BROKEN = "no picture".getBytes(StandardCharsets.UTF_8);
  private static final Color CLEAR = new Color(255, 255, 255, 0);
  private static final Color CLEAR_BLACK = new Color(0, 0, 0, 0);

  /** As the web UI's extension says them. */
  private static final Map<ControlMode, String> MODES =
      Map.of(
          ControlMode.BALANCED, "Balanced",
          ControlMode.PROMPT, "My prompt is more important",
          ControlMode.CONTROL, "ControlNet is more important");

  private static final Map<ResizeMode, String> RESIZE_MODES =
      Map.of(
          ResizeMode.STRETCH, "Just Resize",
          ResizeMode.CROP, "Crop and Resize",
          ResizeMode.FILL, "Resize and Fill");

  /** What each door makes of an input that is refused. */
  private enum Refusal {
    /** A value that is legal in no request. */
    ARGUMENT(IllegalArgumentException.class, 2),
    /** Values that do not go together, or do not fit the models. */
    VALUE(InvalidRequestException.class, 2),
    /** A name that nothing has. */
    NAME(ProviderNotFoundException.class, 2),
    /** A file that cannot be read: what was typed is no wrong usage. */
    FILE(UnreadableImageException.class, 1);

    private final Class<? extends RuntimeException> thrown;
    private final int exitCode;

    Refusal(Class<? extends RuntimeException> thrown, int exitCode) {
      this.thrown = thrown;
      this.exitCode = exitCode;
    }
  }

  /**
   * What a door gave.
   *
   * @param result the picture and its seed, or how it was refused
   * @param reply all that was said
   */
  private record Outcome(String result, String reply) {}

  @Autowired
  @SuppressWarnings("NullAway.Init") // set by Spring
  private ControlNetPipeline pipeline;

  @TempDir
  @SuppressWarnings("NullAway.Init") // set by JUnit
  private Path folder;

  static Stream<Arguments> pictures() throws Exception {
    DoorInput plain = DoorInput.of("the usual");
    DoorInput karras = DoorInput.of("a sampler by our name", "sampler", "dpmpp_2m_karras");
    DoorInput masked = DoorInput.of("a mask").from(PHOTO).masked(MASK);
    DoorInput slash = DoorInput.of("no backslash", "weighted", "true", "prompt", "red o/ circle");
    Control control = Control.of(PHOTO);
    Control blurred = control.by("blur");
    DoorInput controlled = DoorInput.of("a control").with(control);
    Control fitted = Control.of(WIDE);
    return Stream.of(
        alone(plain),
        alone(DoorInput.of("the seed 0", "seed", "0")),
        alone(DoorInput.of("a seed beyond doubles", "seed", "9007199254740993")),
        alone(DoorInput.of("a seed of 63 bits", "seed", "6687881544318117707")),
        alone(DoorInput.of("the largest seed", "seed", "9223372036854775807")),
        alone(DoorInput.of("no prompt", "prompt", "")),
        alone(DoorInput.of("letters of all kinds", "prompt", "🔴 ß İ é — e\u0301 円")),
        alone(DoorInput.of("a negative prompt", "negative", "green square")),
        alone(DoorInput.of("weights", "weighted", "true", "prompt", "(red:1.3) [circle]")),
        alone(DoorInput.of("a small and", "weighted", "true", "prompt", "red and blue circle")),
        Arguments.of(
            DoorInput.of("a backslash", "weighted", "true", "prompt", "red \\o/ circle"), slash),
        alone(DoorInput.of("clip skip", "clipSkip", "2")),
        alone(DoorInput.of("a guidance of 1", "guidance", "1")),
        Arguments.of(DoorInput.of("the web UI's sampler", "sampler", "DPM++ 2M Karras"), karras),
        Arguments.of(DoorInput.of("in large letters", "sampler", "Euler"), plain),
        alone(DoorInput.of("noise in between", "sampler", "euler_ancestral")),
        alone(DoorInput.of("eta", "sampler", "ddim", "eta", "0.5")),
        alone(DoorInput.of("another aspect", "width", "128", "height", "64")),
        alone(DoorInput.of("image to image").from(PHOTO)),
        alone(DoorInput.of("little strength", "strength", "0.5").from(PHOTO)),
        alone(masked),
        Arguments.of(
            DoorInput.of("a mask by its opacity")
                .from(PHOTO)
                .masked(DoorInput.disc(64, 64, CLEAR, Color.WHITE)),
            masked),
        Arguments.of(
            DoorInput.of("a black mask by its opacity")
                .from(PHOTO)
                .masked(DoorInput.disc(64, 64, CLEAR_BLACK, Color.BLACK)),
            masked),
        alone(
            DoorInput.of("a small mask")
                .from(PHOTO)
                .masked(DoorInput.disc(32, 32, Color.BLACK, Color.WHITE))),
        Arguments.of(
            DoorInput.of("a mask in 16 bits").from(PHOTO).masked(DoorInput.deep(MASK)), masked),
        alone(controlled),
        alone(DoorInput.of("half a control").with(control.scaled(0.5))),
        alone(
            DoorInput.of("the same control twice").with(control.scaled(0.5), control.scaled(0.5))),
        alone(DoorInput.of("one control, two pictures").with(control, fitted)),
        alone(
            DoorInput.of("two pictures, each in its way")
                .with(
                    control.seen(64).scaled(0.5).as(ControlMode.CONTROL),
                    fitted.seen(128).fitted(ResizeMode.CROP).within(0, 0.5))),
        alone(DoorInput.of("a photograph made larger").with(fitted.seen(128))),
        alone(DoorInput.of("a control for a while").with(control.within(0, 0.5))),
        alone(DoorInput.of("the prompt first").with(control.as(ControlMode.PROMPT))),
        alone(DoorInput.of("the control first").with(control.as(ControlMode.CONTROL))),
        alone(DoorInput.of("a wide picture").with(fitted)),
        alone(DoorInput.of("a wide picture cropped").with(fitted.fitted(ResizeMode.CROP))),
        alone(DoorInput.of("a wide picture filled").with(fitted.fitted(ResizeMode.FILL))),
        Arguments.of(
            DoorInput.of("a picture with holes")
                .with(Control.of(DoorInput.disc(64, 64, CLEAR, Color.BLACK))),
            controlled),
        alone(DoorInput.of("a map").with(Control.of(MASK).by("none"))),
        Arguments.of(
            DoorInput.of("an annotator by its other name").with(control.by("blur_gaussian")),
            DoorInput.of("an annotator").with(blurred)),
        Arguments.of(
            DoorInput.of("an annotator in large letters").with(control.by("Canny")), controlled));
  }

  private static Arguments alone(DoorInput input) {
    return Arguments.of(input, input);
  }

  @ParameterizedTest
  @MethodSource("pictures")
  void everyDoorMakesTheSamePicture(DoorInput input, DoorInput same) throws Exception {
    String expected = java(same).result();
    assertThat(expected).startsWith("seed ");
    Map<String, Outcome> outcomes = everywhere(input);
    assertThat(outcomes)
        .allSatisfy(
            (door, outcome) ->
                assertThat(outcome.result()).as(door + ": " + outcome.reply()).isEqualTo(expected));
  }

  static Stream<Arguments> refused() {
    Control control = Control.of(PHOTO);
    return Stream.of(
        argument(DoorInput.of("a seed below", "seed", "-5"), "-5", "-1"),
        argument(DoorInput.of("no steps", "steps", "0"), "0", "steps"),
        argument(DoorInput.of("steps below", "steps", "-1"), "-1", "steps"),
        argument(DoorInput.of("clip skip without end", "clipSkip", "99"), "99", "expected 1 to"),
        argument(DoorInput.of("eta", "eta", "2"), "2", "eta"),
        value(DoorInput.of("a strip", "width", "8", "height", "256"), "8 x 256", "16:1"),
        value(DoorInput.of("a side of 60", "width", "60"), "60", "multiple of 8"),
        value(
            DoorInput.of("a LoRA", "prompt", "red <lora:x:0.8>"),
            "<lora:x:0.8>",
            "no folder of LoRAs"),
        value(DoorInput.of("a LoRA against", "negative", "<lora:x:1>"), "negative", "<lora:x:1>"),
        value(DoorInput.of("a LyCORIS", "prompt", "<LyCO:y:1>"), "<LyCO:y:1>", "Take it out"),
        value(DoorInput.of("a hypernetwork", "prompt", "<hypernet:z>"), "<hypernet:z>"),
        value(DoorInput.of("AND", "weighted", "true", "prompt", "red AND blue"), "AND"),
        value(DoorInput.of("AND by weights", "weighted", "true", "prompt", "a :1 AND b :2"), "AND"),
        value(DoorInput.of("too long", "prompt", "a".repeat(10_001)), "10001", "10000"),
        argument(DoorInput.of("no strength", "strength", "0").from(PHOTO), "strength", "0"),
        argument(DoorInput.of("much strength", "strength", "1.5").from(PHOTO), "strength", "1.5"),
        name(DoorInput.of("no sampler", "sampler", "no-such"), "no-such", "euler"),
        name(DoorInput.of("no annotator").with(control.by("no-such")), "no-such", "canny"),
        argument(DoorInput.of("a window that ends first").with(control.within(0.9, 0.1)), "0.9"),
        argument(DoorInput.of("a window beyond").with(control.within(0, 1.5)), "1.5"),
        file(DoorInput.of("a broken start").from(BROKEN), "picture"),
        file(DoorInput.of("a broken mask").from(PHOTO).masked(BROKEN), "PNG"),
        file(
            DoorInput.of("half a picture").from(Arrays.copyOf(PHOTO, PHOTO.length / 2)), "picture"),
        file(DoorInput.of("a broken control").with(Control.of(BROKEN)), "picture"),
        argument(
            DoorInput.of("a mask of nothing")
                .from(PHOTO)
                .masked(DoorInput.disc(64, 64, Color.BLACK, Color.BLACK)),
            "The mask is empty"));
  }

  private static Arguments value(DoorInput input, String... words) {
    return Arguments.of(input, Refusal.VALUE, List.of(words));
  }

  private static Arguments argument(DoorInput input, String... words) {
    return Arguments.of(input, Refusal.ARGUMENT, List.of(words));
  }

  private static Arguments name(DoorInput input, String... words) {
    return Arguments.of(input, Refusal.NAME, List.of(words));
  }

  private static Arguments file(DoorInput input, String... words) {
    return Arguments.of(input, Refusal.FILE, List.of(words));
  }

  @ParameterizedTest
  @MethodSource("refused")
  void everyDoorRefusesTheSame(DoorInput input, Refusal kind, List<String> words) throws Exception {
    Map<String, Outcome> outcomes = everywhere(input);
    assertThat(outcomes)
        .allSatisfy(
            (door, outcome) ->
                assertThat(outcome.reply().toLowerCase(Locale.ROOT))
                    .as(door)
                    .contains(words.stream().map(word -> word.toLowerCase(Locale.ROOT)).toList())
                    .doesNotContain("unexpected", "exception"));
    assertThat(outcomes.values().stream().map(Outcome::result))
        .containsExactly(
            kind.thrown.getSimpleName(), "exit " + kind.exitCode, "status 422", "status 422");
  }

  /** What is no long cannot be written in Java. */
  @Test
  void aSeedOf64BitsIsRefusedByWhoeverReadsIt() throws Exception {
    for (String seed : List.of("9223372036854775808", "18446744073709551615", "1e30", "1.5")) {
      DoorInput input = DoorInput.of("a seed beyond", "seed", seed);
      Outcome typed = command(input);
      assertThat(typed.result()).as(seed).isEqualTo("exit 2");
      assertThat(typed.reply()).contains(seed);
      for (Outcome sent : List.of(page(input), webUi(input))) {
        assertThat(sent.result()).as(seed + sent.reply()).isEqualTo("status 422");
        assertThat(sent.reply()).contains("seed");
      }
    }
  }

  @Test
  void theRegionOfAControlIsTheSameAtEveryDoor() throws Exception {
    byte[] opaque = DoorInput.disc(64, 64, CLEAR, Color.BLACK);
    for (byte[] region : List.of(MASK, DoorInput.deep(MASK), opaque)) {
      DoorInput input = DoorInput.of("a region").with(Control.of(PHOTO).masked(region));
      String expected = java(DoorInput.of("opaque").with(Control.of(PHOTO).masked(MASK))).result();
      assertThat(everywhere(input).values()).extracting(Outcome::result).containsOnly(expected);
    }
  }

  private Map<String, Outcome> everywhere(DoorInput input) throws Exception {
    Map<String, Outcome> outcomes = new LinkedHashMap<>();
    outcomes.put("Java", java(input));
    outcomes.put("command", command(input));
    outcomes.put("page", page(input));
    outcomes.put("web UI", webUi(input));
    for (String door : List.of("page", "web UI")) {
      String reply = String.valueOf(outcomes.get(door)).replace("\\/", "/");
      assertThat(reply)
          .as(door)
          .doesNotContain(
              System.getProperty("user.dir"),
              System.getProperty("user.home") + "/",
              System.getProperty("java.io.tmpdir") + "/",
              DemoModel.extract(Path.of("target", "demo")).base().toString());
    }
    return outcomes;
  }

  private Outcome java(DoorInput input) throws Exception {
    try {
      GenerationRequest.Builder request =
          GenerationRequest.builder()
              .prompt(input.text("prompt"))
              .negativePrompt(input.text("negative"))
              .promptSyntax(input.weighted() ? PromptSyntax.WEIGHTED : PromptSyntax.LITERAL)
              .clipSkip(input.integer("clipSkip"))
              .seed(Long.parseLong(input.text("seed")))
              .steps(input.integer("steps"))
              .guidanceScale(input.number("guidance"))
              .eta(input.number("eta"))
              .scheduler(SamplerNames.sampler(input.text("sampler")))
              .size(input.integer("width"), input.integer("height"));
      if (input.init().isPresent()) {
        InitImage init =
            InitImage.of(Images.read(input.init().get())).withStrength(input.number("strength"));
        request.initImage(
            input.mask().isEmpty()
                ? init
                : init.withMask(InpaintMask.of(Images.readMask(input.mask().get()))));
      }
      ControlModel canny = ControlModel.of(demo().control());
      for (Control each : input.controls()) {
        BufferedImage image = Images.read(each.image());
        ControlInput control =
            each.annotator().equals("none")
                ? ControlInput.of(image)
                : ControlInput.annotate(image, each.annotator());
        if (each.detect() > 0) {
          control = control.withDetectResolution(each.detect());
        }
        if (each.mask().isPresent()) {
          control = control.withMask(Images.readMask(each.mask().get()));
        }
        request.control(
            control
                .withModel(canny)
                .withScale(each.scale())
                .withWindow(each.start(), each.end())
                .withMode(each.mode())
                .withResizeMode(each.resize()));
      }
      GenerationResult result = pipeline.generate(request.build());
      return drawn(result.seeds().get(0), result.images().get(0), "");
    } catch (ControlNetException | IllegalArgumentException e) {
      return new Outcome(e.getClass().getSimpleName(), String.valueOf(e.getMessage()));
    }
  }

  private Outcome command(DoorInput input) throws Exception {
    Path work = Files.createTempDirectory(folder, "run");
    Path out = work.resolve("out");
    List<String> words = new ArrayList<>(List.of("generate", "--threads", "1"));
    words.addAll(List.of("--base", demo().base().toString(), "--output", out.toString()));
    words.addAll(List.of("--prompt", input.text("prompt")));
    words.addAll(List.of("--negative-prompt", input.text("negative")));
    words.addAll(List.of("--prompt-syntax", input.weighted() ? "weighted" : "literal"));
    words.addAll(List.of("--clip-skip", input.text("clipSkip"), "--seed", input.text("seed")));
    words.addAll(List.of("--steps", input.text("steps"), "--sampler", input.text("sampler")));
    words.addAll(List.of("--guidance-scale", input.text("guidance"), "--eta", input.text("eta")));
    words.addAll(List.of("--width", input.text("width"), "--height", input.text("height")));
    if (input.init().isPresent()) {
      words.addAll(List.of("--init-image", file(work, "init", input.init().get())));
      words.addAll(List.of("--strength", input.text("strength")));
    }
    if (input.mask().isPresent()) {
      words.addAll(List.of("--mask", file(work, "mask", input.mask().get())));
    }
    int number = 0;
    for (Control each : input.controls()) {
      number++;
      words.addAll(List.of("--control", demo().control().toString()));
      words.addAll(List.of("--control-image", file(work, "control" + number, each.image())));
      words.addAll(List.of("--annotator", each.annotator()));
      words.addAll(List.of("--control-scale", "" + each.scale()));
      words.addAll(List.of("--control-start", "" + each.start(), "--control-end", "" + each.end()));
      words.addAll(List.of("--control-mode", word(each.mode())));
      words.addAll(List.of("--resize-mode", word(each.resize())));
      if (each.detect() > 0) {
        words.addAll(List.of("--detect-resolution", "" + each.detect()));
      }
      if (each.mask().isPresent()) {
        words.addAll(List.of("--control-mask", file(work, "region" + number, each.mask().get())));
      }
    }
    CommandDoor.Run run = CommandDoor.run(words);
    if (run.code() != 0) {
      return new Outcome("exit " + run.code(), run.err());
    }
    Path made = Path.of(run.out().strip());
    String name = String.valueOf(made.getFileName());
    return drawn(
        Long.parseLong(name.substring(0, name.indexOf('-'))), Images.read(made), run.err());
  }

  private static String file(Path folder, String name, byte[] content) throws Exception {
    return Files.write(folder.resolve(name + ".png"), content).toString();
  }

  private Outcome page(DoorInput input) throws Exception {
    Map<String, Object> form = new LinkedHashMap<>();
    form.put("prompt", input.text("prompt"));
    form.put("negativePrompt", input.text("negative"));
    form.put("promptSyntax", input.weighted() ? "weighted" : "literal");
    form.put("clipSkip", input.integer("clipSkip"));
    form.put("seed", seed(input));
    form.put("steps", input.integer("steps"));
    form.put("sampler", input.text("sampler"));
    form.put("guidance", Map.of("scale", input.number("guidance")));
    form.put("eta", input.number("eta"));
    form.put("width", input.integer("width"));
    form.put("height", input.integer("height"));
    if (input.init().isPresent()) {
      Map<String, Object> init = new LinkedHashMap<>();
      init.put("image", address(input.init().get()));
      init.put("strength", input.number("strength"));
      input.mask().ifPresent(mask -> init.put("mask", address(mask)));
      form.put("init", init);
    }
    List<Map<String, Object>> controls = new ArrayList<>();
    for (Control each : input.controls()) {
      Map<String, Object> control = new LinkedHashMap<>();
      control.put("model", 0);
      control.put("image", address(each.image()));
      control.put("annotator", each.annotator());
      control.put("scale", each.scale());
      control.put("start", each.start());
      control.put("end", each.end());
      control.put("mode", word(each.mode()));
      control.put("resizeMode", word(each.resize()));
      if (each.detect() > 0) {
        control.put("detectResolution", each.detect());
      }
      each.mask().ifPresent(mask -> control.put("mask", address(mask)));
      controls.add(control);
    }
    form.put("controls", controls);
    Answer accepted = post("/api/jobs", form);
    if (accepted.status() != 202) {
      return new Outcome("status " + accepted.status(), accepted.body());
    }
    String id = accepted.json().path("id").asText();
    JsonNode over = over(id);
    if (!over.path("state").asText().equals("DONE")) {
      // Planning finds some refusals; a page shows them in the place of the others.
      return new Outcome("status 422", over.toString());
    }
    return drawn(
        over.path("seeds").path(0).asLong(),
        bytes("/api/jobs/" + id + "/images/0.png"),
        over.toString());
  }

  private Outcome webUi(DoorInput input) throws Exception {
    Map<String, Object> payload = new LinkedHashMap<>();
    payload.put("prompt", input.text("prompt"));
    payload.put("negative_prompt", input.text("negative"));
    payload.put("seed", seed(input));
    payload.put("steps", input.integer("steps"));
    payload.put("sampler_name", input.text("sampler"));
    payload.put("cfg_scale", input.number("guidance"));
    payload.put("eta", input.number("eta"));
    payload.put("width", input.integer("width"));
    payload.put("height", input.integer("height"));
    payload.put("override_settings", Map.of(SdSettings.CLIP_SKIP, input.integer("clipSkip")));
    if (input.init().isPresent()) {
      payload.put("init_images", List.of(base64(input.init().get())));
      payload.put("denoising_strength", input.number("strength"));
      // What the others do by themselves.
      payload.put("mask_blur", 0);
      payload.put("inpaint_full_res", false);
      payload.put("inpainting_fill", 1);
      input.mask().ifPresent(mask -> payload.put("mask", base64(mask)));
    }
    List<Map<String, Object>> units = new ArrayList<>();
    for (Control each : input.controls()) {
      Map<String, Object> unit = new LinkedHashMap<>();
      unit.put("model", "mini-canny");
      unit.put("module", each.annotator());
      unit.put("image", base64(each.image()));
      unit.put("weight", each.scale());
      unit.put("guidance_start", each.start());
      unit.put("guidance_end", each.end());
      unit.put("control_mode", MODES.get(each.mode()));
      unit.put("resize_mode", RESIZE_MODES.get(each.resize()));
      unit.put("processor_res", each.detect() > 0 ? each.detect() : -1);
      each.mask().ifPresent(mask -> unit.put("effective_region_mask", base64(mask)));
      units.add(unit);
    }
    payload.put("alwayson_scripts", Map.of("controlnet", Map.of("args", units)));
    String path = input.init().isEmpty() ? "txt2img" : "img2img";
    Answer answer = post("/sdapi/v1/" + path, payload);
    if (answer.status() != 200) {
      return new Outcome("status " + answer.status(), answer.body());
    }
    JsonNode info = new ObjectMapper().readTree(answer.json().path("info").asText());
    return drawn(
        info.path("seed").longValue(),
        Base64.getDecoder().decode(answer.json().path("images").path(0).asText()),
        info.toString());
  }

  /** A number where it is one, as JSON has it. */
  private static Object seed(DoorInput input) {
    String text = input.text("seed");
    return text.matches("-?\\d+") ? new BigInteger(text) : Double.valueOf(text);
  }

  private static Outcome drawn(long seed, byte[] png, String reply) {
    return drawn(seed, Images.read(png), reply + PngText.read(png));
  }

  private static Outcome drawn(long seed, BufferedImage image, String reply) {
    int width = image.getWidth();
    int height = image.getHeight();
    int[] pixels = image.getRGB(0, 0, width, height, null, 0, width);
    return new Outcome(
        "seed %d, %d x %d, %08x".formatted(seed, width, height, Arrays.hashCode(pixels)), reply);
  }

  private static DemoModel demo() {
    return DemoModel.extract(Path.of("target", "demo"));
  }

  private static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  private static String base64(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }

  private static String address(byte[] bytes) {
    return "data:image/png;base64," + base64(bytes);
  }
}
