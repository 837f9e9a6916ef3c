package io.github.controlnet.core.request;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.controlnet.ControlInput;
import io.github.controlnet.ControlInputs;
import io.github.controlnet.GenerationRequest;
import io.github.controlnet.GuessMode;
import io.github.controlnet.Guidance;
import io.github.controlnet.InitImage;
import io.github.controlnet.Output;
import io.github.controlnet.Preset;
import io.github.controlnet.Presets;
import io.github.controlnet.Prompt;
import io.github.controlnet.PromptSyntax;
import io.github.controlnet.Prompts;
import io.github.controlnet.Samplers;
import io.github.controlnet.Sampling;
import io.github.controlnet.core.json.JsonFields;
import io.github.controlnet.core.json.JsonValue;
import io.github.controlnet.model.LoraFolder;
import io.github.controlnet.sampler.PredictionType;
import io.github.controlnet.sampler.Sampler;
import io.github.controlnet.sampler.ScheduleSettings;
import io.github.controlnet.sampler.TimestepSpacing;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.UnaryOperator;

/**
 * Requests as JSON. Every field may be missing and then has its usual value. A field that has no
 * counterpart is left unread, and whoever reads decides what that means ({@link JsonFields#finish},
 * {@link JsonFields#unread}); a value that is not legal is refused by the path of its field.
 */
public final class RequestCodec {
  /** The version of the form; a request of a newer one is refused. */
  public static final int VERSION = 1;

  private static final FieldTable<Prompts> PROMPTS = prompts(Optional.empty());

  private static final FieldTable<Output> OUTPUT =
      new FieldTable<Output>()
          .field("images", Kind.INTEGER, Output::imagesPerPrompt, Output::withImagesPerPrompt)
          .optional("width", Kind.INTEGER, value -> boxed(value.width()), Output::withWidth)
          .optional("height", Kind.INTEGER, value -> boxed(value.height()), Output::withHeight)
          .optional(
              "imageResolution",
              Kind.INTEGER,
              value -> boxed(value.resolution()),
              Output::withResolution);

  private static final FieldTable<Sampling> SAMPLING =
      new FieldTable<Sampling>()
          .optional(
              "sampler",
              Kind.TEXT,
              value -> value.sampler().map(Sampler::name),
              (value, name) -> value.withSampler(SamplerNames.sampler(name).with(settings(value))))
          .optional(
              "timestepSpacing",
              Kind.word(TimestepSpacing.class),
              value -> settings(value).timestepSpacing(),
              (value, spacing) -> with(value, old -> old.withTimestepSpacing(spacing)))
          .optional(
              "predictionType",
              Kind.word(PredictionType.class),
              value -> settings(value).predictionType(),
              (value, type) -> with(value, old -> old.withPredictionType(type)))
          .optional(
              "zeroTerminalSnr",
              Kind.FLAG,
              value -> Optional.of(settings(value).zeroTerminalSnr()).filter(zero -> zero),
              (value, zero) -> with(value, old -> old.withZeroTerminalSnr(zero)))
          .field("steps", Kind.INTEGER, Sampling::steps, Sampling::withSteps)
          .field("eta", Kind.NUMBER, Sampling::eta, Sampling::withEta)
          .optional(
              "seed",
              Kind.SEEDS,
              value -> Optional.of(value.seeds()).filter(seeds -> !seeds.isEmpty()),
              Sampling::withSeeds);

  private static final FieldTable<Guidance> GUIDANCE =
      new FieldTable<Guidance>()
          .field("scale", Kind.SCALE, Guidance::scale, Guidance::withScale)
          .field("rescale", Kind.NUMBER, Guidance::rescale, Guidance::withRescale)
          .field(
              "start",
              Kind.NUMBER,
              Guidance::start,
              (value, start) -> value.withInterval(start, value.end()))
          .field(
              "end",
              Kind.NUMBER,
              Guidance::end,
              (value, end) -> value.withInterval(value.start(), end))
          .field(
              "perturbedScale",
              Kind.NUMBER,
              Guidance::perturbedScale,
              Guidance::withPerturbedAttention);

  private static final FieldTable<ControlInputs> CONTROLS =
      new FieldTable<ControlInputs>()
          .field(
              "guessMode",
              Kind.word(GuessMode.class),
              ControlInputs::guessMode,
              ControlInputs::withGuessMode)
          .field("onlyMidControl", Kind.FLAG, ControlInputs::onlyMid, ControlInputs::withOnlyMid);

  private RequestCodec() {}

  /**
   * Reads a request.
   *
   * @param fields the object; what it holds beyond a request stays unread
   * @param source where its images are
   * @return a builder, to which more can be said
   * @throws io.github.controlnet.core.json.FieldException when a value is not legal, or the version
   *     is not known
   */
  public static GenerationRequest.Builder read(JsonFields fields, RequestSource source) {
    JsonValue version = fields.get("version");
    if (version.integer().orElse(VERSION) != VERSION) {
      throw version.refused(
          "%d; a newer version of this library wrote the request".formatted(VERSION));
    }
    if (!fields.get("prompts").isAbsent()) {
      for (String one : List.of("prompt", "negativePrompt")) {
        JsonValue text = fields.get(one);
        if (!text.isAbsent()) {
          throw text.refused("nothing beside prompts");
        }
      }
    }
    JsonValue named = fields.get("preset");
    Optional<Preset> preset = named.text().map(name -> named.within(() -> Presets.named(name)));
    // What a preset says is usual; the fields beside it win.
    GenerationRequest.Builder start = GenerationRequest.builder();
    preset.ifPresent(start::preset);
    GenerationRequest usual = start.build();
    GenerationRequest.Builder request =
        usual.toBuilder()
            .prompts(prompts(source.loraFolder()).read(fields, Prompts.usual(), source))
            .output(OUTPUT.read(fields, Output.usual(), source))
            .sampling(SAMPLING.read(fields, usual.sampling(), source));
    source.loraFolder().ifPresent(request::loraFolder);
    request.loras(LoraCodec.read(fields.get("loras"), source));
    fields
        .get("guidance")
        .object()
        .ifPresent(guidance -> request.guidance(GUIDANCE.read(guidance, usual.guidance(), source)));
    ControlInputs controls = CONTROLS.read(fields, ControlInputs.none(), source);
    for (JsonValue control : fields.get("controls").items()) {
      controls = controls.with(InputCodec.control(control, source));
    }
    request.controls(controls);
    fields.get("init").object().ifPresent(init -> request.initImage(InputCodec.init(init, source)));
    return request;
  }

  /**
   * Writes a request: every field, so that it keeps its meaning when a usual value changes.
   *
   * @param request the request; its listener and its token are no part of the form
   * @param sink takes its images
   * @return the object
   */
  public static ObjectNode write(GenerationRequest request, RequestSink sink) {
    Kind.Writing writing = new Kind.Writing(sink, request.stepsRun());
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    root.put("version", VERSION);
    PROMPTS.write(request.prompts(), root, "", writing);
    OUTPUT.write(request.output(), root, "", writing);
    request.preset().ifPresent(preset -> root.put("preset", preset.name()));
    SAMPLING.write(request.sampling(), root, "", writing);
    GUIDANCE.write(request.guidance(), root.putObject("guidance"), "guidance.", writing);
    CONTROLS.write(request.controls(), root, "", writing);
    LoraCodec.write(request.loras(), root.putArray("loras"));
    ArrayNode controls = root.putArray("controls");
    for (ControlInput input : request.controls().list()) {
      String path = "controls[%d].".formatted(controls.size());
      InputCodec.write(input, controls.addObject(), path, writing);
    }
    request
        .initImage()
        .ifPresent((InitImage init) -> InputCodec.write(init, root.putObject("init"), writing));
    return root;
  }

  /**
   * Writes seeds as a request has them.
   *
   * @param seeds at least one
   * @return a number or a list; numbers of more than 53 bits, which JavaScript would round, as
   *     texts
   */
  public static JsonNode seeds(List<Long> seeds) {
    return Kind.SEEDS.write(seeds, "seed", new Kind.Writing((path, image) -> "", 1));
  }

  /** The fields of prompts, which may name LoRAs of a folder. */
  private static FieldTable<Prompts> prompts(Optional<LoraFolder> loras) {
    return new FieldTable<Prompts>()
        .field("promptSyntax", Kind.word(PromptSyntax.class), Prompts::syntax, Prompts::withSyntax)
        .optional(
            "prompt",
            Kind.TEXT,
            value -> single(value).map(Prompt::text),
            (value, text) -> checked(value.withText(text), loras))
        .optional(
            "negativePrompt",
            Kind.TEXT,
            value -> single(value).map(Prompt::negative),
            (value, text) -> checked(value.withNegative(text), loras))
        .optional(
            "prompts",
            TextKinds.PROMPTS,
            value -> single(value).isPresent() ? Optional.empty() : Optional.of(value.list()),
            (value, list) -> checked(value.withList(list), loras))
        .field(
            "addedPrompt",
            Kind.TEXT,
            Prompts::added,
            (value, text) -> checked(value.withAdded(text), loras))
        .field("clipSkip", Kind.INTEGER, Prompts::clipSkip, Prompts::withClipSkip)
        .optional(
            "promptEmbeddings",
            TextKinds.EMBEDDINGS,
            Prompts::embeddings,
            (value, pair) -> value.withEmbeddings(pair.positive(), pair.negative()));
  }

  private static Optional<Prompt> single(Prompts prompts) {
    return prompts.list().size() == 1 ? Optional.of(prompts.list().get(0)) : Optional.empty();
  }

  /** Texts are checked when a request is built; here their fields are known. */
  private static Prompts checked(Prompts prompts, Optional<LoraFolder> loras) {
    GenerationRequest.Builder request = GenerationRequest.builder().prompts(prompts);
    loras.ifPresent(request::loraFolder);
    request.build();
    return prompts;
  }

  private static Optional<Integer> boxed(OptionalInt number) {
    return number.isPresent() ? Optional.of(number.getAsInt()) : Optional.empty();
  }

  private static ScheduleSettings settings(Sampling value) {
    return value.sampler().map(Sampler::settings).orElse(ScheduleSettings.none());
  }

  private static Sampling with(Sampling value, UnaryOperator<ScheduleSettings> change) {
    Sampler sampler = value.sampler().orElseGet(Samplers::ddim);
    return value.withSampler(sampler.with(change.apply(sampler.settings())));
  }
}
