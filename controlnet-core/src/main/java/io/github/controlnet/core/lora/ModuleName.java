package io.github.controlnet.core.lora;

import io.github.controlnet.core.family.Role;
import java.util.List;
import java.util.Optional;

/**
 * A module's name in a file of changes, in the one spelling in which all layouts agree: kohya's,
 * with {@code _} for every dot.
 *
 * @param component whose it is; empty where the name does not tell
 * @param second whether it is of a base's second text encoder
 * @param spelled the name inside the component
 */
record ModuleName(Optional<Role> component, boolean second, String spelled) {

  /** How names begin. */
  private record Prefix(String text, Optional<Role> component, boolean second) {}

  private static final List<Prefix> PREFIXES =
      List.of(
          unet("lora_unet_"),
          unet("unet_"),
          unet("diffusion_model_"),
          unet("model_diffusion_model_"),
          text("lora_te1_", false),
          text("lora_te2_", true),
          text("lora_te_", false),
          text("text_encoder_2_", true),
          text("text_encoder_", false),
          text("cond_stage_model_transformer_", false),
          new Prefix("lycoris_", Optional.empty(), false));

  private static Prefix unet(String text) {
    return new Prefix(text, Optional.of(Role.UNET), false);
  }

  private static Prefix text(String text, boolean second) {
    return new Prefix(text, Optional.of(Role.TEXT_ENCODER), second);
  }

  /** Reads a name. */
  static ModuleName of(String module) {
    String flat = flat(module);
    if (flat.startsWith("base_model_model_")) {
      flat = flat.substring("base_model_model_".length());
    }
    // diffusers' attention processors held the layers once
    flat = flat.replace("_processor_", "_");
    for (Prefix prefix : PREFIXES) {
      if (flat.startsWith(prefix.text())) {
        return new ModuleName(
            prefix.component(), prefix.second(), flat.substring(prefix.text().length()));
      }
    }
    return new ModuleName(Optional.empty(), false, flat);
  }

  boolean isSecondText() {
    return second;
  }

  static String flat(String name) {
    return name.replace('.', '_');
  }
}
