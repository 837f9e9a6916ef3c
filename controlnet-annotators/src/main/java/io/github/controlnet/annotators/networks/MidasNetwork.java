package io.github.controlnet.annotators.networks;

import io.github.controlnet.core.nn.Convolution;
import io.github.controlnet.core.nn.Derivation;
import io.github.controlnet.core.nn.Derivation.Part;
import io.github.controlnet.core.nn.Graph;
import io.github.controlnet.core.nn.Value;
import io.github.controlnet.engine.WeightSource.TensorInfo;
import io.github.controlnet.exception.WeightsException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * MiDaS with the hybrid of "Vision transformers for dense prediction" (R. Ranftl, A. Bochkovskiy
 * and V. Koltun, arXiv 2103.13413), of dpt_hybrid-midas-501f0c75.pt: a residual network with
 * standardised weights, a vision transformer on its last map, and a decoder for two maps of each.
 *
 * <p>In: R, G, B, each -1 to 1, sides multiples of 64. Out: nearness [1, 1, rows, columns], 0 or
 * more, with unknown scale and offset.
 */
public final class MidasNetwork implements Architecture {
  private static final String MODEL = "pretrained.model.";
  private static final String BACKBONE = MODEL + "patch_embed.backbone.";
  private static final String SCRATCH = "scratch.";
  private static final int STEM = 64;
  private static final int[] STAGES = {3, 4, 9};
  private static final int[] STAGE_WIDTHS = {256, 512, 1024};
  private static final int WIDTH = 768;
  private static final int FUSED = 256;
  private static final int HIDDEN = 32;
  private static final int GROUPS = 32;
  private static final double GROUP_EPSILON = 1e-5;
  private static final double KERNEL_EPSILON = 1e-8;

  @Override
  public Graph graph(Map<String, TensorInfo> tensors) {
    PictureGraph layers = new PictureGraph();
    return new Writer(layers, new StoredShapes(tensors)).write();
  }

  private record Writer(PictureGraph layers, StoredShapes stored) {
    Graph write() {
      Value picture = layers.picture(3);
      List<Value> maps = backbone(picture);
      Value patches =
          layers
              .conv(MODEL + "patch_embed.proj", Convolution.of(STAGE_WIDTHS[2], WIDTH, 1))
              .apply(maps.remove(2));
      Tokens tokens = new Tokens(layers, WIDTH);
      Value h = tokens.of(patches, MODEL + "cls_token");
      String positions = MODEL + "pos_embed";
      h =
          tokens.addPositions(
              h, positions, stored.side(positions, 1), patches, Tokens.Resampling.BILINEAR);
      TransformerBlocks blocks = new TransformerBlocks(layers, stored, MODEL + "blocks.", WIDTH);
      int count = blocks.count();
      if (count < 4) {
        throw new WeightsException(
            "the network has %d transformer blocks, expected 12; the file is incomplete or of another kind."
                .formatted(count));
      }
      for (int i = 0; i < count; i++) {
        h = blocks.block(h, i);
        if (i == count * 3 / 4 - 1 || i == count - 1) {
          String name = "pretrained.act_postprocess" + (maps.size() + 1);
          Value seen = tokens.readout(h, name + ".0.project.0", patches);
          maps.add(layers.conv(name + ".3", Convolution.of(WIDTH, WIDTH, 1)).apply(seen));
        }
      }
      Convolution half = Convolution.of(WIDTH, WIDTH, 3).stride(2);
      maps.set(3, layers.conv("pretrained.act_postprocess4.4", half).apply(maps.get(3)));
      DenseDecoder decoder = new DenseDecoder(layers, SCRATCH, FUSED);
      return layers.giving(
          decoder.head(
              decoder.fuse(maps, STAGE_WIDTHS[0], STAGE_WIDTHS[1], WIDTH, WIDTH),
              SCRATCH + "output_conv.0",
              SCRATCH + "output_conv.2",
              SCRATCH + "output_conv.4",
              HIDDEN,
              picture.rows(),
              picture.columns()));
    }

    /** The outputs of the three stages, a quarter, an eighth and a sixteenth of the size. */
    private List<Value> backbone(Value picture) {
      Convolution first = Convolution.of(3, STEM, 7).stride(2).padding(0);
      Value h = picture.pad(List.of(2, 3, 2, 3));
      h = standardised(h, BACKBONE + "stem.", "conv", "norm", first).relu();
      // what is activated is not negative, so zeros at the border never win
      h = h.pad(List.of(0, 1, 0, 1)).maxPool(3, 2, 0);
      int in = STEM;
      List<Value> maps = new ArrayList<>();
      for (int stage = 0; stage < STAGES.length; stage++) {
        for (int i = 0; i < STAGES[stage]; i++) {
          String name = BACKBONE + "stages.%d.blocks.%d.".formatted(stage, i);
          h = bottleneck(h, name, in, STAGE_WIDTHS[stage], i == 0, i == 0 && stage > 0 ? 2 : 1);
          in = STAGE_WIDTHS[stage];
        }
        maps.add(h);
      }
      return maps;
    }

    private Value bottleneck(Value x, String name, int in, int out, boolean projected, int stride) {
      int inner = out / 4;
      Value h = standardised(x, name, "conv1", "norm1", Convolution.of(in, inner, 1)).relu();
      Convolution middle = Convolution.of(inner, inner, 3).stride(stride);
      if (stride == 2) { // right and below alone
        h = h.pad(List.of(0, 1, 0, 1));
        middle = middle.padding(0);
      }
      h = standardised(h, name, "conv2", "norm2", middle).relu();
      h = standardised(h, name, "conv3", "norm3", Convolution.of(inner, out, 1));
      Convolution beside = Convolution.of(in, out, 1).stride(stride);
      Value shortcut =
          projected ? standardised(x, name + "downsample.", "conv", "norm", beside) : x;
      return h.plus(shortcut).relu();
    }

    /**
     * A convolution whose kernels have mean 0 and variance 1 (S. Qiao et al., arXiv 1903.10520),
     * and group norm.
     */
    private Value standardised(Value x, String name, String conv, String norm, Convolution shape) {
      return layers
          .groupNorm(name + norm, shape.out(), GROUPS, GROUP_EPSILON)
          .apply(layers.conv(name + conv, shape.noBias(), even(name + conv, shape)).apply(x));
    }

    private static Derivation even(String name, Convolution shape) {
      long side = shape.side();
      Part kernel = Part.of(name + ".weight", (long) shape.out(), (long) shape.in(), side, side);
      return new Derivation(
          List.of(kernel),
          parts -> {
            float[] values = parts.get(0);
            int each = values.length / shape.out();
            for (int from = 0; from < values.length; from += each) {
              standardise(values, from, from + each);
            }
            return values;
          });
    }

    private static void standardise(float[] values, int from, int to) {
      double sum = 0;
      double squares = 0;
      for (int i = from; i < to; i++) {
        sum += values[i];
        squares += (double) values[i] * values[i];
      }
      double mean = sum / (to - from);
      double scale = 1 / Math.sqrt(squares / (to - from) - mean * mean + KERNEL_EPSILON);
      for (int i = from; i < to; i++) {
        values[i] = (float) ((values[i] - mean) * scale);
      }
    }
  }
}
