package io.github.controlnet.core.weights;

import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** A weights file that is one file on disk, whatever its format. Owns it. */
abstract class SingleFile implements TensorFile {
  private final PositionalFile file;
  private final String format;
  private final Map<String, TensorInfo> tensors;
  private final Map<String, String> foreign;

  /**
   * @param format what it is, for people
   * @param tensors what can be read, in the file's order
   * @param foreign tensors of number types that cannot be used
   */
  SingleFile(
      PositionalFile file,
      String format,
      Map<String, TensorInfo> tensors,
      Map<String, String> foreign) {
    this.file = file;
    this.format = format;
    this.tensors = Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
    this.foreign = Collections.unmodifiableMap(new LinkedHashMap<>(foreign));
  }

  /** The open file. */
  final PositionalFile file() {
    return file;
  }

  @Override
  public final Path path() {
    return file.path();
  }

  @Override
  public final String format() {
    return format;
  }

  @Override
  public final Map<String, TensorInfo> tensors() {
    return tensors;
  }

  @Override
  public final Map<String, String> foreign() {
    return foreign;
  }

  @Override
  public final Map<Path, Long> sizes() {
    return Map.of(file.path(), file.size());
  }

  @Override
  public final void close() {
    file.close();
  }
}
