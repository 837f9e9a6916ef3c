package io.github.controlnet.core.provenance;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What other tools call the samplers. A name here is a method, to which a spacing of the noise
 * levels may be added: {@code dpmpp_2m} with {@code karras}.
 */
public final class SamplerNames {
  /** Names of Stable Diffusion's web UI by ours. */
  private static final Map<String, String> WEB_UI = new LinkedHashMap<>();

  /** Names of ComfyUI where they differ from ours. */
  private static final Map<String, String> COMFY =
      Map.of(
          "dpm_2",
          "dpm2",
          "dpm_2_ancestral",
          "dpm2_ancestral",
          "uni_pc_bh2",
          "unipc",
          "uni_pc",
          "unipc");

  private static final Map<String, String> SPACINGS = new LinkedHashMap<>();

  static {
    WEB_UI.put("ddim", "DDIM");
    WEB_UI.put("ddpm", "DDPM");
    WEB_UI.put("pndm", "PLMS");
    WEB_UI.put("euler", "Euler");
    WEB_UI.put("euler_ancestral", "Euler a");
    WEB_UI.put("heun", "Heun");
    WEB_UI.put("lms", "LMS");
    WEB_UI.put("dpm2", "DPM2");
    WEB_UI.put("dpm2_ancestral", "DPM2 a");
    WEB_UI.put("dpmpp_2m", "DPM++ 2M");
    WEB_UI.put("dpmpp_2m_sde", "DPM++ 2M SDE");
    WEB_UI.put("dpmpp_3m_sde", "DPM++ 3M SDE");
    WEB_UI.put("dpmpp_2s", "DPM++ 2S");
    WEB_UI.put("dpmpp_2s_ancestral", "DPM++ 2S a");
    WEB_UI.put("dpmpp_sde", "DPM++ SDE");
    WEB_UI.put("unipc", "UniPC");
    WEB_UI.put("deis", "DEIS");
    WEB_UI.put("lcm", "LCM");
    WEB_UI.put("tcd", "TCD");
    SPACINGS.put("_karras", "Karras");
    SPACINGS.put("_exponential", "Exponential");
    SPACINGS.put("_beta", "Beta");
  }

  private SamplerNames() {}

  /**
   * Lists what the web UI calls the spacings of the noise levels that a sampler's name may be
   * completed with.
   *
   * @return such as {@code Karras}
   */
  public static List<String> spacings() {
    return List.copyOf(SPACINGS.values());
  }

  /**
   * Returns what the web UI calls a sampler.
   *
   * @param name the name in this library, such as {@code dpmpp_2m_karras}
   * @return the name there, such as {@code DPM++ 2M Karras}; the same name where there is none
   */
  public static String webUi(String name) {
    for (Map.Entry<String, String> spacing : SPACINGS.entrySet()) {
      if (name.endsWith(spacing.getKey())) {
        String method = name.substring(0, name.length() - spacing.getKey().length());
        String known = WEB_UI.get(method);
        return known == null ? name : known + " " + spacing.getValue();
      }
    }
    return WEB_UI.getOrDefault(name, name);
  }

  /**
   * Finds a sampler by the name of the web UI or of this library, in any case.
   *
   * @param name such as {@code DPM++ 2M Karras}, or {@code DPM++ 2M} with the schedule {@code
   *     Karras}, as newer versions write it
   * @param schedule the schedule's name; empty or {@code Automatic} for none
   * @param available the samplers that there are
   * @return the name in this library; empty when there is no such sampler
   */
  public static Optional<String> find(String name, String schedule, Iterable<String> available) {
    String suffix =
        SPACINGS.containsKey("_" + schedule.toLowerCase(Locale.ROOT)) ? " " + schedule : "";
    Optional<String> found = find(name + suffix, available);
    return found.isPresent() ? found : find(name, available);
  }

  private static Optional<String> find(String name, Iterable<String> available) {
    for (String each : available) {
      if (each.equalsIgnoreCase(name) || webUi(each).equalsIgnoreCase(name)) {
        return Optional.of(each);
      }
    }
    return Optional.empty();
  }

  /** Finds a sampler by ComfyUI's names of the method and the schedule. */
  static Optional<String> findComfy(String sampler, String scheduler, Iterable<String> available) {
    String own = COMFY.getOrDefault(sampler, sampler);
    Optional<String> spaced = find(own + "_" + scheduler, available);
    return spaced.isPresent() ? spaced : find(own, available);
  }
}
