package io.github.controlnet.annotators.networks;

import io.github.controlnet.core.nn.Activation;
import io.github.controlnet.core.nn.Convolution;
import io.github.controlnet.core.nn.Graph;
import io.github.controlnet.core.nn.Value;
import io.github.controlnet.engine.WeightSource.TensorInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Segmentation of upernet_global_small.pth: UniFormer in its small size, whose attention sees the
 * whole picture (K. Li et al., arXiv 2201.09450), and the head of UPerNet (T. Xiao et al., arXiv
 * 1807.10221).
 *
 * <p>In: B, G, R, normalised levels, sides of 32 or more. Out: logits of the classes [1, 150, rows
 * / 4, columns / 4].
 */
public final class UniformerNetwork implements Architecture {
  private static final int[] BLOCKS = {3, 4, 8, 3};
  private static final int[] WIDTHS = {64, 128, 320, 512};

  /** The stages before this one have convolutions in the place of attention. */
  private static final int ATTENTIVE = 2;

  private static final int EXPANSION = 4;

  /** Of the layer norms after patches; those of the blocks and the outputs have a smaller one. */
  private static final double PATCH_EPSILON = 1e-5;

  private static final int[] POOLS = {1, 2, 3, 6};
  private static final int FUSED = 512;
  private static final int CLASSES = 150;

  @Override
  public Graph graph(Map<String, TensorInfo> stored) {
    PictureGraph layers = new PictureGraph();
    return new Writer(layers, new StoredShapes(stored)).write();
  }

  private record Writer(PictureGraph layers, StoredShapes stored) {
    private static final String BACKBONE = "backbone.";
    private static final String HEAD = "decode_head.";

    Graph write() {
      List<Value> maps = backbone(layers.picture(3));
      int top = WIDTHS.length - 1;
      List<Value> outputs = new ArrayList<>();
      Value h = pyramid(maps.get(top));
      outputs.add(h);
      for (int level = top - 1; level >= 0; level--) {
        Convolution lateral = Convolution.of(WIDTHS[level], FUSED, 1);
        Value beside = convNormRelu(maps.get(level), HEAD + "lateral_convs." + level, lateral);
        h = beside.plus(h.resizeLike(beside, false));
        Convolution same = Convolution.of(FUSED, FUSED, 3);
        outputs.add(0, convNormRelu(h, HEAD + "fpn_convs." + level, same));
      }
      List<Value> same = outputs.stream().map(map -> like(map, outputs)).toList();
      Value all = same.get(0).cat(1, same.subList(1, same.size()));
      Convolution fuse = Convolution.of(WIDTHS.length * FUSED, FUSED, 3);
      h = convNormRelu(all, HEAD + "fpn_bottleneck", fuse);
      return layers.giving(
          layers.conv(HEAD + "conv_seg", Convolution.of(FUSED, CLASSES, 1)).apply(h));
    }

    /** At the size of the finest map. */
    private Value like(Value map, List<Value> maps) {
      return map.equals(maps.get(0)) ? map : map.resizeLike(maps.get(0), false);
    }

    /** A map and its means over areas of several sizes (H. Zhao et al., arXiv 1612.01105). */
    private Value pyramid(Value x) {
      int width = WIDTHS[WIDTHS.length - 1];
      List<Value> parts = new ArrayList<>(List.of(x));
      for (int i = 0; i < POOLS.length; i++) {
        Value mean = x.meanPool(POOLS[i]);
        String name = HEAD + "psp_modules.%d.1".formatted(i);
        Value h = convNormRelu(mean, name, Convolution.of(width, FUSED, 1));
        parts.add(h.resizeLike(x, false));
      }
      Convolution fuse = Convolution.of(width + POOLS.length * FUSED, FUSED, 3);
      return convNormRelu(
          parts.get(0).cat(1, parts.subList(1, parts.size())), HEAD + "bottleneck", fuse);
    }

    private Value convNormRelu(Value x, String name, Convolution conv) {
      return layers.convNorm(name + ".conv", name + ".bn", conv.noBias()).apply(x, Activation.RELU);
    }

    /** The outputs of the four stages, from a fourth to a 32nd of the picture's size. */
    private List<Value> backbone(Value picture) {
      Value h = picture;
      int in = 3;
      List<Value> outputs = new ArrayList<>();
      for (int stage = 0; stage < WIDTHS.length; stage++) {
        int width = WIDTHS[stage];
        Convolution patch = Convolution.of(in, width, stage == 0 ? 4 : 2);
        String name = BACKBONE + "patch_embed%d.".formatted(stage + 1);
        h = layers.conv(name + "proj", patch.stride(patch.side()).padding(0)).apply(h);
        h = norm(h, name + "norm", width, PATCH_EPSILON);
        String blocks = BACKBONE + "blocks%d.".formatted(stage + 1);
        for (int i = 0; i < BLOCKS[stage]; i++) {
          h =
              stage < ATTENTIVE
                  ? convolutional(h, blocks, i, width)
                  : attentive(h, blocks, i, width);
        }
        String output = BACKBONE + "norm" + (stage + 1);
        outputs.add(norm(h, output, width, TransformerBlocks.EPSILON));
        in = width;
      }
      return outputs;
    }

    private Value convolutional(Value x, String blocks, int number, int width) {
      String name = blocks + number + ".";
      Convolution pixels = Convolution.of(width, width, 1);
      Convolution around = Convolution.of(width, width, 5).groups(width);
      Value sum = placed(x, name, width);
      Value h = layers.batchNorm(name + "norm1", width, PictureGraph.BATCH_EPSILON).apply(sum);
      h = layers.conv(name + "attn", around).apply(layers.conv(name + "conv1", pixels).apply(h));
      sum = layers.conv(name + "conv2", pixels).addTo(sum, h, Activation.NONE);
      h = layers.batchNorm(name + "norm2", width, PictureGraph.BATCH_EPSILON).apply(sum);
      h = layers.conv(name + "mlp.fc1", Convolution.of(width, EXPANSION * width, 1)).apply(h);
      h = h.gelu();
      Convolution reduce = Convolution.of(EXPANSION * width, width, 1);
      return layers.conv(name + "mlp.fc2", reduce).addTo(sum, h, Activation.NONE);
    }

    private Value attentive(Value x, String blocks, int number, int width) {
      Value sum = placed(x, blocks + number + ".", width);
      Value tokens = sum.toSequence(width);
      TransformerBlocks all = new TransformerBlocks(layers, stored, blocks, width);
      return all.block(tokens, number).toImage(sum, width);
    }

    /** Adds what a place tells of its neighbours. */
    private Value placed(Value x, String block, int width) {
      Convolution around = Convolution.of(width, width, 3).groups(width);
      return layers.conv(block + "pos_embed", around).apply(x).plus(x);
    }

    /** Each pixel by itself. */
    private Value norm(Value x, String name, int width, double epsilon) {
      Value h = layers.layerNorm(name, width, epsilon).apply(x.toSequence(width));
      return h.toImage(x, width);
    }
  }
}
