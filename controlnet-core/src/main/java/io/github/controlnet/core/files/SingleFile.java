package io.github.controlnet.core.files;

import io.github.controlnet.engine.WeightSource.DType;
import io.github.controlnet.engine.WeightSource.TensorInfo;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** A weights file that is one file on disk, whatever its format. Owns it. */
abstract class SingleFile implements TensorFile {
  private final PositionalFile file;
  private final String format;
  private final Map<String, TensorInfo> tensors;
  private final Map<String, Float8> narrow;
  private final Map<String, String> foreign;

  /**
   * @param format what it is, for people
   * @param tensors what can be read, in the file's order; floats of eight bits as U8
   * @param narrow which of them are such floats
   * @param foreign tensors of number types that cannot be used
   */
  SingleFile(
      PositionalFile file,
      String format,
      Map<String, TensorInfo> tensors,
      Map<String, Float8> narrow,
      Map<String, String> foreign) {
    this.file = file;
    this.format = format;
    Map<String, TensorInfo> given = new LinkedHashMap<>(tensors);
    narrow.keySet().forEach(name -> given.computeIfPresent(name, (key, info) -> widened(info)));
    this.tensors = Collections.unmodifiableMap(given);
    this.narrow = Collections.unmodifiableMap(new LinkedHashMap<>(narrow));
    this.foreign = Collections.unmodifiableMap(new LinkedHashMap<>(foreign));
  }

  private static TensorInfo widened(TensorInfo info) {
    return new TensorInfo(DType.F16, info.shape());
  }

  /**
   * Reads a part of a tensor as it is stored.
   *
   * @param name a tensor that is there
   * @param byteOffset where to start, within the tensor
   * @param destination not empty, and within the tensor
   */
  abstract void readStored(String name, long byteOffset, ByteBuffer destination);

  @Override
  public final void read(String name, long byteOffset, ByteBuffer destination) {
    Reading.requireRange(this, name, byteOffset, destination);
    if (!destination.hasRemaining()) {
      return;
    }
    Float8 type = narrow.get(name);
    if (type == null) {
      readStored(name, byteOffset, destination);
    } else {
      type.widen((offset, codes) -> readStored(name, offset, codes), byteOffset, destination);
    }
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
  public final Map<String, Float8> narrow() {
    return narrow;
  }

  @Override
  public final Set<FileIdentity> identities() {
    return Set.of(file.identity());
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
