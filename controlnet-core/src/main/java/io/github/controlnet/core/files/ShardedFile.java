package io.github.controlnet.core.files;

import io.github.controlnet.core.internal.Closing;
import io.github.controlnet.exception.WeightsException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Several files that are one by an index. */
final class ShardedFile implements TensorFile {
  private final Path index;
  private final List<TensorFile> shards;
  private final Map<String, TensorFile> owners;
  private final Map<String, TensorInfo> tensors;

  private ShardedFile(
      Path index,
      List<TensorFile> shards,
      Map<String, TensorFile> owners,
      Map<String, TensorInfo> tensors) {
    this.index = index;
    this.shards = shards;
    this.owners = owners;
    this.tensors = tensors;
  }

  static ShardedFile of(Path index, Map<String, String> map, Map<String, TensorFile> shards) {
    Map<String, TensorFile> owners = new LinkedHashMap<>();
    Map<String, TensorInfo> tensors = new LinkedHashMap<>();
    map.forEach(
        (name, shard) -> {
          TensorFile file = shards.get(shard);
          TensorInfo info = file == null ? null : file.tensors().get(name);
          if (file == null || info == null) {
            if (file == null || !file.foreign().containsKey(name)) {
              throw new WeightsException(
                  "%s places \"%s\" in %s, where it is not. Download all shards again."
                      .formatted(index, name, shard));
            }
          } else {
            owners.put(name, file);
            tensors.put(name, info);
          }
        });
    return new ShardedFile(
        index, List.copyOf(shards.values()), owners, Collections.unmodifiableMap(tensors));
  }

  @Override
  public Path path() {
    return index;
  }

  @Override
  public String format() {
    return shards.get(0).format() + " in " + shards.size() + " shards";
  }

  @Override
  public Map<String, String> foreign() {
    Map<String, String> all = new LinkedHashMap<>();
    shards.forEach(shard -> all.putAll(shard.foreign()));
    return all;
  }

  @Override
  public Map<String, Float8> narrow() {
    Map<String, Float8> all = new LinkedHashMap<>();
    shards.forEach(shard -> all.putAll(shard.narrow()));
    return all;
  }

  @Override
  public Set<FileIdentity> identities() {
    Set<FileIdentity> all = new HashSet<>();
    shards.forEach(shard -> all.addAll(shard.identities()));
    return all;
  }

  @Override
  public Map<Path, Long> sizes() {
    Map<Path, Long> all = new LinkedHashMap<>();
    shards.forEach(shard -> all.putAll(shard.sizes()));
    return all;
  }

  @Override
  public Map<String, TensorInfo> tensors() {
    return tensors;
  }

  @Override
  public void read(String name, long byteOffset, ByteBuffer destination) {
    TensorFile file = owners.get(name);
    if (file == null) {
      throw Reading.unknown(index, name);
    }
    file.read(name, byteOffset, destination);
  }

  @Override
  public void close() {
    try (Closing all = new Closing()) {
      shards.forEach(all::add);
    }
  }
}
