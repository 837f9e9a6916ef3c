package io.github.controlnet.core.files;

import io.github.controlnet.engine.WeightSource;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;

/** An open weights file (or several that are shards of one), with the names that it uses. */
public interface TensorFile extends WeightSource, AutoCloseable {

  /** Where it is. */
  Path path();

  /** What it is, for people: {@code safetensors}, {@code PyTorch zip}. */
  String format();

  /** Tensors of number types that cannot be used here: name to the type's name in the file. */
  Map<String, String> foreign();

  /** Tensors that are stored in eight bits and given out as F16. */
  Map<String, Float8> narrow();

  /** What a header tells besides the tensors, as safetensors have it; empty elsewhere. */
  default Map<String, String> metadata() {
    return Map.of();
  }

  /** The files on disk that make it up, as they were when they were opened. */
  Set<FileIdentity> identities();

  /** Files on disk that make it up, with their sizes. */
  Map<Path, Long> sizes();

  @Override
  void close();
}
