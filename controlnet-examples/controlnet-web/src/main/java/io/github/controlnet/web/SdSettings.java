package io.github.controlnet.web;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.controlnet.core.json.JsonFields;
import io.github.controlnet.core.json.JsonValue;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.springframework.stereotype.Component;

/**
 * The web UI's settings. This server has each as it is; clients may send the value that it has, and
 * for those that touch no picture any other. What remains is refused.
 */
@Component
final class SdSettings {
  static final String CLIP_SKIP = "CLIP_stop_at_last_layers";
  private static final int MOST_CLIP_SKIP = 12;
  private static final String MODEL = "sd_model_checkpoint";

  /** What changes pictures, with the values at which it does nothing here; the first is told. */
  private static final Map<String, List<Object>> FIXED = new TreeMap<>();

  /** What touches no picture of an answer: files, the page, memory, speed. */
  private static final Set<String> WITHOUT_EFFECT =
      Set.of(
          "samples_save",
          "samples_filename_pattern",
          "save_images_add_number",
          "grid_save",
          "grid_format",
          "grid_only_if_multiple",
          "return_grid",
          "save_txt",
          "save_init_img",
          "jpeg_quality",
          "webp_lossless",
          "do_not_show_images",
          "live_previews_enable",
          "live_previews_image_format",
          "show_progress_every_n_steps",
          "show_progress_type",
          "show_progressbar",
          "live_preview_content",
          "live_preview_refresh_period",
          "persistent_cond_cache",
          "batch_cond_uncond",
          "add_model_hash_to_info",
          "add_model_name_to_info",
          "add_version_to_infotext",
          "control_net_model_cache_size",
          "control_net_unit_count",
          "sd_checkpoint_cache",
          "sd_checkpoints_limit",
          "sd_checkpoints_keep_in_cpu",
          "forge_preset",
          "forge_inference_memory",
          "forge_async_loading",
          "forge_pin_shared_memory");

  static {
    FIXED.put("sd_vae", List.of("Automatic", "None", ""));
    FIXED.put("sd_unet", List.of("Automatic", "None", ""));
    FIXED.put("sd_hypernetwork", List.of("None", ""));
    FIXED.put("sd_lora", List.of("None", ""));
    FIXED.put("sd_checkpoint_hash", List.of(""));
    FIXED.put("samples_format", List.of("png"));
    FIXED.put("enable_pnginfo", List.of(true));
    FIXED.put("eta_noise_seed_delta", List.of(0));
    FIXED.put("eta_ddim", List.of(0));
    FIXED.put("eta_ancestral", List.of(1));
    FIXED.put("s_churn", List.of(0));
    FIXED.put("s_noise", List.of(1));
    FIXED.put("s_min_uncond", List.of(0));
    FIXED.put("skip_early_cond", List.of(0));
    FIXED.put("token_merging_ratio", List.of(0));
    FIXED.put("token_merging_ratio_img2img", List.of(0));
    FIXED.put("token_merging_ratio_hr", List.of(0));
    FIXED.put("initial_noise_multiplier", List.of(1));
    FIXED.put("img2img_extra_noise", List.of(0));
    FIXED.put("img2img_color_correction", List.of(false));
    FIXED.put("img2img_fix_steps", List.of(false));
    FIXED.put("inpainting_mask_weight", List.of(1));
    FIXED.put("return_mask", List.of(false));
    FIXED.put("return_mask_composite", List.of(false));
    FIXED.put("emphasis", List.of("Original"));
    FIXED.put("enable_emphasis", List.of(true));
    FIXED.put("use_old_emphasis_implementation", List.of(false));
    FIXED.put("use_old_karras_scheduler_sigmas", List.of(false));
    FIXED.put("use_old_scheduling", List.of(false));
    FIXED.put("always_discard_next_to_last_sigma", List.of(false));
    FIXED.put("sgm_noise_multiplier", List.of(false));
    FIXED.put("k_sched_type", List.of("Automatic", "default", ""));
    FIXED.put("sigma_min", List.of(0));
    FIXED.put("sigma_max", List.of(0));
    FIXED.put("rho", List.of(0));
    FIXED.put("sd_noise_schedule", List.of("Default"));
    FIXED.put("randn_source", List.of("CPU"));
    FIXED.put("fp8_storage", List.of("Disable"));
    FIXED.put("face_restoration", List.of(false));
    FIXED.put("tiling", List.of(false));
    FIXED.put("control_net_no_detectmap", List.of(false));
  }

  private final ServedModel model;

  SdSettings(ServedModel model) {
    this.model = model;
  }

  /** Tells the settings, so that who sends them back changes nothing. */
  Map<String, Object> all() {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put(MODEL, model.base());
    all.put(CLIP_SKIP, 1);
    FIXED.forEach((name, values) -> all.put(name, values.get(0)));
    return all;
  }

  /**
   * Reads settings, all of them, and refuses those that this server has not.
   *
   * @return the layer of the text encoder that is taken, 1 for the last
   */
  int clipSkip(JsonFields settings) {
    checkpoint(settings.get(MODEL));
    FIXED.forEach((name, values) -> check(settings.get(name), values));
    settings.withoutEffect(WITHOUT_EFFECT);
    forge(settings);
    int layer = clipSkip(settings.get(CLIP_SKIP)).orElse(1);
    for (String name : settings.names()) {
      if (!settings.isKnown(name)) {
        throw settings.unknown(name, "setting");
      }
    }
    return layer;
  }

  /** Reads a layer; 0 is 1. */
  static Optional<Integer> clipSkip(JsonValue value) {
    Optional<Integer> layer = value.integer();
    if (layer.filter(each -> each < 0 || each > MOST_CLIP_SKIP).isPresent()) {
      throw value.refused("1 to " + MOST_CLIP_SKIP);
    }
    return layer.map(each -> Math.max(1, each));
  }

  /** What Forge adds: its files of parts, and how it stores weights. */
  private static void forge(JsonFields settings) {
    JsonValue modules = settings.get("forge_additional_modules");
    if (!modules.isEmpty()) {
      throw modules.refused("nothing: the VAE and the text encoder are those of this server");
    }
    check(settings.get("forge_unet_storage_dtype"), List.of("Automatic"));
  }

  private void checkpoint(JsonValue value) {
    String name =
        value
            .text()
            .orElse("")
            .replaceFirst("\\s*\\[[0-9a-fA-F]*]$", "")
            .replaceFirst("\\.(safetensors|ckpt)$", "")
            .strip();
    if (!name.isEmpty() && !name.equalsIgnoreCase(model.base())) {
      throw value.refused("\"%s\", the one model of this server".formatted(model.base()));
    }
  }

  private static void check(JsonValue value, List<Object> here) {
    if (!value.isAbsent() && here.stream().noneMatch(each -> same(value.node(), each))) {
      throw value.refused(
          "%s, as this server has it"
              .formatted(here.get(0) instanceof String ? "\"" + here.get(0) + "\"" : here.get(0)));
    }
  }

  private static boolean same(JsonNode sent, Object here) {
    if (here instanceof Number number) {
      return sent.isNumber() && sent.asDouble() == number.doubleValue();
    }
    if (here instanceof Boolean flag) {
      return sent.isBoolean() && sent.booleanValue() == flag;
    }
    return sent.isTextual()
        && sent.textValue()
            .strip()
            .toLowerCase(Locale.ROOT)
            .equals(String.valueOf(here).toLowerCase(Locale.ROOT));
  }
}
