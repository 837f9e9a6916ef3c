package io.github.controlnet.core.provenance;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.controlnet.ControlInput;
import io.github.controlnet.ControlMode;
import io.github.controlnet.GuessMode;
import io.github.controlnet.Guidance;
import io.github.controlnet.InitImage;
import io.github.controlnet.InpaintMask;
import io.github.controlnet.MaskedContent;
import io.github.controlnet.Prompt;
import io.github.controlnet.PromptEmbeddings;
import io.github.controlnet.PromptSyntax;
import io.github.controlnet.Samplers;
import io.github.controlnet.core.provenance.Recipe.Draft;
import io.github.controlnet.core.provenance.Recipe.Model;
import io.github.controlnet.core.provenance.Recipe.Origin;
import io.github.controlnet.engine.Precision;
import io.github.controlnet.exception.InvalidRequestException;
import io.github.controlnet.exception.UnreadableImageException;
import io.github.controlnet.image.ResizeMode;
import io.github.controlnet.sampler.PredictionType;
import io.github.controlnet.sampler.Sampler;
import io.github.controlnet.sampler.ScheduleSettings;
import io.github.controlnet.sampler.TimestepSpacing;
import java.awt.image.BufferedImage;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads what {@link PictureRecord} wrote; what it does not know is named. */
final class RecordReader {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** What a record calls the annotator of a picture that is a map already. */
  private static final String NONE = "none";

  private final RecordedPictures pictures;
  private final Draft draft = new Draft(Origin.CONTROLNET_JAVA);

  private RecordReader(RecordedPictures pictures) {
    this.pictures = pictures;
  }

  static Recipe read(String record, RecordedPictures pictures) {
    try {
      JsonNode root = JSON.readTree(record);
      int format = root.path("format").asInt();
      if (format != PictureRecord.FORMAT) {
        throw new IllegalArgumentException(
            "its format is %d, expected %d; a newer version of this library wrote it"
                .formatted(format, PictureRecord.FORMAT));
      }
      return new RecordReader(pictures).read(root);
    } catch (JsonProcessingException
        | IllegalArgumentException
        | InvalidRequestException
        | UnreadableImageException e) {
      throw new InvalidRequestException(
          "The record in the picture is damaged or not usable (%s); the picture cannot be made again from it."
              .formatted(reason(e)),
          e);
    }
  }

  /** Jackson's messages go on with where they were. */
  private static String reason(Exception e) {
    return e instanceof JsonProcessingException json
        ? json.getOriginalMessage()
        : String.valueOf(e.getMessage()).replaceFirst("\\.$", "");
  }

  private Recipe read(JsonNode object) {
    Fields root = new Fields("", object);
    root.get("format");
    List<Prompt> prompts = new ArrayList<>();
    for (JsonNode prompt : root.required("prompts")) {
      prompts.add(new Prompt(prompt.path("text").asText(), prompt.path("negative").asText()));
    }
    draft.set(request -> request.prompts(prompts));
    PromptSyntax syntax = PromptSyntax.valueOf(root.get("promptSyntax").asText("LITERAL"));
    int clipSkip = root.get("clipSkip").asInt(1);
    draft.set(request -> request.promptSyntax(syntax).clipSkip(clipSkip));
    if (root.has("promptEmbeddings")) {
      PromptEmbeddings states = embeddings(root.required("promptEmbeddings"));
      PromptEmbeddings negative = embeddings(root.required("negativeEmbeddings"));
      draft.set(request -> request.promptEmbeddings(states, negative));
    }
    int images = root.required("imagesPerPrompt").asInt();
    draft.set(request -> request.imagesPerPrompt(images));
    int image = root.get("image").asInt();
    if (image < 0 || image >= (long) images * prompts.size()) {
      throw new IllegalArgumentException("it is for picture %d of its batch".formatted(image));
    }
    draft.image(image);
    seeds(root);
    int width = root.required("width").asInt();
    int height = root.required("height").asInt();
    JsonNode init = root.get("init");
    if (init.isObject()) {
      init(new Fields("init.", init));
    } else {
      draft.set(request -> request.size(width, height));
    }
    int steps = root.required("steps").asInt();
    draft.set(request -> request.steps(steps));
    Guidance guidance = guidance(new Fields("guidance.", root.required("guidance")));
    draft.set(request -> request.guidance(guidance));
    double eta = root.get("eta").asDouble();
    draft.set(request -> request.eta(eta));
    Sampler scheduler =
        Samplers.named(root.required("sampler").asText()).with(scheduleSettings(root));
    draft.set(request -> request.scheduler(scheduler));
    GuessMode guessMode = GuessMode.valueOf(root.get("guessMode").asText("OFF"));
    draft.set(request -> request.guessMode(guessMode));
    boolean onlyMid = root.get("onlyMidControl").asBoolean();
    draft.set(request -> request.onlyMidControl(onlyMid));
    draft.precision(Precision.valueOf(root.get("precision").asText("FLOAT32")));
    for (JsonNode model : root.get("models")) {
      draft.model(
          new Model(
              model.path("role").asText(),
              model.path("name").asText(),
              strings(model.path("sha256"))));
    }
    int number = 1;
    for (JsonNode control : root.get("controls")) {
      draft.control(control(new Fields("control %d ".formatted(number), control)));
      number++;
    }
    draft.environment(strings(root.get("environment")));
    draft.versions(strings(root.get("versions")));
    root.leaveOutTheRest();
    return draft.recipe();
  }

  private void seeds(Fields root) {
    long[] seeds = JSON.convertValue(root.required("seeds"), long[].class);
    if (seeds.length == 0) {
      throw new IllegalArgumentException("its list of seeds is empty");
    }
    boolean each = root.get("seedPerImage").asBoolean();
    draft.set(request -> request.seeds(each ? seeds : new long[] {seeds[0]}));
  }

  private static ScheduleSettings scheduleSettings(Fields root) {
    ScheduleSettings settings =
        ScheduleSettings.none().withZeroTerminalSnr(root.get("zeroTerminalSnr").asBoolean());
    if (root.has("timestepSpacing")) {
      settings =
          settings.withTimestepSpacing(
              TimestepSpacing.valueOf(root.get("timestepSpacing").asText()));
    }
    return root.has("predictionType")
        ? settings.withPredictionType(PredictionType.valueOf(root.get("predictionType").asText()))
        : settings;
  }

  private void init(Fields init) {
    InitImage image =
        InitImage.of(pictures.get(init.required("image").asText()))
            .withStrength(init.required("strength").asDouble());
    if (init.has("mask")) {
      InpaintMask mask =
          InpaintMask.of(pictures.mask(init.get("mask").asText()))
              .withBlur(init.get("maskBlur").asDouble())
              .withContent(MaskedContent.valueOf(init.get("maskedContent").asText("ORIGINAL")));
      image =
          image.withMask(
              init.has("padding") ? mask.withOnlyMasked(init.get("padding").asInt()) : mask);
    }
    InitImage complete = image;
    draft.set(request -> request.initImage(complete));
    if (init.has("width")) {
      int width = init.get("width").asInt();
      draft.set(request -> request.width(width));
    }
    if (init.has("height")) {
      int height = init.get("height").asInt();
      draft.set(request -> request.height(height));
    }
    if (init.has("imageResolution")) {
      int side = init.get("imageResolution").asInt();
      draft.set(request -> request.imageResolution(side));
    }
    init.leaveOutTheRest();
  }

  private static PromptEmbeddings embeddings(JsonNode node) {
    byte[] bytes = Base64.getDecoder().decode(node.path("float32").asText());
    float[] values = new float[bytes.length / Float.BYTES];
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
    return new PromptEmbeddings(node.path("tokens").asInt(), node.path("width").asInt(), values);
  }

  private static Guidance guidance(Fields guidance) {
    Guidance read =
        new Guidance(
            RecordedScale.read(guidance.required("scale")),
            guidance.get("rescale").asDouble(),
            guidance.get("start").asDouble(0),
            guidance.get("end").asDouble(1),
            guidance.get("perturbedScale").asDouble());
    guidance.leaveOutTheRest();
    return read;
  }

  private ControlInput control(Fields control) {
    ControlInput input =
        input(control)
            .withResizeMode(ResizeMode.valueOf(control.get("resizeMode").asText("STRETCH")))
            .withScale(RecordedScale.read(control.required("scale")))
            .withWindow(control.get("start").asDouble(0), control.get("end").asDouble(1))
            .withMode(ControlMode.valueOf(control.get("mode").asText("BALANCED")))
            .withLayerWeights(JSON.convertValue(control.required("layerWeights"), double[].class));
    if (control.has("mask")) {
      input = input.withMask(pictures.mask(control.get("mask").asText()));
    }
    control.leaveOutTheRest();
    return input;
  }

  private ControlInput input(Fields control) {
    String annotator = control.get("annotator").asText(NONE);
    Map<String, String> options = strings(control.get("annotatorOptions"));
    boolean before = control.get("annotatedBefore").asBoolean();
    // The map is not looked at where the picture of which it was made is there too.
    JsonNode map = control.get("map");
    ControlInput input;
    if (control.has("holes")) {
      input =
          ControlInput.inpaint(
              pictures.get(control.required("image").asText()),
              pictures.mask(control.get("holes").asText()));
    } else if (!control.has("image") || before) {
      JsonNode key = control.has("image") ? control.get("image") : map;
      BufferedImage picture = pictures.get(key.asText());
      input =
          annotator.equals(NONE)
              ? ControlInput.of(picture)
              : ControlInput.mapOf(picture, annotator, options);
    } else {
      BufferedImage picture = pictures.get(control.get("image").asText());
      input =
          annotator.equals(NONE)
              ? ControlInput.of(picture)
              : ControlInput.annotate(picture, annotator);
      for (Map.Entry<String, String> option : options.entrySet()) {
        input = input.withAnnotatorOption(option.getKey(), option.getValue());
      }
    }
    return control.has("detectResolution")
        ? input.withDetectResolution(control.get("detectResolution").asInt())
        : input;
  }

  private static Map<String, String> strings(JsonNode object) {
    Map<String, String> strings = new HashMap<>();
    object.properties().forEach(entry -> strings.put(entry.getKey(), entry.getValue().asText()));
    return strings;
  }

  /** The fields of an object, which knows what was read of it: a newer version may write more. */
  private final class Fields {
    private final String path;
    private final JsonNode node;
    private final Set<String> read = new HashSet<>();

    Fields(String path, JsonNode node) {
      this.path = path;
      this.node = node;
    }

    boolean has(String name) {
      return node.hasNonNull(name);
    }

    JsonNode get(String name) {
      read.add(name);
      return node.path(name);
    }

    JsonNode required(String name) {
      if (!has(name)) {
        throw new IllegalArgumentException("it lacks \"" + name + "\"");
      }
      return get(name);
    }

    void leaveOutTheRest() {
      for (Map.Entry<String, JsonNode> field : node.properties()) {
        if (!read.contains(field.getKey()) && !field.getValue().isNull()) {
          draft.leaveOut(
              "%s%s: %s (not known to this version)"
                  .formatted(path, field.getKey(), field.getValue()));
        }
      }
    }
  }
}
