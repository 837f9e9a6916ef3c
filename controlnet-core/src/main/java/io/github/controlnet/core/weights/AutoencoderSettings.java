package io.github.controlnet.core.weights;

import io.github.controlnet.engine.AutoencoderSpec;
import io.github.controlnet.engine.LatentFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What a configuration says about an autoencoder that its weights do not.
 *
 * @param groups groups of the group norms, when said
 * @param fallbackGroups groups to try when it is not said and the usual 32 is impossible
 * @param scale what latents are multiplied with, when said
 * @param shift what is taken off them before, when said
 */
record AutoencoderSettings(
    OptionalInt groups,
    OptionalInt fallbackGroups,
    Optional<Double> scale,
    Optional<Double> shift) {
  static final AutoencoderSettings NONE =
      new AutoencoderSettings(
          OptionalInt.empty(), OptionalInt.empty(), Optional.empty(), Optional.empty());

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
        config.positive("scaling_factor"),
        config.finite("shift_factor"));
  }

  /**
   * How the latents are written down.
   *
   * @param channels their channels
   * @param widths the autoencoder's levels
   * @param usual what holds where nothing is said
   */
  LatentFormat latents(int channels, List<Integer> widths, LatentFormat usual) {
    return new LatentFormat(
        channels,
        AutoencoderSpec.factor(widths),
        scale.orElse(usual.scale()),
        shift.orElse(usual.shift()),
        channels == usual.channels() ? usual.preview() : LatentFormat.Preview.GREY);
  }

  /** The number of groups for these levels. */
  int groups(List<Integer> widths) {
    int usual = groups.orElse(32);
    boolean possible = widths.stream().allMatch(width -> width % usual == 0);
    return possible || groups.isPresent() ? usual : fallbackGroups.orElse(usual);
  }
}
