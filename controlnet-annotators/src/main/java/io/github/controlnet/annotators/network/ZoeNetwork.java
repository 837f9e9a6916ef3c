package io.github.controlnet.annotators.network;

import static io.github.controlnet.core.network.ScriptWriter.number;

import io.github.controlnet.WeightsException;
import io.github.controlnet.core.network.Convolution;
import io.github.controlnet.spi.engine.WeightSource.TensorInfo;
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

  @Override
  public void write(Layers layers, Map<String, TensorInfo> tensors) {
    new Writer(layers, new StoredShapes(tensors)).write();
  }

  private record Writer(Layers layers, StoredShapes stored) {
    void write() {
      String picture = layers.begin();
      String rows = layers.rows(picture);
      String columns = layers.columns(picture);
      List<String> maps = new ArrayList<>();
      int[] channels = backbone(picture, maps);
      int width = stored.side(SCRATCH + "layer1_rn.weight", 0);
      DenseDecoder decoder = new DenseDecoder(layers, SCRATCH, width);
      List<String> stages = decoder.stages(maps, channels);
      String features =
          decoder.features(
              stages.get(MAPS),
              SCRATCH + "output_conv.0",
              SCRATCH + "output_conv.2",
              HIDDEN,
              rows,
              columns);
      String relative = decoder.last(features, SCRATCH + "output_conv.4", HIDDEN);

      String coarsest = layers.conv(stages.get(0), "conv2", Convolution.of(width, width, 1));
      String distances =
          softplus(perceptron(coarsest, "seed_bin_regressor", width, SEED_HIDDEN, BINS));
      String embedding = perceptron(coarsest, "seed_projector", width, EMBEDDING, EMBEDDING);
      for (int i = 0; i < MAPS; i++) {
        String projected =
            perceptron(stages.get(i + 1), "projectors." + i, width, EMBEDDING, EMBEDDING);
        String both = layers.add_(layers.resizeLike(embedding, projected, true), projected);
        distances = attracted(distances, both, i);
        embedding = projected;
      }
      String seen = layers.cat(features, relative, layers.resize(embedding, rows, columns, true));
      String weighed =
          layers.let(
              "torch.mul(%s, %s)",
              probabilities(seen), layers.resize(distances, rows, columns, true));
      layers.end(layers.let("torch.sum(%s, [1], True)", weighed));
    }

    /** Fills in the maps, the finest first, and returns their channels. */
    private int[] backbone(String picture, List<String> maps) {
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
      String patches = layers.conv(picture, MODEL + "patch_embed.proj", patch);
      RelativePositions positions = RelativePositions.of(layers, patches);
      String h = tokens.of(patches, MODEL + "cls_token");
      int[] channels = new int[MAPS];
      for (int i = 0; i < count; i++) {
        String table = MODEL + "blocks." + i + ".attn.relative_position_bias_table";
        h = blocks.block(h, i, positions.scores(table, stored.side(table, 0), blocks.heads()));
        int map = maps.size();
        if (i + 1 == count * (map + 1) / MAPS) {
          String name = CORE + "pretrained.act_postprocess" + (map + 1);
          channels[map] = stored.side(name + ".3.weight", 0);
          String seen = tokens.readout(h, name + ".0.project.0", patches);
          seen = layers.conv(seen, name + ".3", Convolution.of(width, channels[map], 1));
          maps.add(resized(seen, name + ".4", map, channels[map]));
        }
      }
      return channels;
    }

    /** Four times, twice, once and half the size. */
    private String resized(String x, String name, int map, int width) {
      return switch (map) {
        case 0 ->
            layers.convTranspose(x, name, Convolution.of(width, width, 4).stride(4).padding(0), 0);
        case 1 ->
            layers.convTranspose(x, name, Convolution.of(width, width, 2).stride(2).padding(0), 0);
        case 2 -> x;
        default -> layers.conv(x, name, Convolution.of(width, width, 3).stride(2));
      };
    }

    private String perceptron(String x, String name, int in, int hidden, int out) {
      String h = layers.convRelu(x, name + "._net.0", Convolution.of(in, hidden, 1));
      return layers.conv(h, name + "._net.2", Convolution.of(hidden, out, 1));
    }

    private String softplus(String x) {
      return layers.let("torch.softplus(%s, 1, 20)", x);
    }

    /** Distances, each moved towards the points that the features name, near ones the most. */
    private String attracted(String distances, String features, int map) {
      int count = ATTRACTORS[map];
      String points =
          softplus(perceptron(features, "attractors." + map, EMBEDDING, EMBEDDING, count));
      String before = layers.resizeLike(distances, points, true);
      String moved = "";
      for (int i = 0; i < count; i++) {
        String way = layers.let("torch.sub(torch.narrow(%s, 1, %d, 1), %s)", points, i, before);
        String move =
            layers.let(
                "torch.div(%s, torch.add_(torch.mul_(torch.mul(%1$s, %1$s), %s), 1.))",
                way, number(ATTRACTION));
        moved = moved.isEmpty() ? move : layers.add_(moved, move);
      }
      return layers.add_(layers.let("torch.div_(%s, %d)", moved, count), before);
    }

    /**
     * A binomial distribution over the distances, made sharper or broader by a temperature: [1, 64,
     * rows, columns]. The binomial coefficients are those of Stirling.
     */
    private String probabilities(String seen) {
      int in = HIDDEN + 1 + EMBEDDING;
      String name = "conditional_log_binomial.mlp.";
      String h = layers.conv(seen, name + "0", Convolution.of(in, in / 2, 1));
      h = layers.let("torch.gelu_(%s)", h);
      h = softplus(layers.conv(h, name + "2", Convolution.of(in / 2, 4, 1)));
      h = layers.let("torch.add(%s, %s)", h, number(SMALL));
      String yes = share(h, 0);
      String temperature =
          layers.let(
              "torch.add(torch.mul(%s, %s), %s)",
              share(h, 2),
              number(GREATEST_TEMPERATURE - LEAST_TEMPERATURE),
              number(LEAST_TEMPERATURE));
      String no = layers.let("torch.clamp(torch.rsub(%s, 1.), %s, 1.)", yes, number(SMALL));
      yes = layers.let("torch.clamp(%s, %s, 1.)", yes, number(SMALL));
      String k =
          layers.let(
              "torch.reshape(torch.arange(%d, dtype=%d, layout=None, device=%s), [1, %1$d, 1, 1])",
              BINS, layers.script().dtype(), layers.script().device());
      String rest = layers.let("torch.rsub(%s, %s)", k, number(BINS - 1));
      String logits =
          layers.let(
              "torch.add(torch.add_(torch.mul(%s, torch.log(%s)), torch.mul(%s, torch.log(%s))), %s)",
              k, yes, rest, no, coefficients(k));
      return layers.let("torch.softmax(torch.div_(%s, %s), 1)", logits, temperature);
    }

    /** The first of two channels as a share of both. */
    private String share(String x, int first) {
      return layers.let(
          "torch.div(torch.narrow(%s, 1, %d, 1), torch.add(torch.narrow(%1$s, 1, %2$d, 1), torch.narrow(%1$s, 1, %3$d, 1)))",
          x, first, first + 1);
    }

    /** Logarithms of n over k. */
    private String coefficients(String k) {
      double n = BINS - 1;
      String some = layers.let("torch.add(%s, %s)", k, number(TINY));
      String rest = layers.let("torch.rsub(%s, %s)", some, number(n));
      String more = layers.let("torch.add(%s, %s)", rest, number(TINY));
      return layers.let(
          "torch.sub(torch.rsub(torch.mul(%s, torch.log(%1$s)), %s), torch.mul(%s, torch.log(%s)))",
          some, number(n * Math.log(n)), rest, more);
    }
  }
}
