package io.github.controlnet.core.files;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.controlnet.core.internal.Closing;
import io.github.controlnet.exception.WeightsException;
import io.github.controlnet.internal.TextFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Finds the weights in one component's folder of a diffusers model. */
public final class FolderWeights {
  private static final List<String> STEMS =
      List.of("diffusion_pytorch_model", "model", "pytorch_model");
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long MAX_INDEX = 64 << 20;

  private FolderWeights() {}

  /** Opens them: whole before variant, safetensors before pickles, one file before shards. */
  public static Optional<TensorFile> open(Path folder) {
    List<String> names = names(folder);
    List<String> candidates = new ArrayList<>();
    for (String extension : List.of("safetensors", "bin")) {
      for (String stem : STEMS) {
        candidates.add(stem + "." + extension);
        candidates.add(stem + "." + extension + ".index.json");
      }
    }
    for (String extension : List.of("safetensors", "bin")) {
      for (String stem : STEMS) {
        candidates.add(stem + ".fp16." + extension);
        candidates.add(stem + "." + extension + ".index.fp16.json");
        String start = stem + ".";
        String index = stem + "." + extension + ".index.";
        for (String name : names) {
          boolean shard = name.matches(".*-[0-9]{5}-of-[0-9]{5}\\..*");
          boolean variant = name.startsWith(start) && name.endsWith("." + extension);
          boolean variantIndex = name.startsWith(index) && name.endsWith(".json");
          if ((variant && !shard) || variantIndex) {
            candidates.add(name);
          }
        }
      }
    }
    for (String candidate : candidates) {
      if (names.contains(candidate)) {
        Path file = folder.resolve(candidate);
        return Optional.of(candidate.endsWith(".json") ? sharded(file) : TensorFiles.open(file));
      }
    }
    return Optional.empty();
  }

  private static List<String> names(Path folder) {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.filter(Files::isRegularFile).map(PositionalFile::nameOf).sorted().toList();
    } catch (IOException e) {
      throw PositionalFile.unreadable(folder, e);
    }
  }

  private static TensorFile sharded(Path index) {
    Map<String, String> map = weightMap(index);
    Map<String, TensorFile> shards = new LinkedHashMap<>();
    try {
      for (String shard : new TreeSet<>(map.values())) {
        shards.put(shard, TensorFiles.open(beside(index, shard)));
      }
      return ShardedFile.of(index, map, shards);
    } catch (Throwable e) {
      shards.values().forEach(shard -> Closing.closeAfter(e, shard));
      throw e;
    }
  }

  /** A file name and no path: an index must not lead out of its folder. */
  private static Path beside(Path index, String shard) {
    try {
      if (!shard.isBlank() && !shard.matches("(?s).*[/\\\\\\p{Cntrl}].*|\\.\\.?")) {
        return index.resolveSibling(shard);
      }
    } catch (InvalidPathException e) {
      throw notBeside(index, shard, e);
    }
    throw notBeside(index, shard, null);
  }

  private static WeightsException notBeside(Path index, String shard, @Nullable Exception cause) {
    return new WeightsException(
        "%s names the shard \"%s\"; expected a file beside it."
            .formatted(index, shard.replaceAll("\\p{Cntrl}", "?")),
        cause);
  }

  private static Map<String, String> weightMap(Path index) {
    try {
      if (Files.size(index) > MAX_INDEX) {
        throw new WeightsException(
            "%s has %d bytes; an index has %d at most."
                .formatted(index, Files.size(index), MAX_INDEX));
      }
      JsonNode node = JSON.readTree(TextFiles.read(index)).path("weight_map");
      Map<String, String> map = new LinkedHashMap<>();
      for (var field : node.properties()) {
        if (!field.getValue().isTextual()) {
          throw new WeightsException(
              "%s: the weight_map places \"%s\" in %s; expected the name of a file."
                  .formatted(index, field.getKey(), field.getValue()));
        }
        map.put(field.getKey(), field.getValue().textValue());
      }
      if (map.isEmpty()) {
        throw new WeightsException(
            "%s has no weight_map; expected the index of a sharded model.".formatted(index));
      }
      return map;
    } catch (JsonProcessingException e) {
      throw new WeightsException(
          "%s is not valid JSON: %s.".formatted(index, e.getOriginalMessage()), e);
    } catch (IOException e) {
      throw PositionalFile.unreadable(index, e);
    }
  }
}
