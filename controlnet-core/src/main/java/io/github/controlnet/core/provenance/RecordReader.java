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
import io.github.controlnet.InvalidRequestException;
import io.github.controlnet.MaskedContent;
import io.github.controlnet.Precision;
import io.github.controlnet.Prompt;
import io.github.controlnet.PromptEmbeddings;
import io.github.controlnet.PromptSyntax;
import io.github.controlnet.ResizeMode;
import io.github.controlnet.Schedulers;
import io.github.controlnet.core.provenance.Recipe.Draft;
import io.github.controlnet.core.provenance.Recipe.Model;
import io.github.controlnet.core.provenance.Recipe.Origin;
import io.github.controlnet.image.Images;
import io.github.controlnet.spi.scheduler.PredictionType;
import io.github.controlnet.spi.scheduler.ScheduleSettings;
import io.github.controlnet.spi.scheduler.Scheduler;
import io.github.controlnet.spi.scheduler.TimestepSpacing;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Reads what {@link PictureRecord} wrote. */
final class RecordReader {
  private static final ObjectMapper JSON = new ObjectMapper();

  private RecordReader() {}

  static Recipe read(String record, Map<String, String> texts) {
    try {
      JsonNode root = JSON.readTree(record);
      int format = root.path("format").asInt();
      if (format != PictureRecord.FORMAT) {
        throw new InvalidRequestException(
            "The picture's record has the format %d; expected %d. A newer version of this library wrote it."
                .formatted(format, PictureRecord.FORMAT));
      }
      return read(root, texts);
    } catch (JsonProcessingException | IllegalArgumentException e) {
      throw new InvalidRequestException(
          "The record in the picture is damaged (%s); the picture cannot be made again from it."
              .formatted(e.getMessage()),
          e);
    }
  }

  private static Recipe read(JsonNode root, Map<String, String> texts) {
    Draft draft = new Draft(Origin.CONTROLNET_JAVA);
    draft.image(root.path("image").asInt());
    List<Prompt> prompts = new ArrayList<>();
    for (JsonNode prompt : required(root, "prompts")) {
      prompts.add(new Prompt(prompt.path("text").asText(), prompt.path("negative").asText()));
    }
    draft.set(request -> request.prompts(prompts));
    PromptSyntax syntax = PromptSyntax.valueOf(root.path("promptSyntax").asText("LITERAL"));
    int clipSkip = root.path("clipSkip").asInt(1);
    draft.set(request -> request.promptSyntax(syntax).clipSkip(clipSkip));
    if (root.has("promptEmbeddings")) {
      PromptEmbeddings states = embeddings(root.path("promptEmbeddings"));
      PromptEmbeddings negative = embeddings(required(root, "negativeEmbeddings"));
      draft.set(request -> request.promptEmbeddings(states, negative));
    }
    int images = required(root, "imagesPerPrompt").asInt();
    draft.set(request -> request.imagesPerPrompt(images));
    long[] seeds = JSON.convertValue(required(root, "seeds"), long[].class);
    boolean each = root.path("seedPerImage").asBoolean();
    draft.set(request -> request.seeds(each ? seeds : new long[] {seeds[0]}));
    int width = required(root, "width").asInt();
    int height = required(root, "height").asInt();
    JsonNode init = root.path("init");
    if (init.isObject()) {
      init(init, texts, draft);
    } else {
      draft.set(request -> request.size(width, height));
    }
    int steps = required(root, "steps").asInt();
    draft.set(request -> request.steps(steps));
    Guidance guidance = guidance(required(root, "guidance"));
    draft.set(request -> request.guidance(guidance));
    double eta = root.path("eta").asDouble();
    draft.set(request -> request.eta(eta));
    Scheduler scheduler =
        Schedulers.named(required(root, "sampler").asText()).with(scheduleSettings(root));
    draft.set(request -> request.scheduler(scheduler));
    GuessMode guessMode = GuessMode.valueOf(root.path("guessMode").asText("OFF"));
    draft.set(request -> request.guessMode(guessMode));
    boolean onlyMid = root.path("onlyMidControl").asBoolean();
    draft.set(request -> request.onlyMidControl(onlyMid));
    draft.precision(Precision.valueOf(root.path("precision").asText("FLOAT32")));
    for (JsonNode model : root.path("models")) {
      draft.model(
          new Model(
              model.path("role").asText(),
              model.path("name").asText(),
              strings(model.path("sha256"))));
    }
    for (JsonNode control : root.path("controls")) {
      draft.control(control(control, texts));
    }
    draft.environment(strings(root.path("environment")));
    draft.versions(strings(root.path("versions")));
    return draft.recipe();
  }

  private static ScheduleSettings scheduleSettings(JsonNode root) {
    ScheduleSettings settings =
        ScheduleSettings.none().withZeroTerminalSnr(root.path("zeroTerminalSnr").asBoolean());
    if (root.has("timestepSpacing")) {
      settings =
          settings.withTimestepSpacing(
              TimestepSpacing.valueOf(root.path("timestepSpacing").asText()));
    }
    return root.has("predictionType")
        ? settings.withPredictionType(PredictionType.valueOf(root.path("predictionType").asText()))
        : settings;
  }

  private static void init(JsonNode node, Map<String, String> texts, Draft draft) {
    InitImage image =
        InitImage.of(picture(required(node, "image").asText(), texts))
            .withStrength(required(node, "strength").asDouble());
    if (node.has("mask")) {
      InpaintMask mask =
          InpaintMask.of(picture(node.path("mask").asText(), texts))
              .withBlur(node.path("maskBlur").asDouble())
              .withContent(MaskedContent.valueOf(node.path("maskedContent").asText("ORIGINAL")));
      image =
          image.withMask(
              node.has("padding") ? mask.withOnlyMasked(node.path("padding").asInt()) : mask);
    }
    InitImage complete = image;
    draft.set(request -> request.initImage(complete));
    if (node.has("width")) {
      draft.set(request -> request.width(node.path("width").asInt()));
    }
    if (node.has("height")) {
      draft.set(request -> request.height(node.path("height").asInt()));
    }
    if (node.has("imageResolution")) {
      draft.set(request -> request.imageResolution(node.path("imageResolution").asInt()));
    }
  }

  private static PromptEmbeddings embeddings(JsonNode node) {
    byte[] bytes = Base64.getDecoder().decode(required(node, "float32").asText());
    float[] values = new float[bytes.length / Float.BYTES];
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
    return new PromptEmbeddings(node.path("tokens").asInt(), node.path("width").asInt(), values);
  }

  private static Guidance guidance(JsonNode node) {
    return new Guidance(
        RecordedScale.read(node.path("scale")),
        node.path("rescale").asDouble(),
        node.path("start").asDouble(0),
        node.path("end").asDouble(1),
        node.path("perturbedScale").asDouble());
  }

  private static ControlInput control(JsonNode control, Map<String, String> texts) {
    ControlInput input =
        input(control, texts)
            .withResizeMode(ResizeMode.valueOf(control.path("resizeMode").asText("STRETCH")))
            .withScale(RecordedScale.read(required(control, "scale")))
            .withWindow(control.path("start").asDouble(0), control.path("end").asDouble(1))
            .withMode(ControlMode.valueOf(control.path("mode").asText("BALANCED")))
            .withLayerWeights(JSON.convertValue(required(control, "layerWeights"), double[].class));
    return control.has("mask")
        ? input.withMask(picture(control.path("mask").asText(), texts))
        : input;
  }

  private static ControlInput input(JsonNode control, Map<String, String> texts) {
    if (!control.has("image")) {
      return ControlInput.of(picture(required(control, "map").asText(), texts));
    }
    BufferedImage image = picture(control.path("image").asText(), texts);
    ControlInput input;
    if (control.has("holes")) {
      input = ControlInput.inpaint(image, picture(control.path("holes").asText(), texts));
    } else {
      String annotator = control.path("annotator").asText("none");
      input =
          annotator.equals("none")
              ? ControlInput.of(image)
              : ControlInput.annotate(image, annotator);
      for (Map.Entry<String, String> option :
          strings(control.path("annotatorOptions")).entrySet()) {
        input = input.withAnnotatorOption(option.getKey(), option.getValue());
      }
    }
    return control.has("detectResolution")
        ? input.withDetectResolution(control.path("detectResolution").asInt())
        : input;
  }

  private static BufferedImage picture(String key, Map<String, String> texts) {
    String encoded = texts.get(key);
    if (encoded == null) {
      throw new InvalidRequestException(
          "The picture's record names \"%s\", which the file does not have; another program has rewritten it."
              .formatted(key));
    }
    return Images.read(new ByteArrayInputStream(Base64.getDecoder().decode(encoded)));
  }

  private static JsonNode required(JsonNode parent, String name) {
    JsonNode value = parent.path(name);
    if (value.isMissingNode() || value.isNull()) {
      throw new IllegalArgumentException("it lacks \"" + name + "\"");
    }
    return value;
  }

  private static Map<String, String> strings(JsonNode object) {
    Map<String, String> strings = new HashMap<>();
    object.properties().forEach(entry -> strings.put(entry.getKey(), entry.getValue().asText()));
    return strings;
  }
}
