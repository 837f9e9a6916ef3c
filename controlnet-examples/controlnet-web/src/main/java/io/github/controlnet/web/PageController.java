package io.github.controlnet.web;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.controlnet.Annotators;
import io.github.controlnet.ControlMode;
import io.github.controlnet.GenerationRequest;
import io.github.controlnet.Preset;
import io.github.controlnet.Presets;
import io.github.controlnet.Prompt;
import io.github.controlnet.Samplers;
import io.github.controlnet.annotator.Annotation;
import io.github.controlnet.annotator.AnnotatorOption;
import io.github.controlnet.core.json.FieldException;
import io.github.controlnet.core.json.JsonFields;
import io.github.controlnet.core.json.JsonValue;
import io.github.controlnet.core.provenance.PngText;
import io.github.controlnet.core.provenance.Recipe;
import io.github.controlnet.core.request.RequestCodec;
import io.github.controlnet.core.request.RequestSink;
import io.github.controlnet.core.request.SamplerNames;
import io.github.controlnet.demo.DemoModel;
import io.github.controlnet.exception.InvalidRequestException;
import io.github.controlnet.image.ResizeMode;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletResponse;
import java.awt.image.BufferedImage;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseCookie;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ResponseStatusException;

/** What pages need beside generations. */
@RestController
@RequestMapping("/api")
@Tag(name = "Page", description = "What the page shows and does beside generations")
final class PageController {
  private static final String ADDED_PROMPT = "best quality, extremely detailed";
  private static final String NEGATIVE_PROMPT =
      "longbody, lowres, bad anatomy, bad hands, missing fingers, extra digit, fewer digits,"
          + " cropped, worst quality, low quality";

  private final ServedModel model;
  private final ServedLoras loras;
  private final WebProperties limits;
  private final AnnotatorService annotators;
  private final UploadedPictures pictures;

  PageController(
      ServedModel model,
      ServedLoras loras,
      WebProperties limits,
      AnnotatorService annotators,
      UploadedPictures pictures) {
    this.model = model;
    this.loras = loras;
    this.limits = limits;
    this.annotators = annotators;
    this.pictures = pictures;
  }

  /**
   * The server's models, plugins, defaults and limits; and the request that says nothing, by which
   * a page tells what is unusual.
   */
  record Info(
      String base,
      String family,
      int nativeSize,
      @Nullable String notice,
      List<ControlInfo> controls,
      List<Named> samplers,
      List<PresetInfo> presets,
      List<String> loras,
      List<AnnotatorInfo> annotators,
      List<String> controlModes,
      List<String> resizeModes,
      JsonNode usual,
      Defaults defaults,
      Limits limits) {}

  /** A control, the annotator that is usual for it, and what else there is to know. */
  record ControlInfo(String name, String annotator, @Nullable String hint) {}

  /** A name to send and one to show. */
  record Named(String name, String title) {}

  /** A preset: what it sets, and what weights it wants. */
  record PresetInfo(
      String name, String sampler, int steps, double guidanceScale, double eta, String wants) {}

  /** An annotator. */
  record AnnotatorInfo(String name, String description, List<OptionInfo> options) {}

  /** An option of an annotator. */
  record OptionInfo(
      String name,
      String type,
      String defaultValue,
      double minimum,
      double maximum,
      List<String> choices,
      String description) {}

  /** What a page begins with: the values of the original's demonstration. */
  record Defaults(
      String addedPrompt,
      String negativePrompt,
      String sampler,
      String annotator,
      int imageResolution,
      int steps,
      double guidanceScale) {}

  /** What the server takes. */
  record Limits(int maxImages, int maxSteps, int maxSide, int maxPixels, long maxUpload) {}

  @GetMapping("/info")
  @Operation(summary = "Tell models, samplers, annotators, defaults and limits")
  Info info() {
    List<AnnotatorInfo> all =
        Annotators.all().stream()
            .map(
                provider ->
                    new AnnotatorInfo(
                        provider.name(),
                        provider.description(),
                        AnnotatorService.options(provider).stream()
                            .map(PageController::described)
                            .toList()))
            .toList();
    return new Info(
        model.base(),
        model.info().family(),
        model.info().nativeSize(),
        model.demonstration() ? DemoModel.NOTICE : null,
        model.controlNames().stream().map(this::described).toList(),
        Samplers.names().stream().map(name -> new Named(name, SamplerNames.webUi(name))).toList(),
        Presets.all().stream().map(PageController::described).toList(),
        loras.names(),
        all,
        JsonValue.words(ControlMode.class),
        JsonValue.words(ResizeMode.class),
        RequestCodec.write(GenerationRequest.builder().build(), (path, image) -> ""),
        new Defaults(
            model.demonstration() ? "" : ADDED_PROMPT,
            model.demonstration() ? "" : NEGATIVE_PROMPT,
            "ddim",
            ServedModel.usualAnnotator(),
            Math.min(limits.maxSide(), model.info().nativeSize()),
            Math.min(20, limits.maxSteps()),
            model.demonstration() ? DemoModel.GUIDANCE_SCALE : 9),
        new Limits(
            limits.maxImages(),
            limits.maxSteps(),
            limits.maxSide(),
            limits.maxPixels(),
            limits.maxUpload().toBytes()));
  }

  private ControlInfo described(String name) {
    return new ControlInfo(
        name,
        model.usualAnnotator(name),
        model.demonstration() && name.equals(ServedModel.SEGMENTATION) ? DemoModel.PALETTE : null);
  }

  private static PresetInfo described(Preset preset) {
    return new PresetInfo(
        preset.name(),
        preset.samplerName(),
        preset.steps(),
        preset.guidanceScale(),
        preset.eta(),
        preset.wants());
  }

  private static OptionInfo described(AnnotatorOption option) {
    return new OptionInfo(
        option.name(),
        option.type().name().toLowerCase(Locale.ROOT),
        option.defaultValue(),
        option.minimum(),
        option.maximum(),
        option.choices(),
        option.description());
  }

  /** A picture to annotate. */
  record AnnotationRequest(
      String image,
      String annotator,
      @Nullable Map<String, String> options,
      @Nullable Integer resolution) {}

  /** A map, as data addresses. */
  record AnnotationAnswer(String map, String preview, int width, int height) {}

  @PostMapping("/annotations")
  @Operation(summary = "Make the control map of a picture")
  AnnotationAnswer annotate(
      @RequestBody
          @io.swagger.v3.oas.annotations.parameters.RequestBody(
              content = @Content(schema = @Schema(implementation = AnnotationRequest.class)))
          JsonNode payload) {
    JsonFields body = JsonFields.of(payload);
    JsonValue image = body.get("image");
    JsonValue annotator = body.get("annotator");
    JsonValue size = body.get("resolution");
    Map<String, String> options = ControlNetApiController.options(body.get("options"));
    Integer resolution = size.integer().orElse(null);
    body.finish();
    if (image.isEmpty() || annotator.isEmpty()) {
      throw new FieldException(
          image.isEmpty() ? image.path() : annotator.path(),
          "Expected an image and the name of an annotator.",
          null);
    }
    String name = annotator.text().orElse("");
    Annotation annotation;
    try (AnnotatorService.Place place = annotators.place()) {
      BufferedImage photo =
          image.within(() -> pictures.read(image.text().orElse(""), "the picture"));
      annotation = place.annotate(photo, name, options, resolution);
    }
    String map = address(annotation.map());
    return new AnnotationAnswer(
        map,
        annotation.preview() == annotation.map() ? map : address(annotation.preview()),
        annotation.map().getWidth(),
        annotation.map().getHeight());
  }

  static String address(BufferedImage picture) {
    return "data:image/png;base64,"
        + Base64.getEncoder().encodeToString(PngText.encode(picture, Map.of()));
  }

  /** A PNG file, as a data address. */
  record RecipeRequest(@Nullable String image) {}

  /** What a picture tells of how it was made, as a form to send again. */
  record RecipeAnswer(
      JsonNode form, List<String> models, List<String> unmapped, List<String> notes) {}

  @PostMapping("/recipes")
  @Operation(summary = "Read from a PNG how it was made")
  RecipeAnswer recipe(
      @RequestBody
          @io.swagger.v3.oas.annotations.parameters.RequestBody(
              content = @Content(schema = @Schema(implementation = RecipeRequest.class)))
          JsonNode payload) {
    JsonValue image = JsonFields.only(payload, "image");
    Recipe recipe =
        Recipe.read(
                image.within(
                    () -> UploadedPictures.bytes(image.text().orElse(null), "the picture")),
                pictures.mostPixels())
            .orElseThrow(
                () ->
                    new InvalidRequestException(
                        "The picture tells nothing of how it was made that is read here; expected a PNG of this library, of the web UI or of ComfyUI."));
    GenerationRequest made = recipe.request().build();
    List<String> unmapped = new ArrayList<>(recipe.unmapped());
    List<Prompt> prompts = made.prompts().list();
    if (prompts.size() > 1) {
      // The page has a field for one.
      unmapped.add("prompts after the first (not in this form)");
      made = made.toBuilder().prompts(prompts.subList(0, 1)).build();
    }
    return new RecipeAnswer(
        RequestCodec.write(made, new Addresses(limits.maxUpload().toBytes())),
        recipe.models().stream().map(each -> each.role() + ": " + each.name()).toList(),
        unmapped,
        recipe.notes());
  }

  /** The addresses of a recipe's pictures: each is encoded once, and all are bounded. */
  private static final class Addresses implements RequestSink {
    private final IdentityHashMap<BufferedImage, String> made = new IdentityHashMap<>();
    private final long most;
    private long letters;

    Addresses(long most) {
      this.most = most;
    }

    @Override
    public String keep(String path, BufferedImage picture) {
      String address = made.computeIfAbsent(picture, PageController::address);
      letters += address.length();
      if (letters > most) {
        throw new InvalidRequestException(
            "The pictures in the record have more than the %d bytes that a request may have here; they cannot be sent back."
                .formatted(most));
      }
      return address;
    }
  }

  /** The key. */
  record Session(String key) {}

  @PostMapping("/session")
  @ResponseStatus(HttpStatus.NO_CONTENT)
  @Operation(summary = "Show the key once, and get a cookie for it")
  void session(
      @RequestBody
          @io.swagger.v3.oas.annotations.parameters.RequestBody(
              content = @Content(schema = @Schema(implementation = Session.class)))
          JsonNode payload,
      HttpServletResponse response) {
    String given = JsonFields.only(payload, "key").text().orElse("");
    byte[] key = given.getBytes(StandardCharsets.UTF_8);
    if (!limits.isLocked()
        || !MessageDigest.isEqual(
            key, String.valueOf(limits.apiKey()).getBytes(StandardCharsets.UTF_8))) {
      throw new ResponseStatusException(HttpStatus.UNAUTHORIZED, "this is not the key");
    }
    response.addHeader(
        "Set-Cookie",
        ResponseCookie.from(RequestLimits.COOKIE, Base64.getEncoder().encodeToString(key))
            .httpOnly(true)
            .sameSite("Strict")
            .path("/")
            .build()
            .toString());
  }
}
