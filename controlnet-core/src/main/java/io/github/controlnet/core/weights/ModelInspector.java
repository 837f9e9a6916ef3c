package io.github.controlnet.core.weights;

import io.github.controlnet.core.family.Families;
import io.github.controlnet.core.family.Family;
import io.github.controlnet.core.family.Role;
import io.github.controlnet.core.files.Float8;
import io.github.controlnet.core.files.TensorFile;
import io.github.controlnet.core.lora.LoraFile;
import io.github.controlnet.core.lora.LoraSummary;
import io.github.controlnet.core.tensors.MappedWeights.Stored;
import io.github.controlnet.core.weights.ModelReport.Kind;
import io.github.controlnet.engine.AutoencoderSpec;
import io.github.controlnet.engine.ControlNetSpec;
import io.github.controlnet.engine.TextEncoderSpec;
import io.github.controlnet.engine.TinyAutoencoderSpec;
import io.github.controlnet.engine.UNetSpec;
import io.github.controlnet.engine.WeightSource.TensorInfo;
import io.github.controlnet.exception.WeightsException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/** Tells what a weights file or folder is, also when it cannot be used. Runs nothing in it. */
public final class ModelInspector {
  private static final String HINT = "hint block";

  private final ModelFiles files;
  private final Map<String, Long> parameters = new LinkedHashMap<>();
  private final Map<String, Long> bytes = new LinkedHashMap<>();
  private final Map<String, Long> dtypes = new LinkedHashMap<>();
  private final List<String> notes = new ArrayList<>();

  private ModelInspector(ModelFiles files) {
    this.files = files;
  }

  /**
   * Inspects a file or folder.
   *
   * @param path any weights file or diffusers folder
   * @return what it is
   * @throws WeightsException when it is missing, damaged, unsafe or no weights at all; the message
   *     says what it is instead
   */
  public static ModelReport inspect(Path path) {
    return inspect(path, Optional.empty());
  }

  /**
   * Inspects a file or folder, with a configuration.
   *
   * @param path any weights file or diffusers folder
   * @param config what the weights do not tell: diffusers-style JSON or the original's YAML
   * @return what it is
   * @throws WeightsException when it is missing, damaged, unsafe or no weights at all; the message
   *     says what it is instead
   */
  public static ModelReport inspect(Path path, Optional<Path> config) {
    try (ModelFiles files = ModelFiles.open(path, config, EnumSet.allOf(Role.class))) {
      return new ModelInspector(files).report();
    }
  }

  private ModelReport report() {
    Optional<LoraSummary> lora = lora();
    Family family = lora.map(LoraSummary::family).orElseGet(files::family);
    for (Role part : files.parts()) {
      files
          .weights(part)
          .stored()
          .forEach(
              (name, stored) ->
                  count(
                      part.displayName(),
                      stored.info(),
                      Optional.ofNullable(stored.file().narrow().get(stored.name()))));
    }
    files
        .rest()
        .forEach(
            (label, tensors) -> tensors.forEach((name, info) -> count(label, info, narrow(name))));
    Kind kind = kind();
    if (files.has(Role.UNET)) {
      describe(Role.UNET, () -> unet(family));
    }
    if (files.has(Role.CONTROL)) {
      describe(Role.CONTROL, this::control);
    }
    if (files.has(Role.AUTOENCODER)) {
      describe(Role.AUTOENCODER, this::autoencoder);
    }
    if (files.has(Role.TEXT_ENCODER)) {
      describe(Role.TEXT_ENCODER, this::textEncoder);
    }
    lora.ifPresent(summary -> notes.addAll(summary.sentences()));
    if (files.isDifference() && files.has(Role.CONTROL)) {
      notes.add(
          "The control holds differences to the base that it was made from: the base's weights are added when it is used.");
    }
    for (TensorFile file : files.files()) {
      if (!file.foreign().isEmpty()) {
        notes.add(
            "%d tensors have number types that are not supported, such as %s."
                .formatted(file.foreign().size(), file.foreign().values().iterator().next()));
      }
      ModelFiles.unusable(file).ifPresent(notes::add);
    }
    long total = sum(parameters.values());
    List<ModelReport.Part> parts = new ArrayList<>();
    parameters.forEach(
        (name, count) ->
            parts.add(
                new ModelReport.Part(
                    name,
                    count,
                    bytes.getOrDefault(name, 0L),
                    total == 0 ? 0 : (double) count / total)));
    return new ModelReport(
        kind,
        family,
        String.join(", ", files.files().stream().map(TensorFile::format).distinct().toList()),
        parts,
        total,
        sum(bytes.values()),
        dtypes.entrySet().stream()
            .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
            .map(Map.Entry::getKey)
            .toList(),
        fits(kind, family),
        notes,
        tensors());
  }

  private Optional<LoraSummary> lora() {
    boolean alone = files.parts().isEmpty() && files.rest().containsKey(PartSplit.LORA);
    return alone
        ? files.files().stream().map(LoraFile::summary).flatMap(Optional::stream).findFirst()
        : Optional.empty();
  }

  private void count(String label, TensorInfo info, Optional<Float8> narrow) {
    parameters.merge(label, info.count(), ModelInspector::add);
    bytes.merge(label, narrow.isPresent() ? info.count() : info.byteSize(), ModelInspector::add);
    dtypes.merge(dtype(info, narrow), info.count(), ModelInspector::add);
  }

  /** Floats of eight bits are read as F16, but that is not what the file holds. */
  private static String dtype(TensorInfo info, Optional<Float8> narrow) {
    return narrow.map(Float8::safetensorsName).orElse(info.dtype().name());
  }

  private Optional<Float8> narrow(String name) {
    return files.files().stream()
        .filter(file -> file.narrow().containsKey(name))
        .map(file -> file.narrow().get(name))
        .findFirst();
  }

  /** Damaged files may hold absurd shapes of no bytes. */
  private static long add(long a, long b) {
    long sum = a + b;
    return sum < 0 ? Long.MAX_VALUE : sum;
  }

  private static long sum(Collection<Long> values) {
    long sum = 0;
    for (long value : values) {
      sum = add(sum, value);
    }
    return sum;
  }

  private Kind kind() {
    Set<Role> parts = files.parts();
    boolean otherText =
        Families.sections().stream()
            .anyMatch(
                section -> section.role().isEmpty() && files.rest().containsKey(section.label()));
    boolean base =
        parts.contains(Role.UNET)
            && parts.contains(Role.AUTOENCODER)
            && (parts.contains(Role.TEXT_ENCODER) || otherText);
    if (base) {
      return parts.contains(Role.CONTROL) ? Kind.BASE_WITH_CONTROL : Kind.BASE;
    }
    if (parts.isEmpty()) {
      return files.rest().containsKey(PartSplit.LORA) ? Kind.LORA : Kind.UNKNOWN;
    }
    if (parts.size() > 1) {
      return Kind.INCOMPLETE_BASE;
    }
    return switch (parts.iterator().next()) {
      case CONTROL -> Kind.CONTROL;
      case UNET -> Kind.UNET;
      case AUTOENCODER -> Kind.AUTOENCODER;
      case TEXT_ENCODER -> Kind.TEXT_ENCODER;
    };
  }

  /** A component's description; when its sizes cannot be read, why. */
  private void describe(Role part, Supplier<String> description) {
    try {
      notes.add(capital(part.displayName()) + ": " + description.get());
    } catch (WeightsException e) {
      notes.add(e.getMessage());
    }
  }

  private static String capital(String text) {
    return Character.toUpperCase(text.charAt(0)) + text.substring(1);
  }

  private String unet(Family family) {
    UNetSpec unet =
        new UNetReader(files.what(Role.UNET), files.weights(Role.UNET), files.config().unet())
            .unet(family);
    return sizes(unet) + ".";
  }

  private String autoencoder() {
    AutoencoderSpec autoencoder =
        AutoencoderReader.read(files, files.family().defaults().latents());
    return "%s%d latent channels, levels of %s channels, factor %d, scale %s%s%s."
        .formatted(
            autoencoder instanceof TinyAutoencoderSpec ? "tiny, " : "",
            autoencoder.latentChannels(),
            autoencoder.widths(),
            autoencoder.factor(),
            autoencoder.latents().scale(),
            autoencoder.latents().shift() == 0 ? "" : ", shift " + autoencoder.latents().shift(),
            autoencoder.hasEncoder() ? "" : ", decoder only");
  }

  private String textEncoder() {
    TextEncoderSpec text =
        TextEncoderReader.read(
            files.what(Role.TEXT_ENCODER),
            files.weights(Role.TEXT_ENCODER),
            files.config().textEncoder());
    return "%d layers of width %d, %d heads, %d token ids, %d positions."
        .formatted(text.layers(), text.width(), text.heads(), text.vocabulary(), text.positions());
  }

  private static String sizes(UNetSpec unet) {
    return "%d input channels, levels of %s channels with attention of depth %s, %d residual blocks a level, hidden states of %d"
        .formatted(
            unet.inChannels(),
            unet.levels().stream().map(UNetSpec.Level::channels).toList(),
            unet.levels().stream().map(UNetSpec.Level::depth).toList(),
            unet.residualBlocks(),
            unet.contextWidth());
  }

  private String control() {
    Map<String, Stored> stored = files.weights(Role.CONTROL).stored();
    long hint =
        stored.entrySet().stream()
            .filter(entry -> entry.getKey().startsWith("controlnet_cond_embedding."))
            .mapToLong(entry -> entry.getValue().info().count())
            .sum();
    notes.add("%s: %,d parameters, part of the control.".formatted(capital(HINT), hint));
    ControlWeights control = ControlWeights.of(files, Optional.empty(), false);
    ControlNetSpec architecture = control.architecture();
    notes.add(
        "Global pooling: %s, %s."
            .formatted(architecture.globalPooling() ? "yes" : "no", control.globalPoolingReason()));
    return "%s; hint of %d channels through %s."
        .formatted(
            sizes(architecture.trunk()), architecture.hintChannels(), architecture.hintWidths());
  }

  private String fits(Kind kind, Family family) {
    String name = family.name();
    return switch (kind) {
      case BASE, BASE_WITH_CONTROL ->
          family.recipe().isPresent()
              ? "Controls made for " + name + "."
              : name + ", which is not supported yet.";
      case CONTROL -> "Base models of " + name + ".";
      case UNET, INCOMPLETE_BASE -> "Nothing by itself. " + incomplete();
      case AUTOENCODER -> "Base models, as a separate VAE: vae(Path) or --vae.";
      case TEXT_ENCODER ->
          "Base models, as a separate text encoder: textEncoder(Path) or --text-encoder.";
      case LORA ->
          "%s, as a LoRA: lora(Lora) of the pipeline's builder or of a request, or --lora."
              .formatted(family == Families.UNKNOWN ? "Base models" : "Base models of " + name);
      case UNKNOWN -> "Nothing that is known here.";
    };
  }

  /** What a base has, what it lacks and how to give that. */
  private String incomplete() {
    Set<Role> missing = EnumSet.of(Role.TEXT_ENCODER, Role.UNET, Role.AUTOENCODER);
    missing.removeAll(files.parts());
    String has = "It has " + Descriptions.contents(files);
    if (missing.contains(Role.UNET)) {
      return has + "; a base model needs a U-Net.";
    }
    return "%s; give %s."
        .formatted(has, String.join(", and ", missing.stream().map(Role::option).toList()));
  }

  private List<ModelReport.Tensor> tensors() {
    List<ModelReport.Tensor> tensors = new ArrayList<>();
    for (TensorFile file : files.files()) {
      file.tensors()
          .forEach(
              (name, info) ->
                  tensors.add(
                      new ModelReport.Tensor(
                          name,
                          dtype(info, Optional.ofNullable(file.narrow().get(name))),
                          info.shape())));
      file.foreign()
          .forEach((name, type) -> tensors.add(new ModelReport.Tensor(name, type, List.of())));
    }
    return tensors;
  }
}
