package io.github.controlnet.core.family;

import io.github.controlnet.engine.WeightSource.TensorInfo;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What a model's files hold, as far as its family can be told by it. Immutable. */
public final class TensorIndex {
  private final Map<String, TensorInfo> tensors;
  private final Set<String> folders;

  private TensorIndex(Map<String, TensorInfo> tensors, Set<String> folders) {
    this.tensors = tensors;
    this.folders = folders;
  }

  /**
   * Indexes tensors.
   *
   * @param tensors names in the files, or canonical ones, and shapes, in the files' order
   * @param folders the subfolders of a diffusers folder; empty for a file
   * @return the index
   */
  public static TensorIndex of(Map<String, TensorInfo> tensors, Set<String> folders) {
    return new TensorIndex(new LinkedHashMap<>(tensors), Set.copyOf(folders));
  }

  /**
   * Tells whether any name begins so.
   *
   * @param prefix the beginning
   * @return whether there is one
   */
  public boolean hasPrefix(String prefix) {
    return tensors.keySet().stream().anyMatch(name -> name.startsWith(prefix));
  }

  /**
   * Tells whether any tensor is in a module of a name, however deep.
   *
   * @param module what stands between two dots, or before the first
   * @return whether there is one
   */
  public boolean hasModule(String module) {
    return tensors.keySet().stream()
        .anyMatch(name -> Arrays.asList(name.split("\\.")).contains(module));
  }

  /**
   * Tells whether a diffusers folder has a subfolder.
   *
   * @param name its name
   * @return whether it is there
   */
  public boolean hasFolder(String name) {
    return folders.contains(name);
  }

  /**
   * Finds a shape.
   *
   * @param suffix how the tensor's name ends
   * @param sides how many sides its shape has
   * @return the shape of the first such tensor
   */
  public Optional<List<Long>> shape(String suffix, int sides) {
    return tensors.entrySet().stream()
        .filter(tensor -> tensor.getKey().endsWith(suffix))
        .map(tensor -> tensor.getValue().shape())
        .filter(shape -> shape.size() == sides)
        .findFirst();
  }
}
