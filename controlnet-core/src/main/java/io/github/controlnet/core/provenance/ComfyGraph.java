package io.github.controlnet.core.provenance;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.github.controlnet.PromptSyntax;
import io.github.controlnet.Provenance.ModelSource;
import io.github.controlnet.Schedulers;
import io.github.controlnet.core.provenance.Recipe.Draft;
import io.github.controlnet.core.provenance.Recipe.Model;
import io.github.controlnet.core.provenance.Recipe.Origin;
import io.github.controlnet.spi.scheduler.Scheduler;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The graph that ComfyUI stores under {@code prompt}: nodes by id, each with a class and inputs,
 * where an input is a value or a link {@code [id, output]}. Read from the first sampler node
 * backwards.
 */
final class ComfyGraph {
  static final String KEY = "prompt";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final JsonNode nodes;
  private final Draft draft = new Draft(Origin.COMFY_UI);
  private int controls;

  private ComfyGraph(JsonNode nodes) {
    this.nodes = nodes;
  }

  static Optional<Recipe> read(String text) {
    try {
      JsonNode nodes = JSON.readTree(text);
      for (JsonNode node : nodes) {
        if (node.path("class_type").asText().startsWith("KSampler")) {
          return Optional.of(new ComfyGraph(nodes).recipe(node.path("inputs")));
        }
      }
      return Optional.empty();
    } catch (JsonProcessingException e) {
      return Optional.empty();
    }
  }

  private Recipe recipe(JsonNode sampler) {
    JsonNode seed = sampler.has("seed") ? sampler.path("seed") : sampler.path("noise_seed");
    if (seed.canConvertToLong() && seed.asLong() >= 0) {
      draft.set(request -> request.seed(seed.asLong()));
    } else if (!seed.isMissingNode()) {
      draft.leaveOut("seed: " + seed);
    }
    int steps = sampler.path("steps").asInt();
    if (steps >= 1 && steps <= 1000) {
      draft.set(request -> request.steps(steps));
    }
    if (sampler.path("cfg").isNumber()) {
      double scale = sampler.path("cfg").asDouble();
      draft.set(request -> request.guidanceScale(scale));
    }
    sampler(sampler);
    if (sampler.path("denoise").asDouble(1) != 1) {
      draft.leaveOut("denoise: " + sampler.path("denoise"));
    }
    String prompt = text(sampler.path("positive"), new HashSet<>());
    String negative = text(sampler.path("negative"), new HashSet<>());
    draft.set(
        request ->
            request
                .prompt(weighted(prompt))
                .negativePrompt(weighted(negative))
                .promptSyntax(PromptSyntax.WEIGHTED));
    size(linked(sampler.path("latent_image")));
    base(sampler.path("model"), new HashSet<>());
    control(sampler.path("positive"), new HashSet<>());
    draft.leaveOut(
        "ComfyUI draws noise and encodes weighted prompts by its own rules, so the same seed gives a similar picture at best");
    return draft.recipe();
  }

  private void sampler(JsonNode sampler) {
    String name = sampler.path("sampler_name").asText();
    String schedule = sampler.path("scheduler").asText();
    Optional<String> found = SamplerNames.findComfy(name, schedule, Schedulers.names());
    if (found.isEmpty()) {
      draft.leaveOut("sampler_name: %s is not here".formatted(name));
      return;
    }
    Scheduler scheduler = Schedulers.named(found.get());
    draft.set(request -> request.scheduler(scheduler));
    if (!found.get().endsWith("_" + schedule) && !schedule.equals("normal")) {
      draft.leaveOut("scheduler: " + schedule);
    }
  }

  private JsonNode linked(JsonNode input) {
    return input.isArray() ? nodes.path(input.path(0).asText()) : MissingNode.getInstance();
  }

  /** Follows the conditioning back to a text. */
  private String text(JsonNode input, Set<String> seen) {
    if (input.isTextual()) {
      return input.asText();
    }
    JsonNode node = linked(input);
    if (node.isMissingNode() || !seen.add(input.path(0).asText())) {
      return "";
    }
    JsonNode inputs = node.path("inputs");
    for (String name : new String[] {"text", "conditioning", "positive", "conditioning_1"}) {
      if (inputs.has(name)) {
        return text(inputs.path(name), seen);
      }
    }
    return "";
  }

  /** Round brackets weigh words in both syntaxes; square ones are text in ComfyUI. */
  private static String weighted(String text) {
    return text.replace("[", "\\[").replace("]", "\\]");
  }

  private void size(JsonNode latents) {
    int width = latents.path("inputs").path("width").asInt();
    int height = latents.path("inputs").path("height").asInt();
    if (width >= 8 && height >= 8 && width <= 16384 && height <= 16384) {
      draft.set(request -> request.size(width, height));
    }
    int images = latents.path("inputs").path("batch_size").asInt(1);
    if (images >= 1 && images <= 1024) {
      draft.set(request -> request.imagesPerPrompt(images));
    }
  }

  private void base(JsonNode input, Set<String> seen) {
    JsonNode node = linked(input);
    if (node.isMissingNode() || !seen.add(input.path(0).asText())) {
      return;
    }
    JsonNode name = node.path("inputs").path("ckpt_name");
    if (name.isTextual()) {
      draft.model(new Model(ModelSource.BASE, name.asText(), Map.of()));
      return;
    }
    if (node.path("inputs").has("lora_name")) {
      draft.leaveOut("lora_name: " + node.path("inputs").path("lora_name").asText());
    }
    base(node.path("inputs").path("model"), seen);
  }

  private void control(JsonNode input, Set<String> seen) {
    JsonNode node = linked(input);
    if (node.isMissingNode() || !seen.add(input.path(0).asText())) {
      return;
    }
    JsonNode inputs = node.path("inputs");
    if (inputs.has("control_net")) {
      controls++;
      String name =
          linked(inputs.path("control_net")).path("inputs").path("control_net_name").asText();
      draft.model(new Model(ModelSource.control(controls), name, Map.of()));
      draft.leaveOut(
          "control %d: %s with strength %s; its picture is not inside, give it again"
              .formatted(controls, name, inputs.path("strength")));
    }
    control(
        inputs.has("conditioning") ? inputs.path("conditioning") : inputs.path("positive"), seen);
  }
}
