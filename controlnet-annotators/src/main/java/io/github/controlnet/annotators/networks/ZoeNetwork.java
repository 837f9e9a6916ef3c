package io.github.controlnet.annotators.networks;

import io.github.controlnet.core.nn.Activation;
import io.github.controlnet.core.nn.Convolution;
import io.github.controlnet.core.nn.Graph;
import io.github.controlnet.core.nn.Operand.Symbol;
import io.github.controlnet.core.nn.Value;
import io.github.controlnet.engine.WeightSource.TensorInfo;
import io.github.controlnet.exception.WeightsException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * ZoeDepth (S. Bhat et al., arXiv 2302.12288) of ZoeD_M12_N.pt: the transformer BEiT with the
 * decoder of DPT, and a head that says how probable each of 64 distances is at each pixel, the
 * distances too found pixel by pixel. Widths and depth are read from the weights.
 *
 * <p>In: R, G, B, each -1 to 1, sides multiples of 32. Out: metres [1, 1, rows, columns].
 */
public final class ZoeNetwork implements Architecture {
  private static final int PATCH = 16;
  private static final int MAPS = 4;
  private static final int HIDDEN = 32;
  private static final String CORE = "core.core.";
  private static final String MODEL = CORE + "pretrained.model.";
  private static final String SCRATCH = CORE + "scratch.";

  /** The distances of a pixel, before and after each map of the decoder. */
  private static final int BINS = 64;

  private static final int EMBEDDING = 128;
  private static final int SEED_HIDDEN = 256;
  private static final int[] ATTRACTORS = {16, 8, 4, 1};
  private static final double ATTRACTION = 300;

  /** How broad the distribution over the distances may be. */
  private static final double LEAST_TEMPERATURE = 0.0212;

  private static final double GREATEST_TEMPERATURE = 50;
  private static final double SMALL = 1e-4;
  private static final double TINY = 1e-7;

  /** BEiT's scales under the name that other transformers give theirs. */
  @Override
  public String name(String stored) {
    return stored.replaceFirst("\\.gamma_([12])$", ".ls$1.gamma");
  }

  @Override
  public Graph graph(Map<String, TensorInfo> tensors) {
    PictureGraph layers = new PictureGraph();
    return new Writer(layers, new StoredShapes(tensors)).write();
  }

  private record Writer(PictureGraph layers, StoredShapes stored) {
    Graph write() {
      Value picture = layers.picture(3);
      Value rows = picture.rows();
      Value columns = picture.columns();
      List<Value> maps = new ArrayList<>();
      int[] channels = backbone(picture, maps);
      int width = stored.side(SCRATCH + "layer1_rn.weight", 0);
      DenseDecoder decoder = new DenseDecoder(layers, SCRATCH, width);
      List<Value> stages = decoder.stages(maps, channels);
      Value features =
          decoder.features(
              stages.get(MAPS),
              SCRATCH + "output_conv.0",
              SCRATCH + "output_conv.2",
              HIDDEN,
              rows,
              columns);
      Value relative = decoder.last(features, SCRATCH + "output_conv.4", HIDDEN);

      Value coarsest = layers.conv("conv2", Convolution.of(width, width, 1)).apply(stages.get(0));
      Value distances =
          softplus(perceptron(coarsest, "seed_bin_regressor", width, SEED_HIDDEN, BINS));
      Value embedding = perceptron(coarsest, "seed_projector", width, EMBEDDING, EMBEDDING);
      for (int i = 0; i < MAPS; i++) {
        Value projected =
            perceptron(stages.get(i + 1), "projectors." + i, width, EMBEDDING, EMBEDDING);
        Value both = embedding.resizeLike(projected, true).plus(projected);
        distances = attracted(distances, both, i);
        embedding = projected;
      }
      Value seen = features.cat(1, relative, embedding.resize(rows, columns, true));
      Value weighed = probabilities(seen).times(distances.resize(rows, columns, true));
      return layers.giving(weighed.sum(1));
    }

    /** Fills in the maps, the finest first, and returns their channels. */
    private int[] backbone(Value picture, List<Value> maps) {
      int width = stored.side(MODEL + "cls_token", 2);
      TransformerBlocks blocks = new TransformerBlocks(layers, stored, MODEL + "blocks.", width);
      int count = blocks.count();
      if (count < MAPS) {
        throw new WeightsException(
            "the network has %d transformer blocks, expected 24; the file is incomplete or of another kind."
                .formatted(count));
      }
      Tokens tokens = new Tokens(layers, width);
      Convolution patch = Convolution.of(3, width, PATCH).stride(PATCH).padding(0);
      Value patches = layers.conv(MODEL + "patch_embed.proj", patch).apply(picture);
      RelativePositions positions = RelativePositions.of(layers, patches);
      Value h = tokens.of(patches, MODEL + "cls_token");
      int[] channels = new int[MAPS];
      for (int i = 0; i < count; i++) {
        String table = MODEL + "blocks." + i + ".attn.relative_position_bias_table";
        h = blocks.block(h, i, positions.scores(table, stored.side(table, 0), blocks.heads()));
        int map = maps.size();
        if (i + 1 == count * (map + 1) / MAPS) {
          String name = CORE + "pretrained.act_postprocess" + (map + 1);
          channels[map] = stored.side(name + ".3.weight", 0);
          Value seen = tokens.readout(h, name + ".0.project.0", patches);
          seen = layers.conv(name + ".3", Convolution.of(width, channels[map], 1)).apply(seen);
          maps.add(resized(seen, name + ".4", map, channels[map]));
        }
      }
      return channels;
    }

    /** Four times, twice, once and half the size. */
    private Value resized(Value x, String name, int map, int width) {
      return switch (map) {
        case 0 ->
            layers
                .convTranspose(name, Convolution.of(width, width, 4).stride(4).padding(0), 0)
                .apply(x);
        case 1 ->
            layers
                .convTranspose(name, Convolution.of(width, width, 2).stride(2).padding(0), 0)
                .apply(x);
        case 2 -> x;
        default -> layers.conv(name, Convolution.of(width, width, 3).stride(2)).apply(x);
      };
    }

    private Value perceptron(Value x, String name, int in, int hidden, int out) {
      Value h =
          layers.conv(name + "._net.0", Convolution.of(in, hidden, 1)).apply(x, Activation.RELU);
      return layers.conv(name + "._net.2", Convolution.of(hidden, out, 1)).apply(h);
    }

    private Value softplus(Value x) {
      return x.softplus();
    }

    /** Distances, each moved towards the points that the features name, near ones the most. */
    private Value attracted(Value distances, Value features, int map) {
      int count = ATTRACTORS[map];
      Value points =
          softplus(perceptron(features, "attractors." + map, EMBEDDING, EMBEDDING, count));
      Value before = distances.resizeLike(points, true);
      Value moved = move(points, before, 0);
      for (int i = 1; i < count; i++) {
        moved = moved.plus(move(points, before, i));
      }
      return moved.over(count).plus(before);
    }

    private static Value move(Value points, Value before, int number) {
      Value way = points.narrow(1, number, 1).minus(before);
      return way.over(way.times(way).times(ATTRACTION).plus(1.));
    }

    /**
     * A binomial distribution over the distances, made sharper or broader by a temperature: [1, 64,
     * rows, columns]. The binomial coefficients are those of Stirling.
     */
    private Value probabilities(Value seen) {
      int in = HIDDEN + 1 + EMBEDDING;
      String name = "conditional_log_binomial.mlp.";
      Value h = layers.conv(name + "0", Convolution.of(in, in / 2, 1)).apply(seen);
      h = h.gelu();
      h = softplus(layers.conv(name + "2", Convolution.of(in / 2, 4, 1)).apply(h));
      h = h.plus(SMALL);
      Value yes = share(h, 0);
      Value temperature =
          share(h, 2).times(GREATEST_TEMPERATURE - LEAST_TEMPERATURE).plus(LEAST_TEMPERATURE);
      Value no = yes.from(1.).clamp(SMALL, 1.);
      yes = yes.clamp(SMALL, 1.);
      Value k = layers.method().range(BINS, Symbol.ACTIVATIONS).reshape(1, BINS, 1, 1);
      Value rest = k.from((double) (BINS - 1));
      Value logits = k.times(yes.log()).plus(rest.times(no.log())).plus(coefficients(k));
      return logits.over(temperature).softmax(1);
    }

    /** The first of two channels as a share of both. */
    private Value share(Value x, int first) {
      return x.narrow(1, first, 1).over(x.narrow(1, first, 1).plus(x.narrow(1, first + 1, 1)));
    }

    /** Logarithms of n over k. */
    private Value coefficients(Value k) {
      double n = BINS - 1;
      Value some = k.plus(TINY);
      Value rest = some.from(n);
      Value more = rest.plus(TINY);
      return some.times(some.log()).from(n * Math.log(n)).minus(rest.times(more.log()));
    }
  }
}
