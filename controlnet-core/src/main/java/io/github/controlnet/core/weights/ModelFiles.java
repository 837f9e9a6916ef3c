package io.github.controlnet.core.weights;

import io.github.controlnet.WeightsException;
import io.github.controlnet.core.internal.Closing;
import io.github.controlnet.core.weights.MappedWeights.Stored;
import io.github.controlnet.spi.engine.WeightSource.TensorInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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
  private final Map<Part, Map<String, Stored>> parts = new EnumMap<>(Part.class);
  private final Map<Part, TensorFile> origins = new EnumMap<>(Part.class);
  private final Map<String, Map<String, TensorInfo>> rest = new LinkedHashMap<>();
  private boolean secondTextEncoder;

  private ModelFiles(Path path, ConfigFiles config) {
    this.path = path;
    this.config = config;
  }

  /**
   * Opens a file or folder.
   *
   * @param wanted the components to open; other subfolders are left alone
   */
  static ModelFiles open(Path path, Optional<Path> config, Set<Part> wanted) {
    boolean folder = Files.isDirectory(path);
    ConfigFiles given = config.map(ConfigFiles::read).orElse(ConfigFiles.NONE);
    ConfigFiles found = folder ? ConfigFiles.folder(path) : ConfigFiles.beside(path);
    ModelFiles model = new ModelFiles(path, given.or(found));
    try {
      if (folder) {
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

  private void addFolder(Set<Part> wanted) {
    Map<Part, String> subfolders = new EnumMap<>(Part.class);
    subfolders.put(Part.TEXT_ENCODER, "text_encoder");
    subfolders.put(Part.UNET, "unet");
    subfolders.put(Part.AUTOENCODER, "vae");
    subfolders.put(Part.CONTROL, "controlnet");
    secondTextEncoder = Files.isDirectory(path.resolve("text_encoder_2"));
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
    try (Stream<Path> entries = Files.list(folder)) {
      List<String> names = entries.map(ConfigFiles::fileName).sorted().toList();
      return names.isEmpty() ? "no files" : Shapes.some(names);
    } catch (IOException e) {
      throw PositionalFile.unreadable(folder, e);
    }
  }

  private void add(TensorFile file, @Nullable Part expected) {
    files.add(file);
    PartSplit split = PartSplit.of(file);
    for (var part : split.parts().entrySet()) {
      if (expected == null || part.getKey() == expected) {
        parts.put(part.getKey(), part.getValue());
        origins.put(part.getKey(), file);
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

  boolean has(Part part) {
    return parts.containsKey(part);
  }

  Set<Part> parts() {
    return parts.keySet();
  }

  /** A component that must be there. */
  MappedWeights weights(Part part) {
    Map<String, Stored> stored = parts.get(part);
    if (stored == null) {
      throw new WeightsException("%s holds no %s.".formatted(path, part.displayName()));
    }
    return new MappedWeights(stored);
  }

  /** The component and its file, to begin a sentence with. */
  String what(Part part) {
    TensorFile file = origins.get(part);
    return "The %s of %s".formatted(part.displayName(), file == null ? path : file.path());
  }

  /** What belongs to no component, by a label for people. */
  Map<String, Map<String, TensorInfo>> rest() {
    return rest;
  }

  List<TensorFile> files() {
    return files;
  }

  /** The family that the U-Net or control is made for. */
  ModelFamily family() {
    if (secondTextEncoder || rest.containsKey(PartSplit.XL_TEXT)) {
      return ModelFamily.STABLE_DIFFUSION_XL;
    }
    for (Part part : List.of(Part.UNET, Part.CONTROL)) {
      if (has(part)) {
        ModelFamily family = UNetReader.family(weights(part));
        if (family != ModelFamily.UNKNOWN) {
          return family;
        }
      }
    }
    if (rest.containsKey(PartSplit.OPEN_CLIP)) {
      return ModelFamily.STABLE_DIFFUSION_2;
    }
    return ModelFamily.UNKNOWN;
  }

  @Override
  public void close() {
    try (Closing all = new Closing()) {
      files.forEach(all::add);
    }
  }
}
