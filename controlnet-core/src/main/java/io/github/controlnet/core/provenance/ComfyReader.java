package io.github.controlnet.core.provenance;

import io.github.controlnet.Provenance.ModelSource;
import io.github.controlnet.Samplers;
import io.github.controlnet.core.provenance.ComfyGraph.Node;
import io.github.controlnet.core.provenance.Recipe.Draft;
import io.github.controlnet.core.provenance.Recipe.Model;
import io.github.controlnet.core.provenance.Recipe.Origin;
import io.github.controlnet.core.request.SamplerNames;
import io.github.controlnet.sampler.Sampler;
import java.math.BigDecimal;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.DoublePredicate;
import java.util.regex.Pattern;

/**
 * Reads a ComfyUI graph from its sampler backwards: KSampler and those like it, SamplerCustom and
 * SamplerCustomAdvanced with their parts. Where several samplers follow each other, the first one's
 * picture is what can be made here; the others are named, as is everything that was not read.
 */
final class ComfyReader {
  /** Inputs that do not lead to pictures or latents. */
  private static final Set<String> NO_PICTURES =
      Set.of("model", "positive", "negative", "clip", "vae", "control_net", "conditioning", "mask");

  private static final String LATENT = "latent_image";
  private static final Set<String> SAVERS = Set.of("SaveImage", "PreviewImage");

  /** The sampler that a node of ComfyUI makes, where it is no name among its inputs. */
  private static final Map<String, String> SAMPLER_NODES =
      Map.of(
          "SamplerEulerAncestral", "euler_ancestral",
          "SamplerDPMPP_2M_SDE", "dpmpp_2m_sde",
          "SamplerDPMPP_3M_SDE", "dpmpp_3m_sde",
          "SamplerDPMPP_SDE", "dpmpp_sde",
          "SamplerDPMPP_2S_Ancestral", "dpmpp_2s_ancestral",
          "SamplerLMS", "lms");

  private static final Map<String, String> SCHEDULE_NODES =
      Map.of(
          "KarrasScheduler", "karras",
          "ExponentialScheduler", "exponential",
          "BetaSamplingScheduler", "beta");

  /** Usual values of further inputs, with which they change nothing. */
  private static final Map<String, DoublePredicate> USUAL =
      Map.ofEntries(
          Map.entry("denoise", is(1)),
          Map.entry("start_at_step", is(0)),
          Map.entry("sigma_max", is(14.614642)),
          Map.entry("sigma_min", is(0.0291675)),
          Map.entry("rho", is(7)),
          Map.entry("alpha", is(0.6)),
          Map.entry("beta", is(0.6)),
          Map.entry("eta", is(1)),
          Map.entry("s_noise", is(1)),
          Map.entry("order", is(4)));

  private static final Map<String, Set<String>> USUAL_WORDS =
      Map.of(
          "add_noise", Set.of("enable", "true"),
          "return_with_leftover_noise", Set.of("disable", "false"),
          "solver_type", Set.of("midpoint"),
          "noise_device", Set.of("gpu", "cpu"));

  private static final Pattern EMBEDDING = Pattern.compile("\\bembedding:(?=[^\\s,()])");

  private static final int LARGEST_SIDE = 16384;

  private final ComfyGraph graph;
  private final ComfyValues values;
  private final ComfyPrompts prompts;
  private final Draft draft = new Draft(Origin.COMFY_UI);
  private int controls;

  private ComfyReader(ComfyGraph graph) {
    this.graph = graph;
    this.values = new ComfyValues(graph);
    this.prompts = new ComfyPrompts(graph, values, this::control);
  }

  static Optional<Recipe> read(String text) {
    return ComfyGraph.read(text).flatMap(graph -> new ComfyReader(graph).recipe());
  }

  private static DoublePredicate is(double usual) {
    return value -> Math.abs(value - usual) < 1e-6;
  }

  private Optional<Recipe> recipe() {
    List<Node> ends =
        graph.ends().stream()
            .filter(node -> isSampler(node) || nearestSampler(node).isPresent())
            .toList();
    Optional<Node> end =
        ends.stream()
            .filter(node -> SAVERS.contains(node.type()))
            .findFirst()
            .or(() -> ends.stream().findFirst())
            // Where nothing is an end, all is in loops.
            .or(() -> graph.nodes().stream().filter(ComfyReader::isSampler).findFirst());
    Optional<Node> sampler =
        end.flatMap(node -> isSampler(node) ? Optional.of(node) : nearestSampler(node));
    if (sampler.isEmpty()) {
      return Optional.empty();
    }
    Node first = first(sampler.get());
    read(first);
    for (Node node : graph.nodes()) {
      if (SAVERS.contains(node.type()) || node.is("VAEDecode")) {
        node.takeWhole();
      }
    }
    graph.unread(ends.isEmpty() ? List.of(first) : ends).forEach(draft::leaveOut);
    draft.note(
        "ComfyUI draws noise and encodes weighted prompts by its own rules, so the same seed gives a similar picture at best.");
    return Optional.of(draft.recipe());
  }

  private static boolean isSampler(Node node) {
    return node.is("KSampler", "KSamplerAdvanced", "SamplerCustom", "SamplerCustomAdvanced")
        || (node.has(LATENT) && node.has("sampler_name") && node.has("steps"));
  }

  private Optional<Node> nearestSampler(Node node) {
    return graph.nearest(node, ComfyReader::isSampler, name -> !NO_PICTURES.contains(name));
  }

  /** The one whose latents come from no other. */
  private Node first(Node sampler) {
    Set<Node> seen = new HashSet<>();
    Node node = sampler;
    while (seen.add(node) && seen.size() < 100) {
      Optional<Node> before = graph.source(node.peek(LATENT));
      if (before.isPresent() && !isSampler(before.get())) {
        before = nearestSampler(before.get());
      }
      if (before.isEmpty()) {
        break;
      }
      node = before.get();
    }
    return node;
  }

  private void read(Node sampler) {
    Node guider = part(sampler, "guider").orElse(sampler);
    Node noise = part(sampler, "noise").orElse(sampler);
    Optional<Node> sigmas = part(sampler, "sigmas");
    Optional<Node> method = part(sampler, "sampler");
    sampler.take(LATENT);
    seed(noise);
    scheduler(method.orElse(sampler), sigmas.orElse(sampler));
    steps(sigmas.orElse(sampler));
    guidance(guider);
    for (Node node : new Node[] {sampler, sigmas.orElse(sampler), method.orElse(sampler)}) {
      usual(node);
    }
    lastStep(sampler);
    base(guider);
    prompts(guider);
    size(sampler);
  }

  /** The node behind an input, for samplers that are put together of parts. */
  private Optional<Node> part(Node sampler, String name) {
    return graph.source(sampler.peek(name));
  }

  private void seed(Node node) {
    String name = node.has("noise_seed") ? "noise_seed" : "seed";
    if (node.is("DisableNoise")) {
      return; // it is named, and there is no seed
    }
    Optional<BigDecimal> seed = values.exact(node, name);
    if (seed.isEmpty()) {
      draft.leaveOut("%s: %s".formatted(name, values.obstacle()));
      return;
    }
    try {
      long exact = seed.get().longValueExact();
      draft.take("%s: %s".formatted(name, exact), request -> request.seed(exact));
    } catch (ArithmeticException e) {
      draft.leaveOut(
          "%s: %s (expected a whole number up to %d)"
              .formatted(name, seed.get().toPlainString(), Long.MAX_VALUE));
    }
  }

  private void steps(Node node) {
    OptionalDouble steps = values.number(node, "steps");
    if (steps.isEmpty()) {
      draft.leaveOut("steps: " + values.obstacle());
    } else if (steps.getAsDouble() != Math.rint(steps.getAsDouble())) {
      draft.leaveOut("steps: %s".formatted(steps.getAsDouble()));
    } else {
      int whole = (int) steps.getAsDouble();
      draft.take("steps: %d".formatted(whole), request -> request.steps(whole));
    }
  }

  private void guidance(Node guider) {
    if (guider.is("BasicGuider")) {
      guider.understand();
      draft.set(request -> request.guidanceScale(1));
      return;
    }
    String name = guider.has("cfg_conds") ? "cfg_conds" : "cfg";
    OptionalDouble scale = values.number(guider, name);
    if (scale.isEmpty()) {
      draft.leaveOut("cfg: " + values.obstacle());
    } else {
      draft.take(
          "cfg: %s".formatted(scale.getAsDouble()),
          request -> request.guidanceScale(scale.getAsDouble()));
    }
  }

  private void scheduler(Node method, Node sigmas) {
    String name = SAMPLER_NODES.getOrDefault(method.type(), "");
    if (name.isEmpty()) {
      Optional<String> told = values.text(method.take("sampler_name"));
      if (told.isEmpty()) {
        draft.leaveOut("sampler_name: " + values.obstacle());
        return;
      }
      name = told.get();
    } else {
      method.understand();
    }
    String schedule = SCHEDULE_NODES.getOrDefault(sigmas.type(), "");
    String why = "";
    if (schedule.isEmpty()) {
      schedule = values.text(sigmas.take("scheduler")).orElse("");
      why = schedule.isEmpty() ? values.obstacle() : "";
    } else {
      sigmas.understand();
    }
    if (!why.isEmpty()) {
      draft.leaveOut("scheduler: " + why);
    }
    Optional<SamplerNames.Found> found = SamplerNames.findComfy(name, schedule, Samplers.names());
    if (found.isEmpty()) {
      draft.leaveOut("sampler_name: %s (not here)".formatted(name));
      draft.leaveOut("scheduler: " + schedule);
      return;
    }
    Sampler scheduler = Samplers.named(found.get().name());
    draft.set(request -> request.scheduler(scheduler));
    if (!found.get().schedule().isEmpty()) {
      draft.leaveOut("scheduler: %s (not here with this sampler)".formatted(schedule));
    }
  }

  /** Takes inputs that have their usual values; others are named with what is left. */
  private void usual(Node node) {
    for (String name : node.names()) {
      String text = node.peek(name).asText();
      boolean usual =
          USUAL.containsKey(name)
              ? Numbers.isDecimal(text) && USUAL.get(name).test(Double.parseDouble(text))
              : USUAL_WORDS.getOrDefault(name, Set.of()).contains(text);
      if (usual) {
        node.take(name);
      }
    }
  }

  /** Steps that end at the last or beyond end where they should. */
  private static void lastStep(Node sampler) {
    String end = sampler.peek("end_at_step").asText();
    String steps = sampler.peek("steps").asText();
    if (Numbers.isDecimal(end)
        && Numbers.isDecimal(steps)
        && Double.parseDouble(end) >= Double.parseDouble(steps)) {
      sampler.take("end_at_step");
    }
  }

  private void prompts(Node guider) {
    String positiveName =
        guider.has("positive") ? "positive" : guider.has("cond1") ? "cond1" : "conditioning";
    Optional<String> positive = prompts.text(guider.peek(positiveName), true);
    if (positive.isEmpty()) {
      draft.promptUnread(prompts.obstacle());
    } else if (positive.get().isBlank()) {
      draft.note("The prompt in the record is empty.");
    }
    prompts.encoder().ifPresent(this::clipSkip);
    Optional<String> negative = Optional.of("");
    if (!guider.is("BasicGuider")) {
      negative = prompts.text(guider.peek("negative"), false);
      if (negative.isEmpty()) {
        draft.leaveOut("negative prompt: " + prompts.obstacle());
      }
    }
    guider.take(positiveName);
    draft.prompts(
        positive.map(text -> weighted(text, "prompt")).orElse(""),
        negative.map(text -> weighted(text, "negative prompt")).orElse(""));
  }

  /** Round brackets weigh words in both syntaxes; square ones are text in ComfyUI. */
  private String weighted(String text, String what) {
    RecordedPrompt plain = RecordedPrompt.negative(text);
    plain.left().forEach(each -> draft.leaveOut("%s: %s".formatted(what, each)));
    if (EMBEDDING.matcher(plain.text()).find()) {
      draft.note("The %s names embeddings; give their files again.".formatted(what));
    }
    return EMBEDDING.matcher(plain.text()).replaceAll("").replace("[", "\\[").replace("]", "\\]");
  }

  /** ComfyUI counts layers from the end: -1 is the last. */
  private void clipSkip(Node encoder) {
    Optional<Node> node = graph.source(encoder.peek("clip"));
    for (int i = 0; i < 100 && node.isPresent(); i++) {
      if (node.get().has("stop_at_clip_layer")) {
        OptionalDouble layer = values.number(node.get(), "stop_at_clip_layer");
        int skip = (int) -layer.orElse(Double.NaN);
        draft.take(
            "stop_at_clip_layer: %s".formatted(node.get().peek("stop_at_clip_layer").asText()),
            request -> request.clipSkip(skip));
        return;
      }
      node = graph.behind(node.get(), "clip");
    }
  }

  private void size(Node sampler) {
    Optional<Node> node = graph.source(sampler.peek(LATENT));
    Set<Node> seen = new HashSet<>();
    while (node.isPresent() && seen.add(node.get())) {
      Node latents = node.get();
      Optional<String> prefix =
          List.of("", "empty_latent_").stream()
              .filter(each -> latents.has(each + "width") && latents.has(each + "height"))
              .findFirst();
      if (prefix.isPresent() && graph.source(latents.peek("samples")).isEmpty()) {
        size(latents, prefix.get());
        return;
      }
      // A node that does something to latents passes their size on, and is named.
      Optional<Node> next = graph.behind(latents, "samples");
      node = next.isPresent() ? next : graph.source(latents.peek("latent"));
    }
    draft.leaveOut("size: it does not come from empty latents");
  }

  private void size(Node latents, String prefix) {
    OptionalDouble width = values.number(latents, prefix + "width");
    String obstacle = width.isEmpty() ? values.obstacle() : "";
    OptionalDouble height = values.number(latents, prefix + "height");
    if (width.isEmpty() || height.isEmpty()) {
      draft.leaveOut("size: " + (width.isEmpty() ? obstacle : values.obstacle()));
    } else {
      int columns = side(width.getAsDouble());
      int rows = side(height.getAsDouble());
      draft.take(
          "size: %s x %s".formatted(Numbers.text(width), Numbers.text(height)),
          request -> {
            Numbers.checkSize(columns, rows);
            request.size(columns, rows);
          });
    }
    if (latents.has("batch_size")) {
      OptionalDouble images = values.number(latents, "batch_size");
      int count = (int) images.orElse(0);
      draft.take(
          "batch_size: %s".formatted(images.isPresent() ? Numbers.text(images) : values.obstacle()),
          request -> request.imagesPerPrompt(count));
    }
  }

  private static int side(double pixels) {
    return pixels == Math.rint(pixels) && pixels <= LARGEST_SIDE ? (int) pixels : 0;
  }

  private void base(Node guider) {
    Optional<Node> node = graph.source(guider.take("model"));
    Set<Node> seen = new HashSet<>();
    while (node.isPresent() && seen.add(node.get())) {
      for (String name : new String[] {"ckpt_name", "unet_name"}) {
        if (node.get().has(name)) {
          Optional<String> file = values.text(node.get().take(name));
          file.ifPresent(each -> draft.model(new Model(ModelSource.BASE, each, Map.of())));
          if (file.isEmpty()) {
            draft.leaveOut("%s: %s".formatted(name, values.obstacle()));
          }
          return;
        }
      }
      node = graph.behind(node.get(), "model");
    }
  }

  private void control(Node node) {
    Optional<Node> loader = graph.source(node.peek("control_net"));
    for (int i = 0; i < 10 && loader.isPresent() && loader.get().has("control_net"); i++) {
      loader = graph.source(loader.get().peek("control_net"));
    }
    controls++;
    String name =
        loader.flatMap(each -> values.text(each.take("control_net_name"))).orElse("unknown");
    draft.model(new Model(ModelSource.control(controls), name, Map.of()));
    StringBuilder settings = new StringBuilder();
    for (String setting : new String[] {"strength", "start_percent", "end_percent"}) {
      if (node.has(setting)) {
        settings
            .append(settings.isEmpty() ? " with " : ", ")
            .append(setting)
            .append(' ')
            .append(values.text(node.take(setting)).orElse("unknown"));
      }
    }
    draft.leaveOut(
        "control %d: %s%s; its picture is not inside, give it again"
            .formatted(controls, name, settings));
  }
}
