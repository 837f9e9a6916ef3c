package io.github.controlnet.core.lora;

import io.github.controlnet.core.family.Families;
import io.github.controlnet.core.family.Family;
import io.github.controlnet.core.family.TensorIndex;
import io.github.controlnet.core.files.FloatFormats;
import io.github.controlnet.core.files.TensorFile;
import io.github.controlnet.core.files.TensorFiles;
import io.github.controlnet.core.internal.Closing;
import io.github.controlnet.engine.WeightSource.DType;
import io.github.controlnet.engine.WeightSource.TensorInfo;
import io.github.controlnet.exception.WeightsException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * An open file of changes: LoRA, LoCon, LoHa, LoKr, DoRA, full differences, norms, OFT, BOFT, IA3.
 * Names, shapes and alphas are read when it is opened, the other values when a weight is computed.
 * May be used by several threads.
 */
public final class LoraFile implements AutoCloseable {
  /** Between keys and values of a text's attention, whose width tells the family. */
  private static final String CROSS_KEYS = "attn2_to_k";

  private final TensorFile file;
  private final List<LoraModule> modules = new ArrayList<>();
  private final List<String> notUnderstood = new ArrayList<>();

  private LoraFile(TensorFile file) {
    this.file = file;
    read();
  }

  /**
   * Opens a file.
   *
   * @param path safetensors or a PyTorch checkpoint
   * @return the open file; the caller closes it
   * @throws WeightsException when it cannot be read, or nothing in it changes weights
   */
  public static LoraFile open(Path path) {
    TensorFile file = TensorFiles.open(path);
    try {
      LoraFile lora = new LoraFile(file);
      if (lora.modules.isEmpty()) {
        throw new WeightsException(
            "%s is no LoRA: none of its %d tensors%s changes a weight; expected names such as lora_unet_ ... .lora_up.weight or unet. ... .lora_A.weight."
                .formatted(
                    path,
                    file.tensors().size() + file.foreign().size(),
                    file.tensors().isEmpty()
                        ? ""
                        : " (" + file.tensors().keySet().iterator().next() + ", ...)"));
      }
      return lora;
    } catch (Throwable e) {
      Closing.closeAfter(e, file);
      throw e;
    }
  }

  /**
   * Tells whether names are those of a file of changes.
   *
   * @param names all names of a file
   * @return whether some of them can be nothing else
   */
  public static boolean isLora(Set<String> names) {
    return names.stream()
        .map(Part.Key::of)
        .flatMap(Optional::stream)
        .map(Part.Key::part)
        .anyMatch(part -> part != Part.IA3 && part != Part.ALPHA && part != Part.RESCALE);
  }

  private void read() {
    Map<String, Map<Part, Factor>> groups = new LinkedHashMap<>();
    for (Map.Entry<String, TensorInfo> entry : file.tensors().entrySet()) {
      Factor factor = new Factor(file, entry.getKey(), entry.getValue());
      Part.Key key = Part.Key.of(entry.getKey()).orElse(null);
      if (key == null || !isReadable(key.part(), entry.getValue())) {
        notUnderstood.add(entry.getKey());
        continue;
      }
      Factor before =
          groups
              .computeIfAbsent(key.module(), module -> new EnumMap<>(Part.class))
              .put(key.part(), factor);
      if (before != null) {
        throw new WeightsException(
            "%s has %s and %s, which are the same part of one module; expected one of them."
                .formatted(path(), before.name(), entry.getKey()));
      }
    }
    PeftSettings peft = PeftSettings.of(path(), file.metadata());
    groups.forEach(
        (module, parts) -> {
          LoraModule.Reader reader =
              new LoraModule.Reader(module, parts, rank -> peft.factor(module, rank));
          reader.read().ifPresent(modules::add);
          notUnderstood.addAll(reader.left());
        });
    notUnderstood.addAll(file.foreign().keySet());
  }

  private static boolean isReadable(Part part, TensorInfo info) {
    return switch (part) {
      case ALPHA -> info.count() == 1;
      case ON_INPUT -> info.count() == 1 && info.dtype() != DType.F64;
      default -> FloatFormats.isFloat(info.dtype()) && info.count() <= Integer.MAX_VALUE;
    };
  }

  /**
   * Returns where it is.
   *
   * @return the file
   */
  public Path path() {
    return file.path();
  }

  List<LoraModule> modules() {
    return Collections.unmodifiableList(modules);
  }

  /** The tensors whose names or shapes are those of no method, in the file's order. */
  List<String> notUnderstood() {
    return Collections.unmodifiableList(notUnderstood);
  }

  /**
   * Tells the family of the bases that it is for, by the width of the texts that it reads and the
   * text encoders that it changes.
   *
   * @return {@link Families#UNKNOWN} when nothing tells it, as with a file for the text encoder
   *     alone
   */
  public Family family() {
    Map<String, TensorInfo> tensors = new LinkedHashMap<>();
    Set<String> folders = new HashSet<>();
    for (LoraModule module : modules) {
      ModuleName name = ModuleName.of(module.name());
      if (name.isSecondText()) {
        folders.add("text_encoder_2");
      }
      if (name.spelled().contains("label_emb") || name.spelled().contains("add_embedding")) {
        tensors.put("add_embedding.weight", new TensorInfo(DType.F32, List.of(1L)));
      }
      Change change = module.changes().get("weight");
      if (name.spelled().endsWith(CROSS_KEYS) && change != null && change.columns() > 0) {
        tensors.put(
            name.spelled() + ".transformer_blocks.0.attn2.to_k.weight",
            new TensorInfo(DType.F32, List.of((long) change.rows(), (long) change.columns())));
      }
    }
    return Families.of(TensorIndex.of(tensors, folders));
  }

  /**
   * Returns what it holds, for people.
   *
   * @return methods, ranks and alphas
   */
  public LoraSummary summary() {
    return LoraSummary.of(this);
  }

  /**
   * Tells what an open file holds, for people.
   *
   * @param file the file, which stays open
   * @return methods, ranks and alphas; empty when nothing in it changes weights
   */
  public static Optional<LoraSummary> summary(TensorFile file) {
    LoraFile lora = new LoraFile(file);
    return lora.modules.isEmpty() ? Optional.empty() : Optional.of(lora.summary());
  }

  @Override
  public void close() {
    file.close();
  }
}
