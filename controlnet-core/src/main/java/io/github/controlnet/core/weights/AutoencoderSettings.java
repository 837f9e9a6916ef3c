package io.github.controlnet.core.weights;

import io.github.controlnet.engine.AutoencoderSpec;
import io.github.controlnet.engine.LatentFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What a configuration says about an autoencoder that its weights do not.
 *
 * @param source the autoencoder's own configuration, when there is one
 * @param kind diffusers' class that it is the configuration of; empty without one
 * @param groups groups of the group norms, when said
 * @param fallbackGroups groups to try when it is not said and the usual 32 is impossible
 * @param scale what latents are multiplied with, when said
 * @param shift what is taken off them before, when said
 */
record AutoencoderSettings(
    ConfigNode source,
    Optional<String> kind,
    OptionalInt groups,
    OptionalInt fallbackGroups,
    Optional<Double> scale,
    Optional<Double> shift) {
  static final String LARGE = "AutoencoderKL";
  static final String TINY = "AutoencoderTiny";

  static final AutoencoderSettings NONE =
      new AutoencoderSettings(
          ConfigNode.NONE,
          Optional.empty(),
          OptionalInt.empty(),
          OptionalInt.empty(),
          Optional.empty(),
          Optional.empty());

  static AutoencoderSettings ofDiffusers(ConfigNode config) {
    if (!config.isPresent()) {
      return NONE;
    }
    boolean tiny =
        config.text("_class_name").equals(Optional.of(TINY)) || config.has("num_decoder_blocks");
    return tiny ? ofTiny(config) : ofLarge(config);
  }

  private static AutoencoderSettings ofTiny(ConfigNode config) {
    config.only("act_fn", "relu");
    config.only("upsample_fn", "nearest");
    int upsampling = config.count("upsampling_scaling_factor").orElse(2);
    if (upsampling != 2) {
      throw config.unsupported("upsampling_scaling_factor", Integer.toString(upsampling), "2");
    }
    return new AutoencoderSettings(
        config,
        Optional.of(TINY),
        OptionalInt.empty(),
        OptionalInt.empty(),
        config.positive("scaling_factor"),
        config.finite("shift_factor"));
  }

  private static AutoencoderSettings ofLarge(ConfigNode config) {
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
        config,
        Optional.of(LARGE),
        OptionalInt.of(config.count("norm_num_groups").orElse(32)),
        OptionalInt.empty(),
        config.positive("scaling_factor"),
        config.finite("shift_factor"));
  }

  /** Refuses the configuration of an autoencoder of another kind than the weights are. */
  void require(String expected, String what) {
    if (kind.isPresent() && !kind.get().equals(expected)) {
      throw source.bad(
          "_class_name", "%s, since %s is one by its weights".formatted(expected, lower(what)));
    }
  }

  private static String lower(String what) {
    return Character.toLowerCase(what.charAt(0)) + what.substring(1);
  }

  /**
   * How the latents are written down.
   *
   * @param channels their channels
   * @param levels the autoencoder's levels
   * @param usual what holds where nothing is said
   */
  LatentFormat latents(int channels, int levels, LatentFormat usual) {
    return new LatentFormat(
        channels,
        AutoencoderSpec.factor(levels),
        scale.orElse(usual.scale()),
        shift.orElse(usual.shift()),
        channels == usual.channels() ? usual.preview() : LatentFormat.Preview.GREY);
  }

  /**
   * How the latents of a tiny autoencoder are written down: as the denoiser's, unless its own
   * configuration says otherwise.
   */
  LatentFormat tinyLatents(int channels, int levels, LatentFormat usual) {
    LatentFormat unscaled =
        new LatentFormat(usual.channels(), usual.factor(), 1, 0, usual.preview());
    AutoencoderSettings own = kind.isPresent() ? this : NONE;
    return own.latents(channels, levels, unscaled);
  }

  /** The number of groups for these levels. */
  int groups(List<Integer> widths) {
    int usual = groups.orElse(32);
    boolean possible = widths.stream().allMatch(width -> width % usual == 0);
    return possible || groups.isPresent() ? usual : fallbackGroups.orElse(usual);
  }
}
