package io.github.controlnet.core.weights;

import java.util.List;
import java.util.OptionalInt;

/**
 * What a configuration says about an autoencoder that its weights do not.
 *
 * @param groups groups of the group norms, when said
 * @param fallbackGroups groups to try when it is not said and the usual 32 is impossible
 * @param scalingFactor what latents are multiplied with
 */
record AutoencoderSettings(OptionalInt groups, OptionalInt fallbackGroups, double scalingFactor) {
  static final AutoencoderSettings NONE =
      new AutoencoderSettings(
          OptionalInt.empty(), OptionalInt.empty(), AutoencoderReader.SCALING_FACTOR);

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
    for (String key : List.of("shift_factor", "latents_mean", "latents_std")) {
      config.only(key);
    }
    for (String key : List.of("use_quant_conv", "use_post_quant_conv", "mid_block_add_attention")) {
      config.onlyFlag(key, true);
    }
    return new AutoencoderSettings(
        OptionalInt.of(config.count("norm_num_groups").orElse(32)),
        OptionalInt.empty(),
        config.positive("scaling_factor").orElse(AutoencoderReader.SCALING_FACTOR));
  }

  /** The number of groups for these levels. */
  int groups(List<Integer> widths) {
    int usual = groups.orElse(32);
    boolean possible = widths.stream().allMatch(width -> width % usual == 0);
    return possible || groups.isPresent() ? usual : fallbackGroups.orElse(usual);
  }
}
