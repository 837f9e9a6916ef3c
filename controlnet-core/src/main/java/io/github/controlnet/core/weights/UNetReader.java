package io.github.controlnet.core.weights;

import io.github.controlnet.core.family.Family;
import io.github.controlnet.core.models.ControlNet;
import io.github.controlnet.core.models.UNet;
import io.github.controlnet.core.tensors.Shapes;
import io.github.controlnet.engine.ControlNetSpec;
import io.github.controlnet.engine.UNetSpec;
import io.github.controlnet.engine.UNetSpec.Level;
import io.github.controlnet.engine.WeightSource;
import io.github.controlnet.exception.WeightsException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads the sizes of a U-Net or ControlNet from its canonical names and shapes. */
final class UNetReader {
  private static final String CROSS_KEYS = ".transformer_blocks.0.attn2.to_k.weight";

  private final Shapes shapes;
  private final UNetSettings settings;
  private final Optional<UNetSpec> base;

  UNetReader(String what, WeightSource weights, UNetSettings settings) {
    this(what, weights, settings, Optional.empty());
  }

  /**
   * @param base whose heads and groups hold where nothing else tells them and the levels are as
   *     wide
   */
  UNetReader(String what, WeightSource weights, UNetSettings settings, Optional<UNetSpec> base) {
    this.shapes = new Shapes(what, weights);
    this.settings = settings;
    this.base = base;
  }

  /** Reads a U-Net and checks that it is complete. */
  UNetSpec unet(Family family) {
    UNetSpec trunk = trunk(family, shapes.side("conv_out.weight", 4, 0));
    int levels = trunk.levels().size();
    int up = shapes.count("up_blocks.");
    if (up != levels) {
      throw new WeightsException(
          "%s has %d levels on the way down and %d on the way up; expected as many."
              .formatted(shapes.what(), levels, up));
    }
    for (int i = 0; i < levels; i++) {
      String block = "up_blocks." + i;
      int residuals = shapes.count(block + ".resnets.");
      if (residuals != trunk.residualBlocks() + 1) {
        throw new WeightsException(
            "%s has %d residual blocks in %s; expected %d, one more than on the way down."
                .formatted(shapes.what(), residuals, block, trunk.residualBlocks() + 1));
      }
      int expected = trunk.levels().get(levels - 1 - i).depth();
      int depth = depth(block, residuals);
      if (depth != expected) {
        throw new WeightsException(
            ("%s has attention of depth %d in %s and of depth %d in down_blocks.%d;"
                    + " expected the same.")
                .formatted(shapes.what(), depth, block, expected, levels - 1 - i));
      }
    }
    shapes.require(UNet.shapes(trunk), family.defaults().hasMore());
    return trunk;
  }

  /** Reads a ControlNet and checks that it is complete. */
  ControlNetSpec control(Family family, boolean globalPooling) {
    String hint = "controlnet_cond_embedding.";
    List<Integer> widths = new ArrayList<>();
    widths.add(shapes.side(hint + "conv_in.weight", 4, 0));
    int blocks = shapes.count(hint + "blocks.");
    for (int i = 0; i < blocks; i++) {
      widths.add(shapes.side(hint + "blocks." + i + ".weight", 4, 0));
    }
    UNetSpec trunk = trunk(family, shapes.side("conv_in.weight", 4, 1));
    ControlNetSpec control =
        new ControlNetSpec(
            trunk, shapes.side(hint + "conv_in.weight", 4, 1), widths, globalPooling);
    shapes.require(ControlNet.shapes(control), family.defaults().hasMore());
    return control;
  }

  private UNetSpec trunk(Family family, int outChannels) {
    int inChannels = shapes.side("conv_in.weight", 4, 1);
    int levelCount = shapes.count("down_blocks.");
    if (levelCount == 0) {
      throw new WeightsException(
          "%s has no down_blocks; expected a U-Net's encoder.".formatted(shapes.what()));
    }
    int residualBlocks = shapes.count("down_blocks.0.resnets.");
    List<Integer> channels = new ArrayList<>();
    List<Integer> depths = new ArrayList<>();
    for (int i = 0; i < levelCount; i++) {
      String block = "down_blocks." + i;
      int residuals = shapes.count(block + ".resnets.");
      if (residuals != residualBlocks) {
        throw new WeightsException(
            "%s has %d residual blocks in down_blocks.0 and %d in %s; expected as many a level."
                .formatted(shapes.what(), residualBlocks, residuals, block));
      }
      channels.add(shapes.side(block + ".resnets.0.conv1.weight", 4, 0));
      depths.add(depth(block, residuals));
    }
    requireConfigured(channels);
    UNetSettings settings = settings(channels);
    int groups = groups(channels, settings);
    boolean linear = false;
    int context = 0;
    List<String> attentions = new ArrayList<>();
    for (int i = 0; i < levelCount; i++) {
      if (depths.get(i) > 0) {
        attentions.add("down_blocks." + i + ".attentions.0");
      }
    }
    int middleDepth = shapes.count("mid_block.attentions.0.transformer_blocks.");
    if (middleDepth > 0) {
      attentions.add("mid_block.attentions.0");
    }
    for (String attention : attentions) {
      context = shapes.side(attention + CROSS_KEYS, 2, 1);
      linear =
          shapes.side(attention + ".proj_in.weight", List.of(2, 4), 0) > 0
              && shapes.shape(attention + ".proj_in.weight").size() == 2;
    }
    List<Level> levels = new ArrayList<>();
    for (int i = 0; i < levelCount; i++) {
      int depth = depths.get(i);
      levels.add(
          new Level(
              channels.get(i),
              depth,
              depth == 0 ? 1 : heads(i, levelCount, channels.get(i), family, settings)));
    }
    int last = levelCount - 1;
    return new UNetSpec(
        inChannels,
        outChannels,
        levels,
        residualBlocks,
        middleDepth,
        middleDepth == 0 ? 1 : heads(last, levelCount, channels.get(last), family, settings),
        context,
        shapes.side("time_embedding.linear_2.weight", 2, 0),
        groups,
        settings.normEpsilon(),
        linear);
  }

  /** Transformer blocks after each residual block, which must be the same in all of a level. */
  private int depth(String block, int residuals) {
    int attentions = shapes.count(block + ".attentions.");
    if (attentions == 0) {
      return 0;
    }
    int depth = shapes.count(block + ".attentions.0.transformer_blocks.");
    if (attentions != residuals || depth == 0) {
      throw new WeightsException(
          ("%s has %d residual blocks, %d attentions and %d transformer blocks in %s;"
                  + " expected an attention after each residual block.")
              .formatted(shapes.what(), residuals, attentions, depth, block));
    }
    return depth;
  }

  private UNetSettings settings(List<Integer> channels) {
    boolean silent = settings.heads().isEmpty() && settings.headChannels().isEmpty();
    if (silent && base.isPresent()) {
      UNetSpec unet = base.get();
      if (unet.levels().stream().map(Level::channels).toList().equals(channels)) {
        return UNetSettings.ofUNet(unet, "the base's number");
      }
    }
    return settings;
  }

  private void requireConfigured(List<Integer> channels) {
    if (!settings.channels().isEmpty() && !settings.channels().equals(channels)) {
      throw new WeightsException(
          "%s has levels of %s channels, %s says %s. Give the configuration of this model."
              .formatted(shapes.what(), channels, settings.source(), settings.channels()));
    }
  }

  private int groups(List<Integer> channels, UNetSettings settings) {
    int groups = settings.groups().orElse(32);
    for (int width : channels) {
      if (width % groups != 0) {
        throw new WeightsException(
            ("%s has a level of %d channels, which cannot be normed in %d groups (%s)."
                    + " Give its config.json with the right norm_num_groups.")
                .formatted(
                    shapes.what(),
                    width,
                    groups,
                    settings.groups().isPresent() ? settings.source() : "the usual number"));
      }
    }
    return groups;
  }

  private int heads(int level, int levels, int channels, Family family, UNetSettings settings) {
    int heads;
    String said = settings.source();
    if (settings.headChannels().isPresent()) {
      heads = share(channels, settings.headChannels().getAsInt());
    } else if (settings.heads().isEmpty()) {
      said = "the usual number";
      heads = family.defaults().heads().applyAsInt(channels);
    } else if (settings.heads().size() == 1) {
      heads = settings.heads().get(0);
    } else if (settings.heads().size() == levels) {
      heads = settings.heads().get(level);
    } else {
      throw new WeightsException(
          "%s lists the heads of %d levels, %s has %d. Give the configuration of this model."
              .formatted(settings.source(), settings.heads().size(), shapes.what(), levels));
    }
    if (channels % heads != 0) {
      throw new WeightsException(
          ("%s has a level of %d channels, which cannot be split into %d attention heads (%s)."
                  + " Give its config.json with the right number.")
              .formatted(shapes.what(), channels, heads, said));
    }
    return heads;
  }

  private static int share(int channels, int headChannels) {
    return Math.max(1, channels / headChannels);
  }
}
