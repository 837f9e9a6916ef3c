package io.github.controlnet.annotators.networks;

import io.github.controlnet.core.nn.Convolution;
import io.github.controlnet.core.nn.Graph;
import io.github.controlnet.core.nn.Value;
import io.github.controlnet.engine.WeightSource.TensorInfo;
import io.github.controlnet.exception.WeightsException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Depth Anything (L. Yang et al., arXiv 2401.10891) and its second version (arXiv 2406.09414): the
 * vision transformer DINOv2 with patches of 14 x 14 pixels (M. Oquab et al., arXiv 2304.07193) and
 * the decoder of DPT. The size is read from the weights.
 *
 * <p>In: R, G, B, each with ImageNet's mean and deviation, sides multiples of 14. Out: nearness [1,
 * 1, rows, columns], 0 or more, with unknown scale and offset.
 */
public final class DepthAnythingNetwork implements Architecture {
  private static final int PATCH = 14;
  private static final int MAPS = 4;
  private static final int HIDDEN = 32;
  private static final String BACKBONE = "pretrained.";
  private static final String HEAD = "depth_head.";

  /** Which blocks' tokens go to the decoder is all that distinguishes the versions. */
  public enum Version {
    /** The last four. */
    V1 {
      @Override
      List<Integer> blocks(int count) {
        return IntStream.range(count - MAPS, count).boxed().toList();
      }
    },
    /** Each the last of a quarter, but in the large model the first comes one earlier. */
    V2 {
      @Override
      List<Integer> blocks(int count) {
        return IntStream.rangeClosed(1, MAPS)
            .map(i -> count * i / MAPS - (count == 24 && i == 1 ? 2 : 1))
            .boxed()
            .toList();
      }
    };

    /** The blocks whose tokens are decoded, counted from 0. */
    abstract List<Integer> blocks(int count);
  }

  private final Version version;

  /** Chooses a version, of which the weights tell nothing. */
  public DepthAnythingNetwork(Version version) {
    this.version = version;
  }

  @Override
  public String name(String stored) {
    return DepthAnythingNames.original(stored);
  }

  @Override
  public Graph graph(Map<String, TensorInfo> tensors) {
    PictureGraph layers = new PictureGraph();
    StoredShapes stored = new StoredShapes(tensors);
    int width = stored.side(BACKBONE + "cls_token", 2);
    TransformerBlocks blocks = new TransformerBlocks(layers, stored, BACKBONE + "blocks.", width);
    if (blocks.count() < MAPS) {
      throw new WeightsException(
          "the network has %d transformer blocks, expected %d or more; the file is incomplete or of another kind."
              .formatted(blocks.count(), MAPS));
    }
    Tokens tokens = new Tokens(layers, width);
    Value picture = layers.picture(3);
    Value patches =
        layers
            .conv(
                BACKBONE + "patch_embed.proj",
                Convolution.of(3, width, PATCH).stride(PATCH).padding(0))
            .apply(picture);
    Value h = tokens.of(patches, BACKBONE + "cls_token");
    String positions = BACKBONE + "pos_embed";
    h =
        tokens.addPositions(
            h, positions, stored.side(positions, 1), patches, Tokens.Resampling.BICUBIC);
    List<Integer> decoded = version.blocks(blocks.count());
    int[] channels = new int[MAPS];
    List<Value> maps = new ArrayList<>();
    for (int i = 0; i < blocks.count(); i++) {
      h = blocks.block(h, i);
      int map = decoded.indexOf(i);
      if (map >= 0) {
        channels[map] = stored.side(HEAD + "projects." + map + ".weight", 0);
        Value seen = tokens.picture(blocks.norm(h, BACKBONE + "norm"), patches);
        maps.add(reassemble(layers, seen, map, width, channels[map]));
      }
    }
    int fused = stored.side(HEAD + "scratch.layer1_rn.weight", 0);
    DenseDecoder decoder = new DenseDecoder(layers, HEAD + "scratch.", fused);
    return layers.giving(
        decoder.head(
            decoder.fuse(maps, channels),
            HEAD + "scratch.output_conv1",
            HEAD + "scratch.output_conv2.0",
            HEAD + "scratch.output_conv2.2",
            HIDDEN,
            picture.rows(),
            picture.columns()));
  }

  /** Four times, twice, once and half the size. */
  private static Value reassemble(PictureGraph layers, Value x, int map, int in, int out) {
    Value h = layers.conv(HEAD + "projects." + map, Convolution.of(in, out, 1)).apply(x);
    String name = HEAD + "resize_layers." + map;
    return switch (map) {
      case 0 ->
          layers.convTranspose(name, Convolution.of(out, out, 4).stride(4).padding(0), 0).apply(h);
      case 1 ->
          layers.convTranspose(name, Convolution.of(out, out, 2).stride(2).padding(0), 0).apply(h);
      case 2 -> h;
      default -> layers.conv(name, Convolution.of(out, out, 3).stride(2)).apply(h);
    };
  }
}
