package io.github.controlnet.annotators.network;

import io.github.controlnet.core.network.Activation;
import io.github.controlnet.core.network.Convolution;
import io.github.controlnet.spi.engine.WeightSource.TensorInfo;
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
  public void write(Layers layers, Map<String, TensorInfo> stored) {
    new Writer(layers, new StoredShapes(stored)).write();
  }

  private record Writer(Layers layers, StoredShapes stored) {
    private static final String BACKBONE = "backbone.";
    private static final String HEAD = "decode_head.";

    void write() {
      List<String> maps = backbone(layers.begin());
      int top = WIDTHS.length - 1;
      List<String> outputs = new ArrayList<>();
      String h = pyramid(maps.get(top));
      outputs.add(h);
      for (int level = top - 1; level >= 0; level--) {
        Convolution lateral = Convolution.of(WIDTHS[level], FUSED, 1);
        String beside = convNormRelu(maps.get(level), HEAD + "lateral_convs." + level, lateral);
        h = layers.add_(beside, layers.resizeLike(h, beside, false));
        Convolution same = Convolution.of(FUSED, FUSED, 3);
        outputs.add(0, convNormRelu(h, HEAD + "fpn_convs." + level, same));
      }
      String all =
          layers.cat(outputs.stream().map(map -> like(map, outputs)).toArray(String[]::new));
      Convolution fuse = Convolution.of(WIDTHS.length * FUSED, FUSED, 3);
      h = convNormRelu(all, HEAD + "fpn_bottleneck", fuse);
      layers.end(layers.conv(h, HEAD + "conv_seg", Convolution.of(FUSED, CLASSES, 1)));
    }

    /** At the size of the finest map. */
    private String like(String map, List<String> maps) {
      return map.equals(maps.get(0)) ? map : layers.resizeLike(map, maps.get(0), false);
    }

    /** A map and its means over areas of several sizes (H. Zhao et al., arXiv 1612.01105). */
    private String pyramid(String x) {
      int width = WIDTHS[WIDTHS.length - 1];
      List<String> parts = new ArrayList<>(List.of(x));
      for (int i = 0; i < POOLS.length; i++) {
        String mean = layers.let("torch.adaptive_avg_pool2d(%s, [%d, %2$d])", x, POOLS[i]);
        String name = HEAD + "psp_modules.%d.1".formatted(i);
        String h = convNormRelu(mean, name, Convolution.of(width, FUSED, 1));
        parts.add(layers.resizeLike(h, x, false));
      }
      Convolution fuse = Convolution.of(width + POOLS.length * FUSED, FUSED, 3);
      return convNormRelu(layers.cat(parts.toArray(String[]::new)), HEAD + "bottleneck", fuse);
    }

    private String convNormRelu(String x, String name, Convolution conv) {
      return layers.convNorm(x, name + ".conv", name + ".bn", conv.noBias(), Activation.RELU);
    }

    /** The outputs of the four stages, from a fourth to a 32nd of the picture's size. */
    private List<String> backbone(String picture) {
      String h = picture;
      int in = 3;
      List<String> outputs = new ArrayList<>();
      for (int stage = 0; stage < WIDTHS.length; stage++) {
        int width = WIDTHS[stage];
        Convolution patch = Convolution.of(in, width, stage == 0 ? 4 : 2);
        String name = BACKBONE + "patch_embed%d.".formatted(stage + 1);
        h = layers.conv(h, name + "proj", patch.stride(patch.side()).padding(0));
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

    private String convolutional(String x, String blocks, int number, int width) {
      String name = blocks + number + ".";
      Convolution pixels = Convolution.of(width, width, 1);
      Convolution around = Convolution.of(width, width, 5).groups(width);
      String sum = placed(x, name, width);
      String h = layers.batchNorm(sum, name + "norm1", width, Layers.BATCH_EPSILON);
      h = layers.conv(layers.conv(h, name + "conv1", pixels), name + "attn", around);
      sum = layers.script().addConv_(sum, h, name + "conv2", pixels, Activation.NONE);
      h = layers.batchNorm(sum, name + "norm2", width, Layers.BATCH_EPSILON);
      h = layers.conv(h, name + "mlp.fc1", Convolution.of(width, EXPANSION * width, 1));
      h = layers.let("torch.gelu_(%s)", h);
      Convolution reduce = Convolution.of(EXPANSION * width, width, 1);
      return layers.script().addConv_(sum, h, name + "mlp.fc2", reduce, Activation.NONE);
    }

    private String attentive(String x, String blocks, int number, int width) {
      String sum = placed(x, blocks + number + ".", width);
      String tokens = layers.script().toSequence(sum, width);
      TransformerBlocks all = new TransformerBlocks(layers, stored, blocks, width);
      return layers.script().toImage(all.block(tokens, number, "None"), sum, width);
    }

    /** Adds what a place tells of its neighbours. */
    private String placed(String x, String block, int width) {
      Convolution around = Convolution.of(width, width, 3).groups(width);
      return layers.add_(layers.conv(x, block + "pos_embed", around), x);
    }

    /** Each pixel by itself. */
    private String norm(String x, String name, int width, double epsilon) {
      String h = layers.layerNorm(layers.script().toSequence(x, width), name, width, epsilon);
      return layers.script().toImage(h, x, width);
    }
  }
}
