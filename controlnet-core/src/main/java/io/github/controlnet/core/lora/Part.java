package io.github.controlnet.core.lora;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a tensor is to the module that it changes, told by how its name ends. The words are those of
 * kohya's scripts and LyCORIS, of diffusers up to 0.21, and of PEFT, which puts the name of an
 * adapter between.
 */
enum Part {
  UP("(?:\\.lora_up|[._]lora\\.up|\\.lora_linear_layer\\.up|\\.lora_B(?:\\.\\w+)?)\\.weight"),
  DOWN(
      "(?:\\.lora_down|[._]lora\\.down|\\.lora_linear_layer\\.down|\\.lora_A(?:\\.\\w+)?)\\.weight"),
  MID("\\.lora_mid\\.weight"),
  UP_BIAS("\\.lora_B(?:\\.\\w+)?\\.bias"),
  ALPHA("(?:[._]lora|\\.lora_linear_layer)?\\.alpha"),
  DORA_SCALE("\\.dora_scale"),
  MAGNITUDE("\\.lora_magnitude_vector(?:\\.\\w+){0,2}"),
  HADA_W1_A("\\.hada_w1_a"),
  HADA_W1_B("\\.hada_w1_b"),
  HADA_W2_A("\\.hada_w2_a"),
  HADA_W2_B("\\.hada_w2_b"),
  HADA_T1("\\.hada_t1"),
  HADA_T2("\\.hada_t2"),
  LOKR_W1("\\.lokr_w1"),
  LOKR_W1_A("\\.lokr_w1_a"),
  LOKR_W1_B("\\.lokr_w1_b"),
  LOKR_W2("\\.lokr_w2"),
  LOKR_W2_A("\\.lokr_w2_a"),
  LOKR_W2_B("\\.lokr_w2_b"),
  LOKR_T2("\\.lokr_t2"),
  DIFF("\\.diff"),
  DIFF_B("\\.diff_b"),
  W_NORM("\\.w_norm"),
  B_NORM("\\.b_norm"),
  OFT_BLOCKS("\\.oft_blocks"),
  RESCALE("\\.rescale"),
  /** The factors of IA3, whose {@link #ON_INPUT} tells them from other weights. */
  IA3("\\.weight"),
  ON_INPUT("\\.on_input");

  private final Pattern name;

  Part(String suffix) {
    this.name = Pattern.compile("(.+?)" + suffix);
  }

  /** The module that a tensor's name begins with, when it ends as this part's do. */
  private Optional<String> module(String tensor) {
    Matcher matcher = name.matcher(tensor);
    return matcher.matches() ? Optional.of(matcher.group(1)) : Optional.empty();
  }

  /** A tensor's module and part. */
  record Key(String module, Part part) {
    /** Tells what a name means; empty when it ends like none of the parts. */
    static Optional<Key> of(String tensor) {
      for (Part part : values()) {
        Optional<String> module = part.module(tensor);
        if (module.isPresent()) {
          return Optional.of(new Key(module.get(), part));
        }
      }
      return Optional.empty();
    }
  }
}
