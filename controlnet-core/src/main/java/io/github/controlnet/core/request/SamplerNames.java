package io.github.controlnet.core.request;

import io.github.controlnet.Samplers;
import io.github.controlnet.sampler.Sampler;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

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

  /** ComfyUI's names of samplers end so where a graphics card draws their noise. */
  private static final String COMFY_GPU = "_gpu";

  private static final Map<String, String> SPACINGS = new LinkedHashMap<>();

  /** The spacings that the web UI's "Automatic" stands for, by our methods. */
  private static final Map<String, String> AUTOMATIC =
      Map.of(
          "dpm2", "_karras",
          "dpm2_ancestral", "_karras",
          "dpmpp_2m", "_karras",
          "dpmpp_2s_ancestral", "_karras",
          "dpmpp_sde", "_karras",
          "dpmpp_2m_sde", "_exponential",
          "dpmpp_3m_sde", "_exponential");

  /** What the web UI calls the spacing of a method's own timesteps. */
  public static final String UNIFORM = "Uniform";

  private static final String AUTOMATIC_NAME = "Automatic";

  /** Schedules that are the spacing which every method has here by itself. */
  private static final Set<String> PLAIN = Set.of("", "uniform", "normal");

  /** The web UI's further schedules, which older names of samplers may end with. */
  private static final List<String> SCHEDULES =
      List.of(
          AUTOMATIC_NAME,
          "SGM Uniform",
          UNIFORM,
          "Normal",
          "Simple",
          "Polyexponential",
          "KL Optimal",
          "Align Your Steps",
          "Turbo");

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
   * @param schedule the schedule's name; empty for what the sampler's name says, {@code Automatic}
   *     for the web UI's choice: Karras for DPM++ 2M and DPM2, exponential for the solvers of
   *     stochastic equations
   * @param available the samplers that there are
   * @return the name in this library; empty when there is no such sampler
   */
  public static Optional<String> find(String name, String schedule, Iterable<String> available) {
    return findScheduled(name, schedule, available).map(Found::name);
  }

  /**
   * A sampler that was found.
   *
   * @param name the name in this library
   * @param schedule what of the asked schedule it does not follow; empty for nothing
   */
  public record Found(String name, String schedule) {}

  /**
   * Finds a sampler, and tells when there is none with the schedule.
   *
   * @param name as for {@link #find}
   * @param schedule as for {@link #find}
   * @param available the samplers that there are
   * @return the sampler; empty when there is none of this name
   */
  public static Optional<Found> findScheduled(
      String name, String schedule, Iterable<String> available) {
    String method = name.strip();
    Optional<String> found = find(method, available);
    String wanted = schedule.strip();
    if (found.isEmpty()) {
      // The name's own schedule goes before the other.
      for (String each : suffixes()) {
        String ending = " " + each;
        int rest = method.length() - ending.length();
        if (rest > 0 && method.regionMatches(true, rest, ending, 0, ending.length())) {
          found = find(method.substring(0, rest).strip(), available);
          wanted = each;
          break;
        }
      }
    }
    if (found.isEmpty()) {
      return Optional.empty();
    }
    String plain = found.get();
    boolean spaced = SPACINGS.keySet().stream().anyMatch(plain::endsWith);
    String suffix = "_" + wanted.toLowerCase(Locale.ROOT);
    if (wanted.equalsIgnoreCase(AUTOMATIC_NAME)) {
      // A name of this library, which is in small letters, says all by itself.
      suffix = plain.equals(method) ? "" : AUTOMATIC.getOrDefault(plain, "");
    } else if (PLAIN.contains(wanted.toLowerCase(Locale.ROOT))) {
      suffix = "";
    }
    if (suffix.isEmpty() || plain.endsWith(suffix)) {
      return Optional.of(new Found(plain, ""));
    }
    Optional<String> whole = spaced ? Optional.empty() : find(plain + suffix, available);
    return Optional.of(new Found(whole.orElse(plain), whole.isPresent() ? "" : wanted));
  }

  private static List<String> suffixes() {
    List<String> all = new ArrayList<>(SPACINGS.values());
    all.addAll(SCHEDULES);
    return all;
  }

  /**
   * Tells whether the web UI's "Automatic" would be another spacing than a sampler has.
   *
   * @param name the name in this library
   * @return whether it would
   */
  public static boolean needsUniform(String name) {
    return AUTOMATIC.containsKey(name);
  }

  /**
   * Finds a sampler by any of the names that it has: this library's, the web UI's, ComfyUI's.
   *
   * @param name such as {@code dpmpp_2m_karras} or {@code DPM++ 2M Karras}
   * @return the sampler
   * @throws io.github.controlnet.exception.ProviderNotFoundException when there is none, with the
   *     names of those there are
   */
  public static Sampler sampler(String name) {
    List<String> available = Samplers.names();
    String own = name.strip().toLowerCase(Locale.ROOT);
    return Samplers.named(
        available.contains(name)
            ? name
            : find(name.strip(), available)
                .or(() -> find(COMFY.getOrDefault(own, own), available))
                .orElse(name));
  }

  private static Optional<String> find(String name, Iterable<String> available) {
    for (String each : available) {
      if (each.equalsIgnoreCase(name) || webUi(each).equalsIgnoreCase(name)) {
        return Optional.of(each);
      }
    }
    return Optional.empty();
  }

  /**
   * Finds a sampler by ComfyUI's names.
   *
   * @param sampler the method
   * @param scheduler the schedule
   * @param available the samplers that there are
   * @return the sampler; empty when there is none of this name
   */
  public static Optional<Found> findComfy(
      String sampler, String scheduler, Iterable<String> available) {
    String method = COMFY.getOrDefault(sampler, sampler);
    String own =
        method.endsWith(COMFY_GPU)
            ? method.substring(0, method.length() - COMFY_GPU.length())
            : method;
    return find(own, available).flatMap(name -> findScheduled(name, scheduler, available));
  }
}
