package io.github.controlnet.web;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.controlnet.GenerationRequest;
import io.github.controlnet.GenerationResult;
import io.github.controlnet.Prompt;
import io.github.controlnet.Provenance;
import io.github.controlnet.Samplers;
import io.github.controlnet.core.json.JsonFields;
import io.github.controlnet.core.json.JsonValue;
import io.github.controlnet.core.provenance.PictureRecord;
import io.github.controlnet.core.provenance.PngText;
import io.github.controlnet.core.request.SamplerNames;
import io.github.controlnet.exception.InvalidRequestException;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** The interface of Stable Diffusion web UI, for the clients that speak it. */
@RestController
@RequestMapping("/sdapi/v1")
@Tag(name = "Web UI", description = "The interface of Stable Diffusion web UI")
final class SdApiController {
  /** How a PNG begins. */
  private static final byte[] PNG = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};

  private final JobQueue queue;
  private final ServedModel model;
  private final SdRequest requests;
  private final SdSettings settings;
  private final ServedLoras loras;
  private final ObjectMapper json;

  SdApiController(
      JobQueue queue,
      ServedModel model,
      SdRequest requests,
      SdSettings settings,
      ServedLoras loras,
      ObjectMapper json) {
    this.queue = queue;
    this.model = model;
    this.requests = requests;
    this.settings = settings;
    this.loras = loras;
    this.json = json;
  }

  @PostMapping("/txt2img")
  @Operation(summary = "Make pictures of a prompt, with control units; image i has the seed s + i")
  CompletableFuture<JsonNode> textToImage(@RequestBody JsonNode payload) {
    return generate(requests.ofText(payload), payload);
  }

  @PostMapping("/img2img")
  @Operation(summary = "Make pictures of a picture and a prompt, with mask and control units")
  CompletableFuture<JsonNode> imageToImage(@RequestBody JsonNode payload) {
    return generate(requests.ofImage(payload), payload);
  }

  private CompletableFuture<JsonNode> generate(SdRequest.Order order, JsonNode payload) {
    GenerationJob job = new GenerationJob(order.request(), null);
    // Before it is in the queue: its result is there only while it ends.
    CompletableFuture<JsonNode> answer =
        job.end().thenApply(ended -> answer(ended, order, payload));
    queue.submit(job);
    return answer;
  }

  private JsonNode answer(GenerationJob job, SdRequest.Order order, JsonNode payload) {
    if (job.isRefused()) {
      throw new InvalidRequestException(String.valueOf(job.problem()));
    }
    if (job.isStopped()) {
      throw new JobQueue.StoppedException();
    }
    if (job.state() == GenerationJob.State.FAILED) {
      throw new JobQueue.FailedException(String.valueOf(job.problem()));
    }
    ObjectNode answer = json.createObjectNode();
    ArrayNode images = answer.putArray("images");
    // The interrupted give what they have: nothing.
    if (order.sendsImages()) {
      job.pictures().forEach(file -> images.add(Base64.getEncoder().encodeToString(file)));
      job.maps().forEach(file -> images.add(Base64.getEncoder().encodeToString(file)));
    }
    answer.set("parameters", order.sendsStart() ? payload : withoutPictures(payload));
    answer.put("info", info(job).toString());
    return answer;
  }

  /** What was asked for; the pictures that were sent only come back to who wants them. */
  private static JsonNode withoutPictures(JsonNode payload) {
    ObjectNode parameters = payload.<ObjectNode>deepCopy();
    for (String name : List.of("init_images", "mask")) {
      if (parameters.has(name)) {
        parameters.putNull(name);
      }
    }
    return parameters;
  }

  private ObjectNode info(GenerationJob job) {
    ObjectNode info = json.createObjectNode();
    Optional<GenerationResult> result = job.result();
    if (result.isEmpty()) {
      return info.put("interrupted", true);
    }
    Provenance made = result.get().provenance();
    GenerationRequest asked = made.request();
    Provenance.Resolved resolved = made.resolved();
    Prompt prompt = asked.prompts().complete().get(0);
    info.put("prompt", prompt.text());
    info.put("negative_prompt", prompt.negative());
    info.put("seed", resolved.seeds().get(0));
    info.set("all_seeds", json.valueToTree(resolved.seeds()));
    for (int i = 0; i < resolved.seeds().size(); i++) {
      info.withArray("/all_prompts").add(prompt.text());
      info.withArray("/all_negative_prompts").add(prompt.negative());
      info.withArray("/infotexts").add(job.parameters().get(i));
    }
    info.put("width", resolved.width());
    info.put("height", resolved.height());
    info.put("sampler_name", SamplerNames.webUi(resolved.sampler()));
    info.put("cfg_scale", asked.guidance().scale().at(0, asked.stepsRun()));
    info.put("steps", asked.sampling().steps());
    info.put("batch_size", resolved.seeds().size());
    info.put("sd_model_name", model.base());
    info.put("index_of_first_image", 0);
    return info;
  }

  @GetMapping("/progress")
  @Operation(summary = "Tell how far the running generation is")
  JsonNode progress(
      @RequestParam(name = "skip_current_image", defaultValue = "false") boolean withoutPreview) {
    ObjectNode answer = json.createObjectNode();
    ObjectNode state = answer.putObject("state");
    GenerationJob.Snapshot now = queue.running().map(GenerationJob::snapshot).orElse(null);
    int count = queue.waiting() + (now == null ? 0 : 1);
    double done = now == null ? 0 : (double) now.step() / now.steps();
    double seconds =
        now == null || now.step() == 0
            ? 0
            : (System.currentTimeMillis() - now.created().toEpochMilli()) / 1e3 * (1 - done) / done;
    answer.put("progress", done);
    answer.put("eta_relative", seconds);
    state.put("skipped", false);
    state.put("interrupted", false);
    state.put("job", now == null ? "" : now.id().toString());
    state.put("job_count", count);
    state.put("job_no", 0);
    state.put("sampling_step", now == null ? 0 : now.step());
    state.put("sampling_steps", now == null ? 0 : now.steps());
    String preview =
        withoutPreview || now == null || now.previews().isEmpty()
            ? null
            : now.previews().get(0).substring(now.previews().get(0).indexOf(',') + 1);
    answer.put("current_image", preview);
    return answer.putNull("textinfo");
  }

  @PostMapping("/interrupt")
  @Operation(summary = "Cancel the running generation")
  Map<String, Object> interrupt() {
    queue.running().ifPresent(queue::cancel);
    return Map.of();
  }

  @PostMapping("/skip")
  @Operation(summary = "Cancel the running generation")
  Map<String, Object> skip() {
    return interrupt();
  }

  @GetMapping("/options")
  @Operation(summary = "Tell the settings")
  Map<String, Object> options() {
    return settings.all();
  }

  @PostMapping("/options")
  @Operation(summary = "Settings that are as they are may be set; no other")
  Map<String, Object> setOptions(@RequestBody JsonNode options) {
    JsonFields fields = JsonFields.of(options);
    if (settings.clipSkip(fields) != 1) {
      throw fields
          .get(SdSettings.CLIP_SKIP)
          .refused("1; another is set for a request, in its override_settings, not for all");
    }
    return Map.of();
  }

  @GetMapping("/sd-models")
  @Operation(summary = "List the base models: there is one")
  List<Map<String, String>> models() {
    return List.of(
        Map.of("title", model.base(), "model_name", model.base(), "filename", model.base()));
  }

  @GetMapping("/samplers")
  @Operation(summary = "List the samplers by the names of the web UI")
  List<Map<String, Object>> samplers() {
    return Samplers.names().stream()
        .map(
            name ->
                Map.<String, Object>of(
                    "name",
                    SamplerNames.webUi(name),
                    "aliases",
                    List.of(name),
                    "options",
                    Map.of()))
        .toList();
  }

  @GetMapping("/schedulers")
  @Operation(summary = "List the schedules that a sampler's name may be completed with")
  List<Map<String, String>> schedulers() {
    return SdSampler.schedules().stream()
        .map(label -> Map.of("name", label.toLowerCase(Locale.ROOT), "label", label))
        .toList();
  }

  @GetMapping("/scripts")
  @Operation(summary = "List the scripts: ControlNet is there")
  Map<String, List<String>> scripts() {
    // Clients know by the second that units are understood.
    List<String> scripts = List.of("controlnet", "controlnet m2m");
    return Map.of("txt2img", scripts, "img2img", scripts);
  }

  @GetMapping("/loras")
  @Operation(summary = "List the LoRAs that prompts may name, as in <lora:name:0.8>")
  List<Map<String, Object>> loras() {
    return loras.described();
  }

  @GetMapping({
    "/sd-vae",
    "/sd-modules",
    "/hypernetworks",
    "/upscalers",
    "/latent-upscale-modes",
    "/realesrgan-models",
    "/prompt-styles",
    "/face-restorers"
  })
  @Operation(summary = "What this server has none of")
  List<Object> none() {
    return List.of();
  }

  /** A PNG file. */
  record PngInfo(@Nullable String image) {}

  @PostMapping("/png-info")
  @Operation(summary = "Read the text of a PNG")
  Map<String, Object> pngInfo(
      @RequestBody
          @io.swagger.v3.oas.annotations.parameters.RequestBody(
              content = @Content(schema = @Schema(implementation = PngInfo.class)))
          JsonNode payload) {
    JsonValue image = JsonFields.only(payload, "image");
    byte[] file =
        image.within(() -> UploadedPictures.bytes(image.text().orElse(null), "the picture"));
    if (!Arrays.equals(PNG, Arrays.copyOf(file, PNG.length))) {
      throw image.refused("a PNG; texts are not read from other files");
    }
    Map<String, String> texts = PngText.read(file);
    return Map.of(
        "info",
        texts.getOrDefault(PictureRecord.PARAMETERS, ""),
        "items",
        texts,
        "parameters",
        Map.of());
  }
}
