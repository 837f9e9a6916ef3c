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
import io.github.controlnet.image.Images;
import io.github.controlnet.image.Resampling;
import java.awt.Dimension;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
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

  private static final int CROP = 1;
  private static final int FILL = 2;
  private static final int LATENT_UPSCALE = 3;

  /** Numbers that clients send, with the values at which they do nothing. */
  private static final Map<String, Double> NEUTRAL =
      Map.of(
          "subseed_strength", 0.0, "s_churn", 0.0, "s_noise", 1.0, "initial_noise_multiplier", 1.0);

  private static final Set<String> OWN_VAE = Set.of("", "automatic", "none");

  private final ServedModel model;
  private final RequestMaker requests;
  private final UploadedPictures pictures;

  SdRequest(ServedModel model, RequestMaker requests, UploadedPictures pictures) {
    this.model = model;
    this.requests = requests;
    this.pictures = pictures;
  }

  /** Makes a request of a text2img or img2img payload. */
  GenerationRequest.Builder of(JsonNode body) {
    SdPayload payload = new SdPayload(body);
    refuse(payload);
    int images =
        requests.images(
            requests.images(payload.integer("batch_size", 1))
                * requests.images(payload.integer("n_iter", 1)));
    GenerationRequest.Builder request =
        GenerationRequest.builder()
            .prompt(payload.text("prompt"))
            .negativePrompt(payload.text("negative_prompt"))
            .promptSyntax(PromptSyntax.WEIGHTED)
            .clipSkip(
                Math.max(
                    1, payload.path("override_settings").path("CLIP_stop_at_last_layers").asInt(1)))
            .imagesPerPrompt(images)
            .steps(requests.steps(payload.integer("steps", 50)))
            .guidanceScale(payload.number("cfg_scale", 7))
            .eta(payload.number("eta", 0))
            .seeds(seeds((long) payload.number("seed", -1), images))
            .scheduler(Schedulers.named(sampler(payload)));
    UploadedPictures.OfRequest sent = pictures.ofRequest();
    int width = payload.integer("width", 512);
    int height = payload.integer("height", 512);
    requests.size(request, width, height);
    init(payload, request, sent, new Dimension(width, height));
    controls(payload, request, sent);
    return request;
  }

  /** The picture of img2img. */
  private void init(
      SdPayload payload,
      GenerationRequest.Builder request,
      UploadedPictures.OfRequest sent,
      Dimension size) {
    JsonNode image = payload.path("init_images").path(0);
    if (!image.isTextual()) {
      return;
    }
    BufferedImage picture = sent.read(image.asText(), "the picture to start from");
    JsonNode mask = payload.path("mask");
    BufferedImage shape = mask.isTextual() ? sent.readMask(mask.asText(), "the mask") : null;
    if (shape != null && payload.number("inpainting_mask_invert", 0) != 0) {
      shape = inverted(shape);
    }
    boolean onlyMasked = payload.flag("inpaint_full_res", true);
    if ((shape == null || !onlyMasked) && resized(payload, picture, size)) {
      picture = crop(picture, size);
      shape = shape == null ? null : crop(shape, size);
    }
    requests.init(
        request,
        picture,
        payload.number("denoising_strength", 0.75),
        shape,
        payload.number("mask_blur", 4),
        onlyMasked ? (Integer) payload.integer("inpaint_full_res_padding", 0) : null,
        content(payload.path("inpainting_fill")));
  }

  /** Tells whether a picture of another aspect must be cropped; the other ways are not here. */
  private static boolean resized(SdPayload payload, BufferedImage picture, Dimension size) {
    int mode = payload.integer("resize_mode", 0);
    boolean same =
        (long) picture.getWidth() * size.height == (long) picture.getHeight() * size.width;
    if (mode < 0 || mode > LATENT_UPSCALE || mode == LATENT_UPSCALE || (mode == FILL && !same)) {
      throw notHere("resize_mode", Integer.toString(mode));
    }
    return mode == CROP && !same;
  }

  private static BufferedImage crop(BufferedImage picture, Dimension size) {
    return Images.fit(picture, size.width, size.height, ResizeMode.CROP, Resampling.LANCZOS4);
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

  /** Image i has the seed s + i, each its own noise. */
  private static long[] seeds(long seed, int images) {
    long first = seed < 0 ? ThreadLocalRandom.current().nextLong(1L << 32) : seed;
    return LongStream.range(first, first + images).toArray();
  }

  private void refuse(SdPayload payload) {
    for (String flag : List.of("enable_hr", "restore_faces", "tiling")) {
      if (payload.flag(flag, false)) {
        throw notHere(flag, "true");
      }
    }
    NEUTRAL.forEach(
        (name, neutral) -> {
          if (payload.number(name, neutral) != neutral) {
            throw notHere(name, payload.text(name));
          }
        });
    for (String resize : List.of("seed_resize_from_w", "seed_resize_from_h")) {
      if (payload.number(resize, 0) > 0) {
        throw notHere(resize, payload.text(resize));
      }
    }
    for (String name : List.of("script_name", "refiner_checkpoint")) {
      if (!payload.text(name).isEmpty()) {
        throw notHere(name, payload.text(name));
      }
    }
    checkSettings(payload.path("override_settings"));
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

  /** Refuses settings that would change pictures and are others than this server has. */
  void checkSettings(JsonNode settings) {
    JsonNode base = settings.path("sd_model_checkpoint");
    if (base.isTextual() && !base.asText().isEmpty() && !base.asText().equals(model.base())) {
      throw new InvalidRequestException(
          "The model is \"%s\"; this server has \"%s\" alone."
              .formatted(base.asText(), model.base()));
    }
    JsonNode vae = settings.path("sd_vae");
    if (vae.isTextual() && !OWN_VAE.contains(vae.asText().toLowerCase(Locale.ROOT))) {
      throw notHere("sd_vae", vae.asText());
    }
  }

  private static InvalidRequestException notHere(String name, String value) {
    return new InvalidRequestException(
        "%s is %s, which this server does not have; leave it out.".formatted(name, value));
  }

  private static String sampler(SdPayload payload) {
    String name = payload.text("sampler_name");
    if (name.isEmpty()) {
      name = payload.text("sampler_index");
    }
    if (name.isEmpty()) {
      return "euler";
    }
    String wanted = name;
    List<String> here = Schedulers.names();
    return SamplerNames.find(wanted, payload.text("scheduler"), here)
        .orElseThrow(
            () ->
                new InvalidRequestException(
                    "The sampler is \"%s\"; expected one of: %s."
                        .formatted(
                            wanted,
                            String.join(", ", here.stream().map(SamplerNames::webUi).toList()))));
  }

  private void controls(
      SdPayload payload, GenerationRequest.Builder request, UploadedPictures.OfRequest sent) {
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
                    inputs.add(input(new SdPayload(unit), init, sent, inputs.size()));
                  }
                }
              }
            });
    requests.assign(request, places, inputs);
  }

  /** Finds the control of a name such as {@code control_v11p_sd15_canny [d14c016b]}. */
  private int place(JsonNode unit) {
    String name =
        new SdPayload(unit).text("model").replaceFirst("\\s*\\[[0-9a-fA-F]*]$", "").strip();
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

  private ControlInput input(
      SdPayload unit, JsonNode init, UploadedPictures.OfRequest sent, int number) {
    String what = "control unit " + number;
    String module = module(unit.node());
    ControlInput input =
        requests.input(picture(unit, init, sent, what), module, thresholds(module, unit.node()));
    int resolution = unit.integer("processor_res", -1);
    if (!unit.flag("pixel_perfect", false) && resolution >= 64) {
      input = requests.detected(input, resolution);
    }
    if (!unit.text("effective_region_mask").isEmpty()) {
      input =
          input.withMask(
              sent.read(unit.text("effective_region_mask"), "the region mask of " + what));
    }
    return input
        .withScale(unit.number("weight", 1))
        .withWindow(unit.number("guidance_start", 0), unit.number("guidance_end", 1))
        .withMode(mode(unit.path("control_mode")))
        .withResizeMode(resizeMode(unit.path("resize_mode")));
  }

  /** The annotator of a unit; "none" and what was never chosen is a map already. */
  static String module(JsonNode unit) {
    String name = new SdPayload(unit).text("module").toLowerCase(Locale.ROOT);
    return name.isEmpty() ? "none" : name;
  }

  private static BufferedImage picture(
      SdPayload unit, JsonNode init, UploadedPictures.OfRequest sent, String what) {
    for (JsonNode place : List.of(unit.path("image"), unit.path("input_image"), init)) {
      JsonNode image = place.isObject() ? place.path("image") : place;
      if (image.isTextual() && !image.asText().isEmpty()) {
        return sent.read(image.asText(), "the picture of " + what);
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
