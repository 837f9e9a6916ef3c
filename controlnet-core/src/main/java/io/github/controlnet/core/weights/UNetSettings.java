package io.github.controlnet.core.weights;

import io.github.controlnet.engine.UNetSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What a configuration says about a U-Net or ControlNet that its weights do not.
 *
 * @param source the file, empty when there is none
 * @param heads attention heads of each level, one for all, or empty when it is not said
 * @param headChannels channels of one head, when that is said instead
 * @param groups groups of the group norms, when said
 * @param normEpsilon epsilon of the residual blocks' norms
 * @param sampleSize native size in latents, when said
 * @param channels channels of each level, or empty; only to notice a configuration of another model
 * @param globalPooling whether residuals are averaged, when said
 */
record UNetSettings(
    String source,
    List<Integer> heads,
    OptionalInt headChannels,
    OptionalInt groups,
    double normEpsilon,
    OptionalInt sampleSize,
    List<Integer> channels,
    Optional<Boolean> globalPooling) {

  static final int MAX_SAMPLE_SIZE = 1 << 16;

  private static final double NORM_EPSILON = 1e-5;

  static final UNetSettings NONE =
      new UNetSettings(
          "",
          List.of(),
          OptionalInt.empty(),
          OptionalInt.empty(),
          NORM_EPSILON,
          OptionalInt.empty(),
          List.of(),
          Optional.empty());

  /** From diffusers' {@code config.json}; refuses by name what changes the network's arithmetic. */
  static UNetSettings ofDiffusers(ConfigNode config) {
    if (!config.isPresent()) {
      return NONE;
    }
    config.only("act_fn", "silu", "swish");
    config.only("resnet_time_scale_shift", "default");
    config.only("time_embedding_type", "positional");
    config.only("attention_type", "default");
    for (String key :
        List.of(
            "class_embed_type",
            "num_class_embeds",
            "addition_embed_type",
            "encoder_hid_dim",
            "encoder_hid_dim_type",
            "time_cond_proj_dim",
            "timestep_post_act",
            "time_embedding_act_fn",
            "cross_attention_norm",
            "reverse_transformer_layers_per_block")) {
      config.only(key);
    }
    config.onlyFlag("flip_sin_to_cos", true);
    for (String key :
        List.of(
            "center_input_sample",
            "dual_cross_attention",
            "resnet_skip_time_act",
            "class_embeddings_concat")) {
      config.onlyFlag(key, false);
    }
    if (config.flags("only_cross_attention").contains(true)) {
      throw config.unsupported("only_cross_attention", "true", "false");
    }
    config.onlyNumber("freq_shift", 0);
    config.onlyNumber("mid_block_scale_factor", 1);
    config.onlyNumber("resnet_out_scale_factor", 1);
    config.onlyNumber("downsample_padding", 1);
    config.onlyNumber("conv_in_kernel", 3);
    config.onlyNumber("conv_out_kernel", 3);
    config.only("controlnet_conditioning_channel_order", "rgb");
    onlyBlocks(config, "down_block_types", List.of("CrossAttnDownBlock2D", "DownBlock2D"));
    onlyBlocks(config, "up_block_types", List.of("CrossAttnUpBlock2D", "UpBlock2D"));
    config.only("mid_block_type", "UNetMidBlock2DCrossAttn");
    List<Integer> heads = config.counts("num_attention_heads");
    if (heads.isEmpty()) {
      // diffusers' attention_head_dim holds the number of heads: a misnomer that published files
      // keep
      heads = config.counts("attention_head_dim");
    }
    if (heads.isEmpty()) {
      heads = List.of(8);
    }
    return new UNetSettings(
        config.source(),
        heads,
        OptionalInt.empty(),
        OptionalInt.of(config.count("norm_num_groups").orElse(32)),
        config.positive("norm_eps").orElse(NORM_EPSILON),
        sampleSize(config),
        config.counts("block_out_channels"),
        config.flag("global_pool_conditions"));
  }

  private static void onlyBlocks(ConfigNode config, String key, List<String> supported) {
    for (String type : config.texts(key)) {
      if (!supported.contains(type)) {
        throw config.unsupported(key, type, String.join(" or ", supported));
      }
    }
  }

  private static OptionalInt sampleSize(ConfigNode config) {
    OptionalInt size = config.counts("sample_size").stream().mapToInt(Integer::intValue).min();
    if (size.orElse(1) > MAX_SAMPLE_SIZE) {
      throw config.bad("sample_size", "%d at most".formatted(MAX_SAMPLE_SIZE));
    }
    return size;
  }

  /** From the original's YAML: the parameters of its U-Net or of its control stage. */
  static UNetSettings ofOriginal(
      ConfigNode params, Optional<Boolean> globalPooling, OptionalInt sampleSize) {
    if (params.isPresent()) {
      params.onlyNumber("dims", 2);
      params.onlyFlag("use_scale_shift_norm", false);
      params.onlyFlag("resblock_updown", false);
      params.onlyFlag("conv_resample", true);
      params.only("num_classes");
      params.only("n_embed");
    }
    OptionalInt headChannels = params.integer("num_head_channels");
    if (headChannels.isPresent() && headChannels.getAsInt() < 1) {
      headChannels = OptionalInt.empty();
    }
    OptionalInt heads = params.integer("num_heads");
    if (heads.isPresent() && heads.getAsInt() < 1) {
      heads = OptionalInt.empty();
    }
    return new UNetSettings(
        params.source(),
        headChannels.isPresent() || heads.isEmpty() ? List.of() : List.of(heads.getAsInt()),
        headChannels,
        // the original's norms have 32 groups always
        OptionalInt.empty(),
        NORM_EPSILON,
        sampleSize,
        List.of(),
        globalPooling);
  }

  /** Settings for a control that has none of its own, from the base's U-Net. */
  static UNetSettings ofUNet(UNetSpec unet, String source) {
    List<Integer> heads =
        new ArrayList<>(unet.levels().stream().map(UNetSpec.Level::heads).toList());
    int last = heads.size() - 1;
    if (unet.levels().get(last).depth() == 0) {
      // the middle has as many as the last level is said to have, with attention or without
      heads.set(last, unet.middleHeads());
    }
    return new UNetSettings(
        source,
        heads,
        OptionalInt.empty(),
        OptionalInt.of(unet.groups()),
        unet.normEpsilon(),
        OptionalInt.empty(),
        List.of(),
        Optional.empty());
  }
}
