package io.github.controlnet.core.tensors;

import io.github.controlnet.engine.WeightSource;
import io.github.controlnet.exception.WeightsException;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** Several sources of weights as one: each tensor's name begins with the scope of its source. */
public final class ScopedWeights implements WeightSource {
  private final Map<String, WeightSource> scopes;
  private final Map<String, TensorInfo> tensors;

  private ScopedWeights(Map<String, WeightSource> scopes) {
    this.scopes = scopes;
    Map<String, TensorInfo> all = new LinkedHashMap<>();
    scopes.forEach(
        (scope, source) -> source.tensors().forEach((name, info) -> all.put(scope + name, info)));
    this.tensors = Collections.unmodifiableMap(all);
  }

  /**
   * Puts sources together.
   *
   * @param scopes what stands before the names of each source, for example {@code unet.}; where two
   *     give the same name, the later one counts
   * @return one source over all of them
   */
  public static ScopedWeights of(Map<String, WeightSource> scopes) {
    return new ScopedWeights(new LinkedHashMap<>(scopes));
  }

  @Override
  public Map<String, TensorInfo> tensors() {
    return tensors;
  }

  @Override
  public void read(String name, long byteOffset, ByteBuffer destination) {
    WeightSource found = null;
    String inner = name;
    for (Map.Entry<String, WeightSource> scope : scopes.entrySet()) {
      if (name.startsWith(scope.getKey())) {
        String rest = name.substring(scope.getKey().length());
        if (scope.getValue().tensors().containsKey(rest)) {
          found = scope.getValue();
          inner = rest;
        }
      }
    }
    if (found == null) {
      throw new WeightsException("There is no tensor \"%s\" in these weights.".formatted(name));
    }
    found.read(inner, byteOffset, destination);
  }

  /**
   * Gives out one scope of a source.
   *
   * @param source a source with scopes
   * @param scope what stands before the names, for example {@code control.}
   * @return the tensors of that scope, without it in their names
   */
  public static WeightSource inside(WeightSource source, String scope) {
    Map<String, TensorInfo> found = new LinkedHashMap<>();
    source
        .tensors()
        .forEach(
            (name, info) -> {
              if (name.startsWith(scope)) {
                found.put(name.substring(scope.length()), info);
              }
            });
    Map<String, TensorInfo> all = Collections.unmodifiableMap(found);
    return new WeightSource() {
      @Override
      public Map<String, TensorInfo> tensors() {
        return all;
      }

      @Override
      public void read(String name, long byteOffset, ByteBuffer destination) {
        source.read(scope + name, byteOffset, destination);
      }
    };
  }
}
