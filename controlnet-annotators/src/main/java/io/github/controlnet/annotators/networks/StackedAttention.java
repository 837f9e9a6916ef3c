package io.github.controlnet.annotators.networks;

import io.github.controlnet.core.nn.Derivation;
import io.github.controlnet.core.nn.Derivation.Part;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/**
 * The linear layers of queries, keys and values. Some files have their weights in one, others one
 * by one.
 */
final class StackedAttention {
  private static final List<String> STACKED = List.of(".query", ".key", ".value");
  private static final List<String> SPLIT = List.of(".q_proj", ".k_proj", ".v_proj");

  private StackedAttention() {}

  /** Makes {@code name.qkv} where the file has {@code name.query} and so on. */
  static void stack(PictureGraph layers, StoredShapes stored, String name, int width) {
    if (stored.has(name + ".query.weight")) {
      long side = width;
      long all = STACKED.size() * side;
      layers.derive(name + ".qkv.weight", stacked(name, ".weight", side, side), all, side);
      layers.derive(name + ".qkv.bias", stacked(name, ".bias", side), all);
    }
  }

  private static Derivation stacked(String name, String kind, Long... shape) {
    List<Part> parts = STACKED.stream().map(layer -> Part.of(name + layer + kind, shape)).toList();
    return new Derivation(parts, StackedAttention::joined);
  }

  private static float[] joined(List<float[]> parts) {
    int length = parts.get(0).length;
    float[] whole = new float[parts.size() * length];
    for (int i = 0; i < parts.size(); i++) {
      System.arraycopy(parts.get(i), 0, whole, i * length, length);
    }
    return whole;
  }

  /** Makes {@code name.q_proj} and so on where the file has {@code name.in_proj_weight}. */
  static void split(PictureGraph layers, StoredShapes stored, String name, int width) {
    if (stored.has(name + ".q_proj.weight")) {
      return;
    }
    long side = width;
    for (int i = 0; i < SPLIT.size(); i++) {
      Part kernel = Part.of(name + ".in_proj_weight", SPLIT.size() * side, side);
      Part bias = Part.of(name + ".in_proj_bias", SPLIT.size() * side);
      String layer = name + SPLIT.get(i);
      layers.derive(layer + ".weight", new Derivation(List.of(kernel), third(i)), side, side);
      layers.derive(layer + ".bias", new Derivation(List.of(bias), third(i)), side);
    }
  }

  private static Function<List<float[]>, float[]> third(int number) {
    return parts -> {
      int length = parts.get(0).length / SPLIT.size();
      return Arrays.copyOfRange(parts.get(0), number * length, (number + 1) * length);
    };
  }
}
