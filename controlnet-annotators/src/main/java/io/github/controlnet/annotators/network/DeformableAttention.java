package io.github.controlnet.annotators.network;

import java.util.ArrayList;
import java.util.List;

/**
 * Attention that looks at a few points around a place on maps of several sizes, and learns which
 * (X. Zhu et al., arXiv 2010.04159). The values between places are bilinear. Per head and place
 * that is one weighted sum of as many rows as there are corners around the points, which PyTorch
 * has an operator for.
 */
final class DeformableAttention {
  private static final int HEADS = 8;
  private static final int POINTS = 4;
  private static final int CORNERS = 4;

  private final Layers layers;
  private final int width;
  private final int maps;

  /** The sides of the maps and the number of places before them, each [maps, 1]. */
  private final String rows;

  private final String columns;
  private final String starts;

  /** Where each place lies on each map, [places, 1, maps, 1]; 0 is the middle of the first. */
  private final String down;

  private final String along;

  /**
   * Writes what all layers share.
   *
   * @param width of the tokens
   * @param pictures of the sizes of the maps, whose places are queries and values, one map after
   *     another
   */
  DeformableAttention(Layers layers, int width, List<String> pictures) {
    this.layers = layers;
    this.width = width;
    this.maps = pictures.size();
    List<String> heights = pictures.stream().map(layers::rows).toList();
    List<String> widths = pictures.stream().map(layers::columns).toList();
    List<String> before = new ArrayList<>(List.of("0"));
    for (int i = 0; i + 1 < maps; i++) {
      before.add(
          layers.let(
              "torch.add(%s, torch.mul(%s, %s))", before.get(i), heights.get(i), widths.get(i)));
    }
    this.rows = column(heights);
    this.columns = column(widths);
    this.starts = column(before);
    List<String> downs = new ArrayList<>();
    List<String> alongs = new ArrayList<>();
    for (int i = 0; i < maps; i++) {
      String size = "[%s, %s]".formatted(heights.get(i), widths.get(i));
      downs.add(places(heights.get(i), "[-1, 1]", size));
      alongs.add(places(widths.get(i), "[1, -1]", size));
    }
    this.down = onMaps(downs, rows);
    this.along = onMaps(alongs, columns);
  }

  private String column(List<String> numbers) {
    return layers.let(
        "torch.reshape(torch.tensor([%s], dtype=6, device=%s), [-1, 1])",
        String.join(", ", numbers), layers.script().device());
  }

  /** Where the middles of the places lie on a side, which is 1 long. */
  private String places(String length, String shape, String size) {
    String middles =
        layers.let(
            "torch.div(torch.add(torch.arange(%s, dtype=6, layout=None, device=%s), 0.5), %1$s)",
            length, layers.script().device());
    return layers.let(
        "torch.reshape(torch.expand(torch.reshape(%s, %s), %s), [-1])", middles, shape, size);
  }

  private String onMaps(List<String> places, String lengths) {
    return layers.let(
        "torch.sub(torch.mul(torch.reshape(torch.cat([%s]), [-1, 1, 1, 1]), %s), 0.5)",
        String.join(", ", places), lengths);
  }

  /**
   * Writes a layer.
   *
   * @param queries [1, places, width]
   * @param values [1, places, width]
   * @param name of its weights
   * @return [1, places, width]
   */
  String layer(String queries, String values, String name) {
    int each = maps * POINTS;
    String moves =
        layers.let(
            "torch.reshape(%s, [-1, %d, %d, %d, 2])",
            layers.linear(queries, name + ".sampling_offsets", width, 2 * HEADS * each),
            HEADS,
            maps,
            POINTS);
    String weights =
        layers.let(
            "torch.reshape(torch.softmax(torch.reshape(%s, [-1, %d, %d]), -1), [-1, %2$d, %d, %d, 1])",
            layers.linear(queries, name + ".attention_weights", width, HEADS * each),
            HEADS,
            each,
            maps,
            POINTS);
    Corners x = corners(moves, 0, along, columns);
    Corners y = corners(moves, 1, down, rows);
    String above = layers.let("torch.add_(torch.mul(%s, %s), %s)", y.first(), columns, starts);
    String below = layers.let("torch.add_(torch.mul(%s, %s), %s)", y.second(), columns, starts);
    String places = products("add", above, below, x.first(), x.second());
    String heads =
        layers.let(
            "torch.reshape(torch.arange(%d, dtype=6, layout=None, device=%s), [-1, 1, 1, 1])",
            HEADS, layers.script().device());
    String entries =
        layers.let(
            "torch.reshape(torch.to(torch.add_(torch.mul_(%s, %d), %s), 3), [-1])",
            places, HEADS, heads);
    String shares =
        products("mul", y.firstShare(), y.secondShare(), x.firstShare(), x.secondShare());
    shares = layers.let("torch.reshape(torch.mul_(%s, %s), [-1])", shares, weights);
    String table =
        layers.let(
            "torch.reshape(%s, [-1, %d])",
            layers.linear(values, name + ".value_proj", width, width), width / HEADS);
    String sums =
        layers.let(
            "(torch.embedding_bag(%s, %s, torch.arange(0, torch.numel(%2$s), %d, dtype=3, layout=None, device=%s), False, 0, False, %s, False))[0]",
            table, entries, each * CORNERS, layers.script().device(), shares);
    String h = layers.let("torch.reshape(%s, [1, -1, %d])", sums, width);
    return layers.linear(h, name + ".output_proj", width, width);
  }

  /**
   * The two places around a point along a side, and how much each counts: nothing beyond the map.
   */
  private record Corners(String first, String second, String firstShare, String secondShare) {}

  private Corners corners(String moves, int axis, String from, String lengths) {
    String at = layers.let("torch.add(torch.select(%s, 4, %d), %s)", moves, axis, from);
    String floor = layers.let("torch.floor(%s)", at);
    String share = layers.let("torch.sub_(%s, %s)", at, floor);
    String last = layers.let("torch.sub(%s, 1)", lengths);
    String first = inside(floor, last);
    String firstShare =
        layers.let("torch.mul_(torch.rsub(%s, 1), torch.eq(%s, %s))", share, first, floor);
    String next = layers.let("torch.add_(%s, 1)", floor);
    String second = inside(next, last);
    String secondShare = layers.let("torch.mul_(%s, torch.eq(%s, %s))", share, second, next);
    return new Corners(first, second, firstShare, secondShare);
  }

  private String inside(String place, String last) {
    return layers.let("torch.minimum(torch.clamp_min(%s, 0), %s)", place, last);
  }

  /** What both sides give together: [places, heads, maps, points, corners]. */
  private String products(String operator, String y0, String y1, String x0, String x1) {
    return layers.let(
        "torch.stack([torch.%1$s(%2$s, %4$s), torch.%1$s(%2$s, %5$s), torch.%1$s(%3$s, %4$s), torch.%1$s(%3$s, %5$s)], 4)",
        operator, y0, y1, x0, x1);
  }
}
