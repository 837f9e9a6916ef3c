package io.github.controlnet.core.weights;

import io.github.controlnet.core.family.Families;
import io.github.controlnet.core.family.Family;
import io.github.controlnet.core.family.Role;
import io.github.controlnet.core.family.TensorIndex;
import io.github.controlnet.core.files.FolderWeights;
import io.github.controlnet.core.files.PositionalFile;
import io.github.controlnet.core.files.Quantization;
import io.github.controlnet.core.files.TensorFile;
import io.github.controlnet.core.files.TensorFiles;
import io.github.controlnet.core.internal.Closing;
import io.github.controlnet.core.tensors.MappedWeights;
import io.github.controlnet.core.tensors.MappedWeights.Stored;
import io.github.controlnet.core.tensors.Shapes;
import io.github.controlnet.engine.WeightSource.TensorInfo;
import io.github.controlnet.exception.WeightsException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The open files of a model, whatever their layout, sorted into components under canonical names,
 * with their configurations. Owns the files.
 */
final class ModelFiles implements AutoCloseable {
  private final Path path;
  private final ConfigFiles config;
  private final List<TensorFile> files = new ArrayList<>();
  private final Map<Role, Map<String, Stored>> parts = new EnumMap<>(Role.class);
  private final Map<Role, TensorFile> origins = new EnumMap<>(Role.class);
  private final Map<String, Map<String, TensorInfo>> rest = new LinkedHashMap<>();
  private Set<String> folders = Set.of();

  private ModelFiles(Path path, ConfigFiles config) {
    this.path = path;
    this.config = config;
  }

  /**
   * Opens a file or folder.
   *
   * @param wanted the components to open; other subfolders are left alone
   */
  static ModelFiles open(Path path, Optional<Path> config, Set<Role> wanted) {
    return open(
        path, config.map(ConfigFiles::read).orElse(ConfigFiles.NONE).or(found(path)), wanted);
  }

  /**
   * Opens the file or folder of one component that takes the place of a base's own. What the user
   * said of that component alone goes before what lies beside it; what was said of the whole base
   * goes after.
   */
  static ModelFiles openPart(Path named, Optional<ConfigFiles> given, Role part) {
    boolean autoencoder = part == Role.AUTOENCODER;
    Path path = autoencoder ? TinyHalves.decoderIn(named).orElse(named) : named;
    ConfigFiles found = found(path);
    ConfigFiles all =
        given
            .map(files -> files.tellsAlone(part) ? files.or(found) : found.or(files))
            .orElse(found);
    ModelFiles model = open(path, all, EnumSet.of(part));
    try {
      if (autoencoder && model.isTinyDecoder()) {
        TinyHalves.encoderBeside(path).ifPresent(other -> model.add(TensorFiles.open(other), part));
      }
      return model;
    } catch (Throwable e) {
      Closing.closeAfter(e, model);
      throw e;
    }
  }

  /** Whether there is the decoder of a tiny autoencoder and no encoder. */
  private boolean isTinyDecoder() {
    Set<String> names = parts.getOrDefault(Role.AUTOENCODER, Map.of()).keySet();
    return names.contains("decoder.layers.0.weight")
        && names.stream().noneMatch(name -> name.startsWith("encoder."));
  }

  private static ConfigFiles found(Path path) {
    boolean folder = Files.isDirectory(path);
    ConfigFiles own = folder ? ConfigFiles.folder(path) : ConfigFiles.beside(path);
    Path holder = folder ? path.toAbsolutePath() : path.toAbsolutePath().getParent();
    // a U-Net inside a diffusers folder is trained with the scheduler beside it
    return holder != null && PositionalFile.nameOf(holder).equals("unet")
        ? own.or(ConfigFiles.schedulerOf(holder.resolveSibling("")))
        : own;
  }

  static ModelFiles open(Path path, ConfigFiles config, Set<Role> wanted) {
    ModelFiles model = new ModelFiles(path, config);
    try {
      if (Files.isDirectory(path)) {
        model.addFolder(wanted);
      } else {
        model.add(TensorFiles.open(path), null);
      }
      return model;
    } catch (Throwable e) {
      Closing.closeAfter(e, model);
      throw e;
    }
  }

  private void addFolder(Set<Role> wanted) {
    Map<Role, String> subfolders = new EnumMap<>(Role.class);
    subfolders.put(Role.TEXT_ENCODER, "text_encoder");
    subfolders.put(Role.UNET, "unet");
    subfolders.put(Role.AUTOENCODER, "vae");
    subfolders.put(Role.CONTROL, "controlnet");
    folders = Set.copyOf(folders(path));
    boolean any = false;
    for (var subfolder : subfolders.entrySet()) {
      Path folder = path.resolve(subfolder.getValue());
      if (Files.isDirectory(folder)) {
        any = true;
        if (wanted.contains(subfolder.getKey())) {
          Optional<TensorFile> file = FolderWeights.open(folder);
          if (file.isEmpty()) {
            throw new WeightsException(
                "%s holds no weights; expected diffusion_pytorch_model.safetensors or alike. It has %s."
                    .formatted(folder, listing(folder)));
          }
          add(file.get(), subfolder.getKey());
        }
      }
    }
    Optional<TensorFile> own = any ? Optional.empty() : FolderWeights.open(path);
    own.ifPresent(file -> add(file, null));
    if (!any && own.isEmpty()) {
      throw new WeightsException(
          ("%s is not a diffusers folder (no unet, vae, text_encoder or"
                  + " diffusion_pytorch_model.safetensors). It has %s. Give a diffusers folder"
                  + " or the weights file itself.")
              .formatted(path, listing(path)));
    }
  }

  private static String listing(Path folder) {
    List<String> names = names(folder, entry -> true);
    return names.isEmpty() ? "no files" : Shapes.some(names);
  }

  private static List<String> folders(Path folder) {
    return names(folder, Files::isDirectory);
  }

  private static List<String> names(Path folder, Predicate<Path> wanted) {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.filter(wanted).map(PositionalFile::nameOf).sorted().toList();
    } catch (IOException e) {
      throw PositionalFile.unreadable(folder, e);
    }
  }

  private void add(TensorFile file, @Nullable Role expected) {
    files.add(file);
    PartSplit split = PartSplit.of(file);
    for (var part : split.parts().entrySet()) {
      if (expected == null || part.getKey() == expected) {
        parts.computeIfAbsent(part.getKey(), key -> new LinkedHashMap<>()).putAll(part.getValue());
        origins.putIfAbsent(part.getKey(), file);
      }
    }
    split
        .rest()
        .forEach(
            (label, names) ->
                rest.computeIfAbsent(label, key -> new LinkedHashMap<>()).putAll(names));
    if (expected != null && !parts.containsKey(expected)) {
      throw new WeightsException(
          "%s holds no %s: its tensors are named %s."
              .formatted(
                  file.path(),
                  expected.displayName(),
                  Shapes.some(List.copyOf(file.tensors().keySet()))));
    }
  }

  Path path() {
    return path;
  }

  ConfigFiles config() {
    return config;
  }

  boolean has(Role part) {
    return parts.containsKey(part);
  }

  Set<Role> parts() {
    return parts.keySet();
  }

  /** A component that must be there. */
  MappedWeights weights(Role part) {
    Map<String, Stored> stored = parts.get(part);
    if (stored == null) {
      throw new WeightsException("%s holds no %s.".formatted(path, part.displayName()));
    }
    return new MappedWeights(stored);
  }

  /** The component and its file, to begin a sentence with. */
  String what(Role part) {
    TensorFile file = origins.get(part);
    return "The %s of %s".formatted(part.displayName(), file == null ? path : file.path());
  }

  /** What belongs to no component, by a label for people. */
  Map<String, Map<String, TensorInfo>> rest() {
    return rest;
  }

  /** Whether the control holds differences to a base, not weights. */
  boolean isDifference() {
    return rest.containsKey(PartSplit.DIFFERENCE);
  }

  /** Refuses files whose components have values that cannot be read as numbers. */
  void requireUsable() {
    for (TensorFile file : files) {
      unusable(file)
          .ifPresent(
              reason -> {
                throw new WeightsException(reason);
              });
    }
  }

  /** Why a file's components cannot be used; empty when nothing speaks against it. */
  static Optional<String> unusable(TensorFile file) {
    Optional<String> quantized = Quantization.of(file);
    if (quantized.isPresent()) {
      return quantized;
    }
    return file.foreign().entrySet().stream()
        .filter(tensor -> PartSplit.isOfComponent(tensor.getKey(), file.tensors().keySet()))
        .findFirst()
        .map(
            tensor ->
                "%s holds numbers of the type %s (%s), which is not supported; expected float32, float16, bfloat16, float64 or float8."
                    .formatted(file.path(), tensor.getValue(), tensor.getKey()));
  }

  List<TensorFile> files() {
    return files;
  }

  /** The family, by all that there is. */
  Family family() {
    Map<String, TensorInfo> tensors = new LinkedHashMap<>();
    for (Role role : List.of(Role.UNET, Role.CONTROL)) {
      if (has(role)) {
        tensors.putAll(stored(role));
      }
    }
    parts.keySet().forEach(role -> stored(role).forEach(tensors::putIfAbsent));
    Families.sections()
        .forEach(section -> tensors.putAll(rest.getOrDefault(section.label(), Map.of())));
    return Families.of(TensorIndex.of(tensors, folders));
  }

  /** The family that a component is made for, by what it holds alone. */
  Family family(Role role) {
    return Families.of(TensorIndex.of(stored(role), Set.of()));
  }

  /** A component's tensors under the names that they have in their files. */
  private Map<String, TensorInfo> stored(Role role) {
    Map<String, TensorInfo> tensors = new LinkedHashMap<>();
    parts
        .getOrDefault(role, Map.of())
        .values()
        .forEach(stored -> tensors.put(stored.name(), stored.info()));
    return tensors;
  }

  @Override
  public void close() {
    try (Closing all = new Closing()) {
      files.forEach(all::add);
    }
  }
}
