package io.github.controlnet.core.family;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The names of a tiny autoencoder. The original's files hold one half each, as a row of numbered
 * layers without a prefix; diffusers' hold both, {@code decoder.layers.} and {@code
 * encoder.layers.}, and do not count the decoder's first layer, which has no weights.
 */
enum TinyAutoencoderNames implements NameTable {
  /** The only one. */
  NAMES;

  private static final String DECODER = "decoder.layers.";
  private static final String ENCODER = "encoder.layers.";

  /** A convolution or a block of the original. */
  private static final Pattern LAYER =
      Pattern.compile("(\\d{1,4})((?:\\.conv\\.\\d)?\\.(?:weight|bias))");

  /** The last convolution of a block, which has no other meaning elsewhere. */
  private static final Pattern BLOCK = Pattern.compile("\\d{1,4}\\.conv\\.4\\.weight");

  @Override
  public boolean recognises(Collection<String> names) {
    return hasLayers(names, DECODER) || hasLayers(names, ENCODER) || isOriginal(names);
  }

  private static boolean hasLayers(Collection<String> names, String half) {
    return names.stream()
        .anyMatch(
            name ->
                name.startsWith(half) && BLOCK.matcher(name.substring(half.length())).matches());
  }

  private static boolean isOriginal(Collection<String> names) {
    return names.stream().allMatch(name -> LAYER.matcher(name).matches())
        && names.stream().anyMatch(name -> BLOCK.matcher(name).matches());
  }

  @Override
  public Map<String, String> canonical(Collection<String> names) {
    // layer 0 of the decoder is the clamp
    boolean decoder = !names.contains("0.weight");
    Map<String, String> canonical = new LinkedHashMap<>();
    for (String name : names) {
      Matcher layer = LAYER.matcher(name);
      if (layer.matches()) {
        int number = Integer.parseInt(layer.group(1));
        canonical.put(name, (decoder ? DECODER + (number - 1) : ENCODER + number) + layer.group(2));
      } else {
        canonical.put(name, name);
      }
    }
    return canonical;
  }

  /** The original has a file for each half, diffusers' names are those of one. */
  @Override
  public Map<String, String> original(Collection<String> names) {
    Map<String, String> same = new LinkedHashMap<>();
    names.forEach(name -> same.put(name, name));
    return same;
  }
}
