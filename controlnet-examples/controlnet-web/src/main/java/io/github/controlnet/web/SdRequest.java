package io.github.controlnet.web;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.controlnet.ControlInput;
import io.github.controlnet.ControlMode;
import io.github.controlnet.GenerationRequest;
import io.github.controlnet.InvalidRequestException;
import io.github.controlnet.MaskedContent;
import io.github.controlnet.PromptSyntax;
import io.github.controlnet.ResizeMode;
import io.github.controlnet.Schedulers;
import io.github.controlnet.core.provenance.SamplerNames;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.LongStream;
import org.springframework.stereotype.Component;

/**
 * Reads requests of the web UI's interface. What a client always sends and what has no effect is
 * let pass; what would change the picture and is not here is refused.
 */
@Component
final class SdRequest {
  private static final String SCRIPT = "controlnet";

  /** By their numbers in the web UI. */
  private static final List<MaskedContent> FILLS =
      List.of(
          MaskedContent.FILL, MaskedContent.ORIGINAL, MaskedContent.NOISE, MaskedContent.NOTHING);

  private final ServedModel model;
  private final RequestMaker requests;
  private final UploadedPictures pictures;

  SdRequest(ServedModel model, RequestMaker requests, UploadedPictures pictures) {
    this.model = model;
    this.requests = requests;
    this.pictures = pictures;
  }

  /** Makes a request of a text2img or img2img payload. */
  GenerationRequest.Builder of(JsonNode payload) {
    refuse(payload);
    int images =
        requests.images(
            Math.multiplyExact(
                payload.path("batch_size").asInt(1), payload.path("n_iter").asInt(1)));
    GenerationRequest.Builder request =
        GenerationRequest.builder()
            .prompt(payload.path("prompt").asText(""))
            .negativePrompt(text(payload, "negative_prompt"))
            .promptSyntax(PromptSyntax.WEIGHTED)
            .clipSkip(
                Math.max(
                    1, payload.path("override_settings").path("CLIP_stop_at_last_layers").asInt(1)))
            .imagesPerPrompt(images)
            .steps(requests.steps(payload.path("steps").asInt(50)))
            .guidanceScale(payload.path("cfg_scale").asDouble(7))
            .eta(payload.path("eta").asDouble(0))
            .seeds(seeds(payload.path("seed").asLong(-1), images))
            .scheduler(Schedulers.named(sampler(payload)));
    init(payload, request);
    requests.size(request, payload.path("width").asInt(512), payload.path("height").asInt(512));
    controls(payload, request);
    return request;
  }

  /** The picture of img2img. */
  private void init(JsonNode payload, GenerationRequest.Builder request) {
    JsonNode image = payload.path("init_images").path(0);
    if (!image.isTextual()) {
      return;
    }
    JsonNode mask = payload.path("mask");
    BufferedImage shape = mask.isTextual() ? pictures.read(mask.asText(), "the mask") : null;
    if (shape != null && payload.path("inpainting_mask_invert").asInt(0) != 0) {
      shape = inverted(shape);
    }
    requests.init(
        request,
        pictures.read(image.asText(), "the picture to start from"),
        payload.path("denoising_strength").asDouble(0.75),
        shape,
        payload.path("mask_blur").asDouble(4),
        payload.path("inpaint_full_res").asBoolean(true)
            ? (Integer) payload.path("inpaint_full_res_padding").asInt(0)
            : null,
        content(payload.path("inpainting_fill")));
  }

  private static MaskedContent content(JsonNode fill) {
    if (fill.isMissingNode() || fill.isNull()) {
      return FILLS.get(0);
    }
    if (!fill.isIntegralNumber() || fill.asLong() < 0 || fill.asLong() >= FILLS.size()) {
      throw new InvalidRequestException(
          "inpainting_fill is %s; expected 0 (fill), 1 (original), 2 (latent noise) or 3 (latent nothing)."
              .formatted(fill));
    }
    return FILLS.get(fill.asInt());
  }

  private static BufferedImage inverted(BufferedImage mask) {
    BufferedImage inverted =
        new BufferedImage(mask.getWidth(), mask.getHeight(), BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < mask.getHeight(); y++) {
      for (int x = 0; x < mask.getWidth(); x++) {
        inverted.setRGB(x, y, ~mask.getRGB(x, y));
      }
    }
    return inverted;
  }

  private static String text(JsonNode payload, String name) {
    return payload.path(name).isNull() ? "" : payload.path(name).asText("");
  }

  /** Image i has the seed s + i, each its own noise. */
  private static long[] seeds(long seed, int images) {
    long first = seed < 0 ? ThreadLocalRandom.current().nextLong(1L << 32) : seed;
    return LongStream.range(first, first + images).toArray();
  }

  private static void refuse(JsonNode payload) {
    for (String flag : List.of("enable_hr", "restore_faces", "tiling")) {
      if (payload.path(flag).asBoolean(false)) {
        throw notHere(flag, "true");
      }
    }
    if (payload.path("subseed_strength").asDouble(0) != 0) {
      throw notHere("subseed_strength", payload.path("subseed_strength").asText());
    }
    if (!text(payload, "script_name").isEmpty()) {
      throw notHere("script_name", payload.path("script_name").asText());
    }
    if (!payload.path("styles").isEmpty()) {
      throw notHere("styles", payload.path("styles").toString());
    }
    payload
        .path("alwayson_scripts")
        .properties()
        .forEach(
            script -> {
              boolean off =
                  script.getValue().path("args").isEmpty()
                      || script
                          .getValue()
                          .path("args")
                          .path(0)
                          .equals(com.fasterxml.jackson.databind.node.BooleanNode.FALSE);
              if (!script.getKey().equalsIgnoreCase(SCRIPT) && !off) {
                throw notHere("alwayson_scripts", script.getKey());
              }
            });
  }

  private static InvalidRequestException notHere(String name, String value) {
    return new InvalidRequestException(
        "%s is %s, which this server does not have; leave it out.".formatted(name, value));
  }

  private static String sampler(JsonNode payload) {
    String name = text(payload, "sampler_name");
    if (name.isEmpty()) {
      name = text(payload, "sampler_index");
    }
    if (name.isEmpty()) {
      return "euler";
    }
    String wanted = name;
    List<String> here = Schedulers.names();
    return SamplerNames.find(wanted, text(payload, "scheduler"), here)
        .orElseThrow(
            () ->
                new InvalidRequestException(
                    "The sampler is \"%s\"; expected one of: %s."
                        .formatted(
                            wanted,
                            String.join(", ", here.stream().map(SamplerNames::webUi).toList()))));
  }

  private void controls(JsonNode payload, GenerationRequest.Builder request) {
    JsonNode init = payload.path("init_images").path(0);
    List<Integer> places = new ArrayList<>();
    List<ControlInput> inputs = new ArrayList<>();
    payload
        .path("alwayson_scripts")
        .properties()
        .forEach(
            script -> {
              if (script.getKey().equalsIgnoreCase(SCRIPT)) {
                for (JsonNode unit : script.getValue().path("args")) {
                  if (unit.isObject() && unit.path("enabled").asBoolean(true)) {
                    places.add(place(unit));
                    inputs.add(input(unit, init, "control unit " + inputs.size()));
                  }
                }
              }
            });
    requests.assign(request, places, inputs);
  }

  /** Finds the control of a name such as {@code control_v11p_sd15_canny [d14c016b]}. */
  private int place(JsonNode unit) {
    String name = text(unit, "model").replaceFirst("\\s*\\[[0-9a-fA-F]*]$", "").strip();
    List<String> names = model.controlNames();
    for (int i = 0; i < names.size(); i++) {
      if (names.get(i).equalsIgnoreCase(name)) {
        return i;
      }
    }
    throw new InvalidRequestException(
        "The control model is \"%s\"; expected one of: %s."
            .formatted(
                name,
                names.isEmpty() ? "none, this server has no control" : String.join(", ", names)));
  }

  private ControlInput input(JsonNode unit, JsonNode init, String what) {
    String module = module(unit);
    ControlInput input =
        requests.input(picture(unit, init, what), module, thresholds(module, unit));
    int resolution = unit.path("processor_res").asInt(-1);
    if (!unit.path("pixel_perfect").asBoolean(false) && resolution >= 64) {
      input = input.withDetectResolution(Math.min(2048, resolution));
    }
    return input
        .withScale(unit.path("weight").asDouble(1))
        .withWindow(unit.path("guidance_start").asDouble(0), unit.path("guidance_end").asDouble(1))
        .withMode(mode(unit.path("control_mode")))
        .withResizeMode(resizeMode(unit.path("resize_mode")));
  }

  /** The annotator of a unit; "none" and what was never chosen is a map already. */
  static String module(JsonNode unit) {
    String name = text(unit, "module").toLowerCase(Locale.ROOT);
    return name.isEmpty() ? "none" : name;
  }

  private BufferedImage picture(JsonNode unit, JsonNode init, String what) {
    for (JsonNode place : List.of(unit.path("image"), unit.path("input_image"), init)) {
      JsonNode image = place.isObject() ? place.path("image") : place;
      if (image.isTextual() && !image.asText().isEmpty()) {
        return pictures.read(image.asText(), "the picture of " + what);
      }
    }
    throw new InvalidRequestException("There is no picture for " + what + ".");
  }

  /** The web UI's two thresholds are the first two numbers among the annotator's options. */
  static Map<String, String> thresholds(String module, JsonNode unit) {
    return Thresholds.of(
        module, unit.path("threshold_a").asDouble(-1), unit.path("threshold_b").asDouble(-1));
  }

  private static ControlMode mode(JsonNode node) {
    String text = node.isNumber() ? "" : node.asText("").toLowerCase(Locale.ROOT);
    int number = node.asInt(0);
    if (text.contains("prompt") || number == 1) {
      return ControlMode.PROMPT;
    }
    return text.contains("controlnet") || number == 2 ? ControlMode.CONTROL : ControlMode.BALANCED;
  }

  private static ResizeMode resizeMode(JsonNode node) {
    String text = node.isNumber() ? "" : node.asText("").toLowerCase(Locale.ROOT);
    if (text.contains("just resize")) {
      return ResizeMode.STRETCH;
    }
    int number = node.isNumber() ? node.asInt() : -1;
    if (text.contains("fill") || text.contains("envelope") || number == 2) {
      return ResizeMode.FILL;
    }
    return text.isEmpty() && number == 0 ? ResizeMode.STRETCH : ResizeMode.CROP;
  }
}
