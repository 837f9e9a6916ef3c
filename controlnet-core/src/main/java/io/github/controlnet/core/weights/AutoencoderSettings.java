package io.github.controlnet.core.weights;

import io.github.controlnet.spi.engine.AutoencoderSpec;
import io.github.controlnet.spi.engine.LatentFormat;
import java.util.List;
import java.util.OptionalInt;

/**
 * What a configuration says about an autoencoder that its weights do not.
 *
 * @param groups groups of the group norms, when said
 * @param fallbackGroups groups to try when it is not said and the usual 32 is impossible
 * @param scale what latents are multiplied with
 * @param shift what is taken off them before
 */
record AutoencoderSettings(
    OptionalInt groups, OptionalInt fallbackGroups, double scale, double shift) {
  /** The least-squares fit for Stable Diffusion 1.x that its community uses. */
  private static final LatentFormat.Preview PREVIEW =
      new LatentFormat.Preview(
          List.of(
              new LatentFormat.Colour(0.298f, 0.207f, 0.208f),
              new LatentFormat.Colour(0.187f, 0.286f, 0.173f),
              new LatentFormat.Colour(-0.158f, 0.189f, 0.264f),
              new LatentFormat.Colour(-0.184f, -0.271f, -0.473f)));

  static final AutoencoderSettings NONE =
      new AutoencoderSettings(
          OptionalInt.empty(), OptionalInt.empty(), AutoencoderReader.SCALING_FACTOR, 0);

  static AutoencoderSettings ofDiffusers(ConfigNode config) {
    if (!config.isPresent()) {
      return NONE;
    }
    config.only("act_fn", "silu", "swish");
    for (String type : config.texts("down_block_types")) {
      if (!type.equals("DownEncoderBlock2D")) {
        throw config.unsupported("down_block_types", type, "DownEncoderBlock2D");
      }
    }
    for (String type : config.texts("up_block_types")) {
      if (!type.equals("UpDecoderBlock2D")) {
        throw config.unsupported("up_block_types", type, "UpDecoderBlock2D");
      }
    }
    for (String key : List.of("latents_mean", "latents_std")) {
      config.only(key);
    }
    for (String key : List.of("use_quant_conv", "use_post_quant_conv", "mid_block_add_attention")) {
      config.onlyFlag(key, true);
    }
    return new AutoencoderSettings(
        OptionalInt.of(config.count("norm_num_groups").orElse(32)),
        OptionalInt.empty(),
        config.positive("scaling_factor").orElse(AutoencoderReader.SCALING_FACTOR),
        config.finite("shift_factor").orElse(0.0));
  }

  /**
   * How the latents are written down.
   *
   * @param channels their channels
   * @param widths the autoencoder's levels
   */
  LatentFormat latents(int channels, List<Integer> widths) {
    return new LatentFormat(
        channels,
        AutoencoderSpec.factor(widths),
        scale,
        shift,
        channels == PREVIEW.colours().size() ? PREVIEW : LatentFormat.Preview.GREY);
  }

  /** The number of groups for these levels. */
  int groups(List<Integer> widths) {
    int usual = groups.orElse(32);
    boolean possible = widths.stream().allMatch(width -> width % usual == 0);
    return possible || groups.isPresent() ? usual : fallbackGroups.orElse(usual);
  }
}
