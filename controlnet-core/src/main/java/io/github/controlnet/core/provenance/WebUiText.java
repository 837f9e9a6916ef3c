package io.github.controlnet.core.provenance;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.github.controlnet.ControlInput;
import io.github.controlnet.GenerationRequest;
import io.github.controlnet.GuessMode;
import io.github.controlnet.Guidance;
import io.github.controlnet.InpaintMask;
import io.github.controlnet.MaskedContent;
import io.github.controlnet.Prompt;
import io.github.controlnet.Provenance;
import io.github.controlnet.Provenance.ModelSource;
import io.github.controlnet.Provenance.Resolved;
import io.github.controlnet.ScaleSchedule;
import io.github.controlnet.core.request.SamplerNames;
import io.github.controlnet.model.Lora;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The text that Stable Diffusion web UI stores: the prompt, a line {@code Negative prompt: ...} and
 * a line {@code Steps: 20, Sampler: Euler a, ...} whose values are quoted where they hold a comma.
 */
final class WebUiText {
  static final String NEGATIVE = "Negative prompt:";
  private static final int SHORT_HASH = 10;

  private WebUiText() {}

  /** The web UI has LoRAs in the prompt: one scale, or the text encoder's first. */
  private static String lora(Lora lora, String file) {
    String name = file.replaceFirst("\\.[^.]*$", "");
    String text = number(lora.textScale());
    String unet = number(lora.unetScale());
    return " <lora:%s:%s>".formatted(name, text.equals(unet) ? text : text + ":" + unet);
  }

  static String write(Provenance made, int image, Map<String, Map<String, String>> hashes) {
    GenerationRequest asked = made.request();
    Resolved resolved = made.resolved();
    int images = resolved.seeds().size();
    List<Prompt> prompts = asked.prompts().complete();
    Prompt prompt = prompts.get(image * prompts.size() / images);
    Map<String, String> pairs = new LinkedHashMap<>();
    pairs.put("Steps", Integer.toString(asked.sampling().steps()));
    pairs.put("Sampler", SamplerNames.webUi(resolved.sampler()));
    if (SamplerNames.needsUniform(resolved.sampler())) {
      pairs.put("Schedule type", SamplerNames.UNIFORM);
    }
    pairs.put("CFG scale", first(asked.guidance().scale(), asked));
    pairs.put("Seed", Long.toString(resolved.seeds().get(image)));
    pairs.put("Size", resolved.width() + "x" + resolved.height());
    shortHash(hashes, ModelSource.BASE).ifPresent(hash -> pairs.put("Model hash", hash));
    pairs.put("Model", name(made, ModelSource.BASE));
    if (made.model(ModelSource.VAE).isPresent()) {
      pairs.put("VAE", name(made, ModelSource.VAE));
    }
    asked
        .initImage()
        .ifPresent(
            init -> {
              pairs.put("Denoising strength", number(init.strength()));
              init.mask().ifPresent(mask -> mask(mask, pairs));
            });
    if (asked.prompts().clipSkip() != 1) {
      pairs.put("Clip skip", Integer.toString(asked.prompts().clipSkip()));
    }
    Guidance guidance = asked.guidance();
    if (guidance.rescale() != 0) {
      pairs.put("CFG Rescale phi", number(guidance.rescale()));
    }
    if (guidance.start() != 0 || guidance.end() != 1) {
      pairs.put("CFG interval", number(guidance.start()) + " to " + number(guidance.end()));
    }
    if (guidance.perturbedScale() != 0) {
      pairs.put("PAG Scale", number(guidance.perturbedScale()));
    }
    if (asked.sampling().eta() != 0) {
      pairs.put("Eta", number(asked.sampling().eta()));
    }
    if (images > 1 && !asked.sampling().seedPerImage()) {
      pairs.put("Batch size", Integer.toString(images));
      pairs.put("Batch pos", Integer.toString(image));
    }
    for (int i = 0; i < asked.controls().list().size(); i++) {
      pairs.put("ControlNet " + i, control(made, i, hashes));
    }
    pairs.put(
        "Version",
        "ControlNet for Java "
            + made.environment().versions().getOrDefault("ControlNet for Java", ""));
    StringBuilder text = new StringBuilder(prompt.text());
    for (int i = 0; i < asked.loras().size(); i++) {
      text.append(lora(asked.loras().get(i), name(made, ModelSource.lora(i + 1))));
    }
    if (!prompt.negative().isEmpty()) {
      text.append('\n').append(NEGATIVE).append(' ').append(prompt.negative());
    }
    return text.append('\n')
        .append(
            pairs.entrySet().stream()
                .map(pair -> pair.getKey() + ": " + quoted(pair.getValue().strip()))
                .collect(Collectors.joining(", ")))
        .toString();
  }

  private static void mask(InpaintMask mask, Map<String, String> pairs) {
    pairs.put("Mask blur", number(mask.blur()));
    content(mask.content()).ifPresent(name -> pairs.put("Masked content", name));
    mask.padding().ifPresent(pixels -> pairs.put("Masked area padding", Integer.toString(pixels)));
  }

  /** The scale of the first step, for those who know no schedules. */
  private static String first(ScaleSchedule scale, GenerationRequest asked) {
    return number(
        scale
            .text()
            .map(text -> Double.parseDouble(text.split("\\.\\.|,", 2)[0]))
            .orElseGet(() -> scale.at(0, asked.stepsRun())));
  }

  /** The web UI's name; it leaves out the original. */
  private static Optional<String> content(MaskedContent content) {
    return switch (content) {
      case ORIGINAL -> Optional.empty();
      case FILL -> Optional.of("fill");
      case NOISE -> Optional.of("latent noise");
      case NOTHING -> Optional.of("latent nothing");
    };
  }

  private static String control(
      Provenance made, int index, Map<String, Map<String, String>> hashes) {
    ControlInput control = made.request().controls().list().get(index);
    String role = ModelSource.control(index + 1);
    Map<String, String> pairs = new LinkedHashMap<>();
    pairs.put("Module", control.annotator().or(control::mapAnnotator).orElse("none"));
    pairs.put(
        "Model",
        name(made, role) + shortHash(hashes, role).map(hash -> " [" + hash + "]").orElse(""));
    pairs.put("Weight", first(control.scale(), made.request()));
    new TreeMap<>(
            control.annotator().isPresent() ? control.annotatorOptions() : control.mapOptions())
        .forEach((name, value) -> pairs.put("Module " + name, value));
    pairs.put("Guidance Start", number(control.start()));
    pairs.put("Guidance End", number(control.end()));
    pairs.put(
        "Control Mode",
        switch (control.mode()) {
          case BALANCED ->
              made.request().controls().guessMode() == GuessMode.OFF
                  ? "Balanced"
                  : "ControlNet is more important";
          case PROMPT -> "My prompt is more important";
          case CONTROL -> "ControlNet is more important";
          case RESOLUTION -> "Resolution weighting";
        });
    return pairs.entrySet().stream()
        .map(pair -> pair.getKey() + ": " + pair.getValue().replace(",", ";"))
        .collect(Collectors.joining(", "));
  }

  /** The model's name without the ending of its file. */
  private static String name(Provenance made, String role) {
    return made.model(role)
        .map(source -> source.name().replaceFirst("\\.(safetensors|ckpt|pth|pt|bin)$", ""))
        .orElse("unknown");
  }

  /** The first digits of the hash, for models that are one file, as the web UI shows it. */
  private static Optional<String> shortHash(Map<String, Map<String, String>> hashes, String role) {
    Map<String, String> files = hashes.getOrDefault(role, Map.of());
    return files.size() == 1
        ? Optional.of(files.values().iterator().next().substring(0, SHORT_HASH))
        : Optional.empty();
  }

  static String number(double value) {
    return value == Math.rint(value) && Math.abs(value) < 1e9
        ? Long.toString((long) value)
        : Double.toString(value);
  }

  private static String quoted(String value) {
    return value.contains(",") || value.contains("\n") || value.contains(":")
        ? JsonNodeFactory.instance.textNode(value).toString()
        : value;
  }
}
