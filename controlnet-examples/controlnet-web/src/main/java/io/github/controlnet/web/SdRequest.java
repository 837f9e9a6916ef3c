package io.github.controlnet.web;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.github.controlnet.GenerationRequest;
import io.github.controlnet.MaskedContent;
import io.github.controlnet.PromptSyntax;
import io.github.controlnet.Samplers;
import io.github.controlnet.core.json.FieldException;
import io.github.controlnet.core.json.JsonFields;
import io.github.controlnet.core.json.JsonValue;
import io.github.controlnet.exception.InvalidRequestException;
import io.github.controlnet.image.Images;
import io.github.controlnet.image.Resampling;
import io.github.controlnet.image.ResizeMode;
import java.awt.Dimension;
import java.awt.image.BufferedImage;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Reads requests of the web UI's interface. What a client always sends and what has no effect is
 * let pass; what would change the picture and is not here is refused, and so is whatever nobody
 * reads.
 */
@Component
final class SdRequest {
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
          "subseed_strength",
          0.0,
          "s_churn",
          0.0,
          "s_noise",
          1.0,
          "s_min_uncond",
          0.0,
          "initial_noise_multiplier",
          1.0,
          "token_merging_ratio",
          0.0,
          "token_merging_ratio_hr",
          0.0);

  /** Numbers that say something only beside what is refused: strengths, churn, a refiner. */
  private static final List<String> NUMBERS_WITHOUT_EFFECT =
      List.of(
          "subseed",
          "s_tmin",
          "s_tmax",
          "refiner_switch_at",
          "image_cfg_scale",
          "distilled_cfg_scale",
          "hr_cfg",
          "hr_distilled_cfg",
          "hr_scale",
          "hr_second_pass_steps",
          "hr_resize_x",
          "hr_resize_y",
          "firstphase_width",
          "firstphase_height");

  /** The same of texts. */
  private static final List<String> TEXTS_WITHOUT_EFFECT =
      List.of(
          "hr_upscaler",
          "hr_checkpoint_name",
          "hr_sampler_name",
          "hr_scheduler",
          "hr_prompt",
          "hr_negative_prompt",
          "force_task_id");

  /**
   * What is about files of the server, of which this one keeps none, and about networks that it has
   * not.
   */
  private static final List<String> FLAGS_WITHOUT_EFFECT =
      List.of(
          "do_not_save_samples",
          "do_not_save_grid",
          "save_images",
          "disable_extra_networks",
          "do_not_reload_embeddings",
          "seed_enable_extras");

  /** What is neutral when it holds nothing. */
  private static final List<String> EMPTY =
      List.of(
          "script_name",
          "refiner_checkpoint",
          "styles",
          "infotext",
          "latent_mask",
          "firstpass_image",
          "ddim_discretize",
          "comments");

  private final SdSettings settings;
  private final SdUnits units;
  private final RequestMaker requests;
  private final UploadedPictures pictures;

  SdRequest(SdSettings settings, SdUnits units, RequestMaker requests, UploadedPictures pictures) {
    this.settings = settings;
    this.units = units;
    this.requests = requests;
    this.pictures = pictures;
  }

  /**
   * What was asked for.
   *
   * @param request what to generate
   * @param sendsImages whether the answer holds the pictures
   * @param sendsStart whether it holds the pictures that were sent, too
   */
  record Order(GenerationRequest.Builder request, boolean sendsImages, boolean sendsStart) {}

  /** Reads a text2img payload, which has no picture to start from. */
  Order ofText(JsonNode payload) {
    return of(payload, false);
  }

  /** Reads an img2img payload. */
  Order ofImage(JsonNode payload) {
    return of(payload, true);
  }

  private Order of(JsonNode payload, boolean fromImage) {
    JsonFields body = JsonFields.of(payload);
    refuse(body);
    JsonValue batch = body.get("batch_size");
    JsonValue rounds = body.get("n_iter");
    int each = batch.within(() -> requests.images(batch.integer().orElse(1)));
    int times = rounds.within(() -> requests.images(rounds.integer().orElse(1)));
    int images = batch.within(() -> requests.images(each * times));
    JsonValue steps = body.get("steps");
    int count = steps.within(() -> requests.steps(steps.integer().orElse(50)));
    JsonValue seed = body.get("seed");
    String sampler = sampler(body);
    GenerationRequest.Builder request =
        InvalidRequestException.checking(
            () ->
                requests
                    .begin()
                    .promptSyntax(PromptSyntax.WEIGHTED)
                    .clipSkip(clipSkip(body))
                    .imagesPerPrompt(images)
                    .steps(count)
                    .seeds(seeds(seed, images))
                    .scheduler(Samplers.named(sampler)));
    JsonValue prompt = body.get("prompt");
    String words = prompt.text().orElse("");
    requests.checkText(prompt.path(), PromptSyntax.WEIGHTED, text -> text.prompt(words));
    JsonValue negative = body.get("negative_prompt");
    String unwanted = negative.text().orElse("");
    requests.checkText(
        negative.path(), PromptSyntax.WEIGHTED, text -> text.negativePrompt(unwanted));
    request.prompt(words).negativePrompt(unwanted);
    set(body.get("cfg_scale"), value -> request.guidanceScale(value.number().orElse(7.0)));
    set(body.get("eta"), value -> request.eta(value.number().orElse(0.0)));
    int width = body.get("width").integer().orElse(512);
    int height = body.get("height").integer().orElse(512);
    set(
        body.get(width < 1 || (width > height && height > 0) ? "width" : "height"),
        value -> {
          requests.size(request, width, height);
          return request;
        });
    UploadedPictures.OfRequest sent = pictures.ofRequest();
    boolean masked = init(body, fromImage, request, sent, new Dimension(width, height), images);
    SdUnits.Start start = new SdUnits.Start(firstImage(body), masked);
    controls(body, sampler, count, seed.longInteger().orElse(-1L))
        .ifPresent(args -> units.read(args, request, sent, start));
    Order order =
        new Order(
            request,
            body.get("send_images").flag().orElse(true),
            body.get("include_init_images").flag().orElse(false));
    body.finish();
    return order;
  }

  /** Sets a value, and tells its place when it is refused. */
  private static void set(JsonValue value, Setter setter) {
    value.within(() -> InvalidRequestException.checking(() -> setter.set(value)));
  }

  /** Takes a value. */
  private interface Setter {
    GenerationRequest.Builder set(JsonValue value);
  }

  private int clipSkip(JsonFields body) {
    JsonValue overrides = body.get("override_settings");
    int set = overrides.object().map(settings::clipSkip).orElse(1);
    // SD.Next's name, which clients send beside the setting.
    JsonValue own = body.get("clip_skip");
    int skip = SdSettings.clipSkip(own).orElse(set);
    if (skip != set && overrides.node().hasNonNull(SdSettings.CLIP_SKIP)) {
      throw own.refused("%d, as %s says".formatted(set, SdSettings.CLIP_SKIP));
    }
    JsonValue restore = body.get("override_settings_restore_afterwards");
    if (skip != 1 && !restore.flag().orElse(true)) {
      throw restore.refused("true: no setting outlives its request");
    }
    return skip;
  }

  private static String sampler(JsonFields body) {
    JsonValue name = body.get("sampler_name");
    // Deprecated: the web UI reads it only where there is no name.
    JsonValue index = body.get("sampler_index");
    index.text();
    for (JsonValue each : List.of(name, index)) {
      if (!each.isEmpty()) {
        return SdSampler.find(each, body.get("scheduler"));
      }
    }
    return SdSampler.find(
        new JsonValue(TextNode.valueOf("Euler"), name.path(), body), body.get("scheduler"));
  }

  /** The units, of the block of their own or of the field of the route before it. */
  private static Optional<JsonValue> controls(
      JsonFields body, String sampler, int steps, long seed) {
    Optional<JsonValue> block = new SdScripts(body, sampler, steps, seed).controlNet();
    JsonValue old = body.get("controlnet_units");
    if (old.isEmpty()) {
      return block;
    }
    if (block.isPresent()) {
      throw old.refused("nothing beside the units in alwayson_scripts");
    }
    return Optional.of(old);
  }

  private static Optional<JsonValue> firstImage(JsonFields body) {
    return body.get("init_images").items().stream().filter(JsonValue::isText).findFirst();
  }

  /** Reads the picture of img2img, and tells whether it has a mask. */
  private boolean init(
      JsonFields body,
      boolean fromImage,
      GenerationRequest.Builder request,
      UploadedPictures.OfRequest sent,
      Dimension size,
      int images) {
    JsonValue list = body.get("init_images");
    JsonValue mask = body.get("mask");
    JsonValue strength = body.get("denoising_strength");
    JsonValue blur = body.get("mask_blur");
    double radius = blur(body, blur);
    boolean invert = body.get("inpainting_mask_invert").flag().orElse(false);
    boolean onlyMasked = body.get("inpaint_full_res").flag().orElse(true);
    JsonValue padding = body.get("inpaint_full_res_padding");
    int margin = padding.integer().orElse(0);
    MaskedContent content = content(body.get("inpainting_fill"));
    int mode = resizeMode(body.get("resize_mode"));
    double part = strength.number().orElse(0.75);
    if (!fromImage) {
      for (JsonValue each : List.of(list, mask)) {
        if (!each.isEmpty()) {
          throw each.refused("nothing; send it to /sdapi/v1/img2img");
        }
      }
      return false;
    }
    JsonValue image = image(list, images);
    BufferedImage picture =
        image.within(() -> sent.read(image.text().orElse(""), "the picture to start from"));
    BufferedImage shape =
        mask.isEmpty()
            ? null
            : mask.within(() -> sent.readMask(mask.text().orElse(""), "the mask"));
    if (shape != null && invert) {
      shape = inverted(shape);
    }
    if (shape == null || !onlyMasked) {
      boolean same =
          (long) picture.getWidth() * size.height == (long) picture.getHeight() * size.width;
      if (mode == FILL && !same) {
        throw body.get("resize_mode").notHere();
      }
      if (mode == CROP && !same) {
        picture = crop(picture, size);
        shape = shape == null ? null : crop(shape, size);
      }
    }
    BufferedImage from = picture;
    BufferedImage where = shape == null ? null : stretched(shape, picture);
    set(strength, value -> start(request, from, part, null, 0, null, content));
    if (where != null) {
      set(mask, value -> start(request, from, part, where, 0, null, content));
      set(blur, value -> start(request, from, part, where, radius, null, content));
    }
    if (where != null && onlyMasked) {
      set(padding, value -> start(request, from, part, where, radius, margin, content));
    }
    return where != null;
  }

  private GenerationRequest.Builder start(
      GenerationRequest.Builder request,
      BufferedImage picture,
      double strength,
      @Nullable BufferedImage mask,
      double blur,
      @Nullable Integer margin,
      MaskedContent content) {
    requests.init(request, picture, strength, mask, blur, margin, content);
    return request;
  }

  /** The web UI gives each image of a batch its own start; here one is for all. */
  private static JsonValue image(JsonValue list, int images) {
    List<JsonValue> all = list.items();
    if (all.isEmpty() || all.get(0).isEmpty()) {
      throw new FieldException(
          list.path(),
          "There is no picture to start from; expected init_images, a list of pictures in base64.",
          null);
    }
    JsonValue first = all.get(0);
    for (JsonValue other : all.subList(1, all.size())) {
      if (all.size() != images || !other.node().equals(first.node())) {
        throw other.refused("one picture to start from; send a request for each");
      }
    }
    return first;
  }

  private static double blur(JsonFields body, JsonValue blur) {
    double usual = 4;
    JsonValue x = body.get("mask_blur_x");
    JsonValue y = body.get("mask_blur_y");
    double across = x.number().orElse(usual);
    double down = y.number().orElse(usual);
    double both = blur.number().orElse(across);
    for (JsonValue side : List.of(x, y)) {
      double value = side.number().orElse(both);
      if (value != both && !(value == usual && !blur.isAbsent())) {
        throw side.refused("the same as mask_blur; one blur is for both sides");
      }
    }
    if (blur.isAbsent() && across != down) {
      throw y.refused("the same as mask_blur_x; one blur is for both sides");
    }
    return both;
  }

  private static int resizeMode(JsonValue value) {
    int mode = value.integer().orElse(0);
    if (mode < 0 || mode > LATENT_UPSCALE) {
      throw value.refused("0 (just resize) or 1 (crop and resize)");
    }
    if (mode == LATENT_UPSCALE) {
      throw value.notHere();
    }
    return mode;
  }

  /** The web UI brings a mask to the size of its picture whatever its shape. */
  private static BufferedImage stretched(BufferedImage mask, BufferedImage picture) {
    int width = picture.getWidth();
    int height = picture.getHeight();
    return mask.getWidth() == width && mask.getHeight() == height
        ? mask
        : Images.resize(mask, width, height, Resampling.BILINEAR);
  }

  private static BufferedImage crop(BufferedImage picture, Dimension size) {
    Images.checkAspect("The picture to start from", picture.getWidth(), picture.getHeight());
    return Images.fit(picture, size.width, size.height, ResizeMode.CROP, Resampling.LANCZOS4);
  }

  private static MaskedContent content(JsonValue fill) {
    String number = fill.isAbsent() ? "0" : fill.node().asText().strip();
    if (!List.of("0", "1", "2", "3").contains(number)) {
      throw fill.refused("0 (fill), 1 (original), 2 (latent noise) or 3 (latent nothing)");
    }
    return FILLS.get(Integer.parseInt(number));
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
  private static long[] seeds(JsonValue seed, int images) {
    long first = seed.longInteger().orElse(-1L);
    if (first < -1 || first > Long.MAX_VALUE - images + 1) {
      throw seed.refused(
          "0 to %d, so that each image has its own, or -1 for a random one"
              .formatted(Long.MAX_VALUE - images + 1));
    }
    long begin = first < 0 ? ThreadLocalRandom.current().nextLong(1L << 32) : first;
    return LongStream.rangeClosed(begin, begin + images - 1).toArray();
  }

  private static void refuse(JsonFields body) {
    for (String name : List.of("enable_hr", "restore_faces", "tiling")) {
      JsonValue flag = body.get(name);
      if (flag.flag().orElse(false)) {
        throw flag.notHere();
      }
    }
    NEUTRAL.forEach(
        (name, neutral) -> {
          JsonValue number = body.get(name);
          if (!number.number().orElse(neutral).equals(neutral)) {
            throw number.notHere();
          }
        });
    for (String name : List.of("seed_resize_from_w", "seed_resize_from_h")) {
      JsonValue resize = body.get(name);
      if (resize.number().orElse(0.0) > 0) {
        throw resize.notHere();
      }
    }
    for (String name : EMPTY) {
      JsonValue value = body.get(name);
      if (!value.isEmpty()) {
        throw value.notHere();
      }
    }
    JsonValue arguments = body.get("script_args");
    if (!arguments.isEmpty()) {
      throw arguments.notHere();
    }
    JsonValue round = body.get("mask_round");
    if (!round.flag().orElse(true)) {
      throw round.notHere();
    }
    NUMBERS_WITHOUT_EFFECT.forEach(name -> body.get(name).number());
    TEXTS_WITHOUT_EFFECT.forEach(name -> body.get(name).text());
    FLAGS_WITHOUT_EFFECT.forEach(name -> body.get(name).flag());
    body.get("hr_additional_modules").items();
  }
}
