package io.github.controlnet;

import io.github.controlnet.Preset.Kind;
import io.github.controlnet.Preset.Weights;
import io.github.controlnet.internal.Values;
import io.github.controlnet.model.HubReference;
import io.github.controlnet.sampler.TimestepSpacing;
import java.util.List;
import java.util.Optional;

/** The presets that are known: an image in one to eight steps. */
public final class Presets {
  private static final String SD1 = "Stable Diffusion 1.x";
  private static final String SD2 = "Stable Diffusion 2.x";
  private static final String XL = "Stable Diffusion XL";
  private static final String HYPER = "ByteDance/Hyper-SD/Hyper-%s-%s-lora.safetensors";

  private static final List<Preset> ALL =
      List.of(
          preset(
              "lcm",
              "lcm",
              4,
              0,
              lora(SD1, "latent-consistency/lcm-lora-sdv1-5/pytorch_lora_weights.safetensors"),
              lora(XL, "latent-consistency/lcm-lora-sdxl/pytorch_lora_weights.safetensors")),
          preset(
              "tcd",
              "tcd",
              4,
              0.3,
              lora(SD1, "h1t/TCD-SD15-LoRA/pytorch_lora_weights.safetensors"),
              lora(XL, "h1t/TCD-SDXL-LoRA/pytorch_lora_weights.safetensors")),
          preset(
              "hyper-1",
              "tcd",
              1,
              1,
              lora(SD1, HYPER.formatted("SD15", "1step")),
              lora(XL, HYPER.formatted("SDXL", "1step"))),
          hyperSteps(2),
          hyperSteps(4),
          hyperSteps(8),
          lightningSteps(2),
          lightningSteps(4),
          lightningSteps(8),
          trailing(
              "turbo",
              "euler",
              1,
              new Weights(SD2, Kind.BASE, HubReference.of("stabilityai/sd-turbo")),
              new Weights(XL, Kind.BASE, HubReference.of("stabilityai/sdxl-turbo"))));

  private Presets() {}

  private static Weights lora(String family, String id) {
    return new Weights(family, Kind.LORA, HubReference.of(id));
  }

  private static Preset preset(
      String name, String sampler, int steps, double eta, Weights... weights) {
    return new Preset(name, sampler, Optional.empty(), steps, 1, eta, List.of(weights));
  }

  private static Preset trailing(String name, String sampler, int steps, Weights... weights) {
    return new Preset(
        name, sampler, Optional.of(TimestepSpacing.TRAILING), steps, 1, 0, List.of(weights));
  }

  private static Preset hyperSteps(int steps) {
    String count = steps + "steps";
    return trailing(
        "hyper-" + steps,
        "ddim",
        steps,
        lora(SD1, HYPER.formatted("SD15", count)),
        lora(XL, HYPER.formatted("SDXL", count)));
  }

  private static Preset lightningSteps(int steps) {
    return trailing(
        "lightning-" + steps,
        "euler",
        steps,
        lora(
            XL,
            "ByteDance/SDXL-Lightning/sdxl_lightning_%dstep_lora.safetensors".formatted(steps)));
  }

  /**
   * LCM-LoRA (Luo et al. 2023, arXiv:2311.05556): 4 steps of LCM, of 4 to 8.
   *
   * @return the preset
   */
  public static Preset lcm() {
    return named("lcm");
  }

  /**
   * TCD-LoRA (Zheng et al. 2024, arXiv:2402.19159): 4 steps of TCD with eta 0.3.
   *
   * @return the preset
   */
  public static Preset tcd() {
    return named("tcd");
  }

  /**
   * Hyper-SD (Ren et al. 2024, arXiv:2404.13686): DDIM over trailing timesteps; for 1 step its
   * unified LoRA, TCD with eta 1.
   *
   * @param steps 1, 2, 4 or 8; for each there is a file
   * @return the preset
   * @throws IllegalArgumentException for another number
   */
  public static Preset hyper(int steps) {
    return named("hyper-" + steps);
  }

  /**
   * SDXL-Lightning (Lin et al. 2024, arXiv:2402.13929): Euler over trailing timesteps.
   *
   * @param steps 2, 4 or 8; for each there is a file
   * @return the preset
   * @throws IllegalArgumentException for another number
   */
  public static Preset lightning(int steps) {
    return named("lightning-" + steps);
  }

  /**
   * SD-Turbo and SDXL-Turbo (Sauer et al. 2023, arXiv:2311.17042), bases whose licence is not for
   * every company: 1 step of Euler, of 1 to 4, over trailing timesteps.
   *
   * @return the preset
   */
  public static Preset turbo() {
    return named("turbo");
  }

  /**
   * Finds a preset.
   *
   * @param name such as {@code hyper-4}
   * @return the preset
   * @throws IllegalArgumentException when there is none, with the names of those there are
   */
  public static Preset named(String name) {
    Values.nonNull(name, "the preset's name");
    return ALL.stream()
        .filter(preset -> preset.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "There is no preset \"%s\"; expected one of %s."
                        .formatted(name, String.join(", ", names()))));
  }

  /**
   * Lists the presets.
   *
   * @return those of more steps of one kind behind those of fewer
   */
  public static List<Preset> all() {
    return ALL;
  }

  /**
   * Lists the names.
   *
   * @return in the order of {@link #all()}
   */
  public static List<String> names() {
    return ALL.stream().map(Preset::name).toList();
  }
}
