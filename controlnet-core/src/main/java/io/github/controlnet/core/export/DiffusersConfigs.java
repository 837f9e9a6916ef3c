package io.github.controlnet.core.export;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.controlnet.engine.AutoencoderSpec;
import io.github.controlnet.engine.ControlNetSpec;
import io.github.controlnet.engine.KlAutoencoderSpec;
import io.github.controlnet.engine.TextEncoderSpec;
import io.github.controlnet.engine.TextEncoderSpec.Activation;
import io.github.controlnet.engine.TinyAutoencoderSpec;
import io.github.controlnet.engine.UNetSpec;
import io.github.controlnet.engine.UNetSpec.Level;
import io.github.controlnet.exception.WeightsException;
import io.github.controlnet.sampler.NoiseSchedule;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/**
 * Writes sizes as the configurations of diffusers' {@code ControlNetModel}, {@code
 * UNet2DConditionModel}, {@code AutoencoderKL} and schedulers, and of transformers' {@code
 * CLIPTextModel}.
 */
final class DiffusersConfigs {
  /** The version whose fields these are. */
  private static final String VERSION = "0.39.0";

  private static final int START_TOKENS_FROM_END = 2;

  private DiffusersConfigs() {}

  static ObjectNode control(ControlNetSpec control) {
    ObjectNode config = trunk("ControlNetModel", control.trunk());
    config.put("conditioning_channels", control.hintChannels());
    config.set("conditioning_embedding_out_channels", array(hintChannels(control)));
    config.put("controlnet_conditioning_channel_order", "rgb");
    config.put("global_pool_conditions", control.globalPooling());
    return config;
  }

  /** Every width but the last stands for two convolutions, of which the second halves the size. */
  private static List<Integer> hintChannels(ControlNetSpec control) {
    List<Integer> widths = control.hintWidths();
    List<Integer> channels = new ArrayList<>();
    for (int i = 0; i < widths.size(); i += 2) {
      channels.add(widths.get(i));
      if (i + 1 < widths.size() && !widths.get(i + 1).equals(widths.get(i))) {
        throw inexpressible("a hint block of widths " + widths);
      }
    }
    if (widths.size() % 2 == 0) {
      throw inexpressible("a hint block of widths " + widths);
    }
    return channels;
  }

  static ObjectNode unet(UNetSpec unet, int sampleSize) {
    ObjectNode config = trunk("UNet2DConditionModel", unet);
    List<String> up =
        new ArrayList<>(
            unet.levels().stream()
                .map(level -> level.depth() > 0 ? "CrossAttnUpBlock2D" : "UpBlock2D")
                .toList());
    Collections.reverse(up);
    config.set("up_block_types", array(up));
    config.put("out_channels", unet.outChannels());
    config.put("sample_size", sampleSize);
    return config;
  }

  private static ObjectNode trunk(String type, UNetSpec unet) {
    List<Level> levels = unet.levels();
    int first = levels.get(0).channels();
    if (unet.timeWidth() != 4 * first) {
      throw inexpressible("a time embedding of %d values".formatted(unet.timeWidth()));
    }
    ObjectNode config = root(type);
    config.put("act_fn", "silu");
    // the number of heads: a misnomer that published files keep
    config.set("attention_head_dim", oneOrList(heads(unet)));
    config.set("block_out_channels", array(levels.stream().map(Level::channels).toList()));
    config.put("cross_attention_dim", unet.contextWidth());
    config.set(
        "down_block_types",
        array(
            levels.stream()
                .map(level -> level.depth() > 0 ? "CrossAttnDownBlock2D" : "DownBlock2D")
                .toList()));
    config.put("downsample_padding", 1);
    config.put("flip_sin_to_cos", true);
    config.put("freq_shift", 0);
    config.put("in_channels", unet.inChannels());
    config.put("layers_per_block", unet.residualBlocks());
    config.put("mid_block_scale_factor", 1);
    config.put(
        "mid_block_type", unet.middleDepth() > 0 ? "UNetMidBlock2DCrossAttn" : "UNetMidBlock2D");
    config.put("norm_eps", unet.normEpsilon());
    config.put("norm_num_groups", unet.groups());
    config.put("only_cross_attention", false);
    config.put("resnet_time_scale_shift", "default");
    config.set("transformer_layers_per_block", oneOrList(depths(unet)));
    config.put("upcast_attention", false);
    config.put("use_linear_projection", unet.linearProjection());
    return config;
  }

  /** Where a level has no attention its number is free; the last one is the middle's. */
  private static List<Integer> heads(UNetSpec unet) {
    List<Integer> heads = new ArrayList<>();
    for (Level level : unet.levels()) {
      heads.add(level.depth() > 0 || unet.middleDepth() == 0 ? level.heads() : unet.middleHeads());
    }
    requireMiddle(unet, heads, unet.middleHeads(), "attention heads");
    return heads;
  }

  private static List<Integer> depths(UNetSpec unet) {
    List<Integer> depths = new ArrayList<>();
    for (Level level : unet.levels()) {
      depths.add(level.depth() > 0 ? level.depth() : Math.max(1, unet.middleDepth()));
    }
    requireMiddle(unet, depths, unet.middleDepth(), "transformer blocks");
    return depths;
  }

  private static void requireMiddle(UNetSpec unet, List<Integer> levels, int middle, String what) {
    int last = levels.get(levels.size() - 1);
    if (unet.middleDepth() > 0 && last != middle) {
      throw inexpressible(
          "%d %s in the middle after %d in the last level".formatted(middle, what, last));
    }
  }

  private static String autoencoderClass(AutoencoderSpec autoencoder) {
    return autoencoder instanceof TinyAutoencoderSpec ? "AutoencoderTiny" : "AutoencoderKL";
  }

  static ObjectNode autoencoder(AutoencoderSpec autoencoder, int sampleSize) {
    return autoencoder instanceof TinyAutoencoderSpec tiny
        ? tinyAutoencoder(tiny)
        : largeAutoencoder((KlAutoencoderSpec) autoencoder, sampleSize);
  }

  private static ObjectNode tinyAutoencoder(TinyAutoencoderSpec autoencoder) {
    ObjectNode config = root(autoencoderClass(autoencoder));
    config.put("act_fn", "relu");
    config.set("decoder_block_out_channels", array(autoencoder.widths()));
    config.set("encoder_block_out_channels", array(autoencoder.widths()));
    config.put("in_channels", autoencoder.imageChannels());
    config.put("latent_channels", autoencoder.latentChannels());
    config.set("num_decoder_blocks", array(autoencoder.decoderBlocks()));
    config.set("num_encoder_blocks", array(autoencoder.encoderBlocks()));
    config.put("out_channels", autoencoder.imageChannels());
    config.put("scaling_factor", autoencoder.latents().scale());
    config.put("shift_factor", autoencoder.latents().shift());
    return config;
  }

  private static ObjectNode largeAutoencoder(KlAutoencoderSpec autoencoder, int sampleSize) {
    int levels = autoencoder.widths().size();
    ObjectNode config = root(autoencoderClass(autoencoder));
    config.put("act_fn", "silu");
    config.set("block_out_channels", array(autoencoder.widths()));
    config.set("down_block_types", array(Collections.nCopies(levels, "DownEncoderBlock2D")));
    config.put("in_channels", autoencoder.imageChannels());
    config.put("latent_channels", autoencoder.latentChannels());
    config.put("layers_per_block", autoencoder.residualBlocks());
    config.put("norm_num_groups", autoencoder.groups());
    config.put("out_channels", autoencoder.imageChannels());
    config.put("sample_size", sampleSize);
    config.put("scaling_factor", autoencoder.latents().scale());
    if (autoencoder.latents().shift() != 0) {
      config.put("shift_factor", autoencoder.latents().shift());
    }
    config.set("up_block_types", array(Collections.nCopies(levels, "UpDecoderBlock2D")));
    return config;
  }

  static ObjectNode textEncoder(TextEncoderSpec text) {
    ObjectNode config = object();
    config.set("architectures", array(List.of("CLIPTextModel")));
    // CLIP's last two tokens are start and end, which fills up too
    config.put("bos_token_id", text.vocabulary() - START_TOKENS_FROM_END);
    config.put("eos_token_id", text.vocabulary() - 1);
    config.put("pad_token_id", text.vocabulary() - 1);
    config.put("hidden_act", text.activation() == Activation.QUICK_GELU ? "quick_gelu" : "gelu");
    config.put("hidden_size", text.width());
    config.put("intermediate_size", text.feedForwardWidth());
    config.put("layer_norm_eps", text.normEpsilon());
    config.put("max_position_embeddings", text.positions());
    config.put("model_type", "clip_text_model");
    config.put("num_attention_heads", text.heads());
    config.put("num_hidden_layers", text.layers());
    config.put("projection_dim", text.width());
    config.put("vocab_size", text.vocabulary());
    return config;
  }

  static ObjectNode scheduler(NoiseSchedule schedule) {
    ObjectNode config = root("PNDMScheduler");
    NoiseSchedule usual = NoiseSchedule.stableDiffusion();
    config.put("num_train_timesteps", schedule.timesteps());
    if (sameNoise(schedule, usual)) {
      config.put("beta_schedule", "scaled_linear");
      config.put("beta_start", 0.00085);
      config.put("beta_end", 0.012);
    } else {
      ArrayNode betas = config.putArray("trained_betas");
      double before = 1;
      for (int i = 0; i < schedule.timesteps(); i++) {
        betas.add(1 - schedule.alphaBar(i) / before);
        before = schedule.alphaBar(i);
      }
    }
    config.put("clip_sample", false);
    config.put("prediction_type", schedule.predictionType().name().toLowerCase(Locale.ROOT));
    config.put("set_alpha_to_one", schedule.finalAlphaBar() == 1);
    config.put("skip_prk_steps", true);
    config.put("steps_offset", schedule.stepsOffset());
    schedule
        .timestepSpacing()
        .ifPresent(
            spacing -> config.put("timestep_spacing", spacing.name().toLowerCase(Locale.ROOT)));
    return config;
  }

  static boolean sameNoise(NoiseSchedule a, NoiseSchedule b) {
    if (a.timesteps() != b.timesteps()) {
      return false;
    }
    for (int i = 0; i < a.timesteps(); i++) {
      if (a.alphaBar(i) != b.alphaBar(i)) {
        return false;
      }
    }
    return true;
  }

  static ObjectNode pipeline(boolean tokenizer, boolean control, AutoencoderSpec autoencoder) {
    ObjectNode index =
        root(control ? "StableDiffusionControlNetPipeline" : "StableDiffusionPipeline");
    if (control) {
      component(index, "controlnet", "diffusers", "ControlNetModel");
    }
    component(index, "feature_extractor", null, null);
    index.put("requires_safety_checker", false);
    component(index, "safety_checker", null, null);
    component(index, "scheduler", "diffusers", "PNDMScheduler");
    component(index, "text_encoder", "transformers", "CLIPTextModel");
    component(
        index, "tokenizer", tokenizer ? "transformers" : null, tokenizer ? "CLIPTokenizer" : null);
    component(index, "unet", "diffusers", "UNet2DConditionModel");
    component(index, "vae", "diffusers", autoencoderClass(autoencoder));
    return index;
  }

  private static void component(
      ObjectNode index,
      String name,
      @org.jspecify.annotations.Nullable String library,
      @org.jspecify.annotations.Nullable String type) {
    index.putArray(name).add(library).add(type);
  }

  private static ObjectNode root(String type) {
    ObjectNode config = object();
    config.put("_class_name", type);
    config.put("_diffusers_version", VERSION);
    return config;
  }

  private static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }

  private static ArrayNode array(List<?> values) {
    ArrayNode array = JsonNodeFactory.instance.arrayNode();
    for (Object value : values) {
      if (value instanceof Integer number) {
        array.add(number);
      } else {
        array.add(value.toString());
      }
    }
    return array;
  }

  private static com.fasterxml.jackson.databind.JsonNode oneOrList(List<Integer> values) {
    return values.stream().distinct().count() == 1
        ? JsonNodeFactory.instance.numberNode(values.get(0))
        : array(values);
  }

  private static WeightsException inexpressible(String what) {
    return new WeightsException(
        "diffusers' config.json cannot express %s. Write the original layout.".formatted(what));
  }
}
