package io.github.controlnet.annotators.networks;

import io.github.controlnet.core.nn.Graph;
import io.github.controlnet.core.nn.Routine;
import io.github.controlnet.core.nn.Shape;
import io.github.controlnet.core.nn.Type;
import io.github.controlnet.core.nn.Value;
import io.github.controlnet.engine.WeightSource.TensorInfo;
import io.github.controlnet.exception.WeightsException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Semantic segmentation by OneFormer (J. Jain et al., arXiv 2211.06220) with a Swin transformer;
 * equal to {@code oneformer_model.py} of github.com/SHI-Labs/OneFormer. The sizes are read from the
 * weights.
 *
 * <p>In: R, G, B, each with ImageNet's mean and deviation, and the rows and columns of the map to
 * make, [2]. Out: logits of classes [1, queries, classes + 1] and of masks [1, queries, rows / 4,
 * columns / 4], the sides rounded up to multiples of 32 before, and the class of every pixel [1, 1,
 * rows, columns] of the map.
 */
public final class OneFormerNetwork implements Architecture {
  /** The place of the classes of pixels among what the network gives. */
  public static final int LABELS = 2;

  private static final int MULTIPLE = 32;
  private static final String PREDICTOR = "sem_seg_head.predictor.";

  /**
   * "The task is semantic" as CLIP's tokens, between those of start and end; the network knows its
   * tasks by these numbers.
   */
  private static final List<Integer> TASK = List.of(49406, 518, 10549, 533, 29119, 1550, 49407);

  /**
   * The class that most of what the queries found speaks for at each pixel. Some queries at a time,
   * since masks of the size of the picture are large. What is too small to matter is kept from
   * becoming smaller than a normal number, with which the product takes ten times as long.
   */
  private static final Routine LABELS_OF =
      new Routine(
          "labels",
          """
            def labels(self: __torch__.Network, classes: Tensor, masks: Tensor, rows: int, columns: int, seen_rows: int, seen_columns: int, size: Tensor) -> Tensor:
              logits = torch.select(classes, 0, 0)
              count = torch.sub(torch.size(logits, 1), 1)
              shares = torch.t(torch.threshold(torch.narrow(torch.softmax(logits, -1), 1, 0, count), 1e-20, 0))
              down = int(torch.select(size, 0, 0))
              across = int(torch.select(size, 0, 1))
              sums = torch.zeros([count, torch.mul(down, across)], dtype=6, layout=None, device=ops.prim.device(logits))
              queries = torch.size(logits, 0)
              for first in range(0, queries, 50):
                some = ops.prim.min(50, torch.sub(queries, first))
                whole = torch.upsample_bilinear2d(torch.narrow(masks, 1, first, some), [rows, columns], False, None, None)
                seen = torch.narrow(torch.narrow(whole, 2, 0, seen_rows), 3, 0, seen_columns)
                found = torch.upsample_bilinear2d(seen, [down, across], False, None, None)
                map = torch.sigmoid_(torch.clamp_min_(found, -40))
                _0 = torch.addmm_(sums, torch.narrow(shares, 1, first, some), torch.reshape(map, [some, -1]))
              return torch.reshape(torch.to(torch.argmax(sums, 0), 6), [1, 1, down, across])
          """,
          Routine.Effect.NONE);

  private final int classes;

  /** Expects a number of classes, by which the files differ. */
  public OneFormerNetwork(int classes) {
    this.classes = classes;
  }

  @Override
  public String name(String stored) {
    return OneFormerNames.original(stored);
  }

  @Override
  public Graph graph(Map<String, TensorInfo> tensors) {
    PictureGraph layers = new PictureGraph("size");
    StoredShapes stored = new StoredShapes(tensors);
    int told = stored.side(PREDICTOR + "class_embed.weight", 0) - 1;
    if (told != classes) {
      throw new WeightsException(
          "the network tells %d classes apart, expected %d; take the annotator of the data set that the file is for."
              .formatted(told, classes));
    }
    Value picture = layers.picture(3);
    Value padded = picture.pad(List.of(0, missing(picture.columns()), 0, missing(picture.rows())));
    SwinTransformer swin = new SwinTransformer(layers, stored, "backbone.");
    List<Integer> channels =
        IntStream.range(0, SwinTransformer.STAGES).map(swin::width).boxed().toList();
    PixelDecoder pixels = new PixelDecoder(layers, stored, "sem_seg_head.pixel_decoder.");
    PixelDecoder.Features features = pixels.decode(swin.maps(padded), channels);
    int width = pixels.width();
    MaskDecoder decoder = new MaskDecoder(layers, stored, PREDICTOR, width);
    MaskDecoder.Found found = decoder.decode(features, task(layers, stored, width));
    Value labels =
        layers
            .method()
            .run(
                LABELS_OF,
                Type.TENSOR,
                Shape.ANY,
                found.classes(),
                found.masks(),
                padded.rows(),
                padded.columns(),
                picture.rows(),
                picture.columns(),
                layers.method().input("size", 2));
    return layers.giving(found.classes(), found.masks(), labels);
  }

  /** What a side lacks to the next multiple. */
  private static Value missing(Value length) {
    return length.negative().remainder(MULTIPLE);
  }

  private static Value task(PictureGraph layers, StoredShapes stored, int width) {
    int length = stored.side("task_mlp.layers.0.weight", 1);
    int[] tokens = Arrays.copyOf(TASK.stream().mapToInt(Integer::intValue).toArray(), length);
    Value h = layers.method().numbers(Arrays.stream(tokens).boxed().toList()).reshape(1, 1, -1);
    h = layers.linear("task_mlp.layers.0", length, width).apply(h).relu();
    return layers.linear("task_mlp.layers.1", width, width).apply(h);
  }
}
