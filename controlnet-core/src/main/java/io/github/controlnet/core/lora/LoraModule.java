package io.github.controlnet.core.lora;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.function.ToDoubleFunction;

/**
 * What a file holds for one module.
 *
 * @param name the module as the file names it
 * @param method how it is changed, for people
 * @param rank the rank of a product, when there is one
 * @param alpha the number that a product is scaled by, divided by its rank; when it is told
 * @param changes what happens to which of the module's weights: {@code weight} or {@code bias}
 */
record LoraModule(
    String name,
    String method,
    OptionalInt rank,
    OptionalDouble alpha,
    Map<String, Change> changes) {

  /** Takes the tensors of one module apart. */
  static final class Reader {
    private final String name;
    private final Map<Part, Factor> parts;
    private final ToDoubleFunction<Integer> untold;
    private final Map<String, Change> changes = new LinkedHashMap<>();
    private final List<String> methods = new ArrayList<>();
    private OptionalInt rank = OptionalInt.empty();
    private OptionalDouble alpha = OptionalDouble.empty();

    /**
     * Prepares.
     *
     * @param untold from a rank to the factor of a product whose alpha the tensors do not tell
     */
    Reader(String name, Map<Part, Factor> parts, ToDoubleFunction<Integer> untold) {
      this.name = name;
      this.parts = new EnumMap<>(parts);
      this.untold = untold;
    }

    /** What can be told of the module; empty when nothing can. */
    Optional<LoraModule> read() {
      Optional<Factor> told = peek(Part.ALPHA);
      alpha = told.isPresent() ? OptionalDouble.of(told.get().number()) : OptionalDouble.empty();
      product();
      hadamard();
      kronecker();
      stored(Part.DIFF, "weight", "full difference");
      stored(Part.W_NORM, "weight", "norm");
      stored(Part.DIFF_B, "bias", "full difference");
      stored(Part.B_NORM, "bias", "norm");
      rotation();
      rescaled();
      if (changes.isEmpty()) {
        return Optional.empty();
      }
      take(Part.ALPHA);
      return Optional.of(
          new LoraModule(
              name,
              String.join(" and ", methods.stream().distinct().toList()),
              rank,
              alpha,
              Map.copyOf(changes)));
    }

    /** The tensors that {@link #read} has not understood. */
    List<String> left() {
      return parts.values().stream().map(Factor::name).toList();
    }

    private Optional<Factor> peek(Part part) {
      return Optional.ofNullable(parts.get(part));
    }

    private Optional<Factor> take(Part part) {
      return Optional.ofNullable(parts.remove(part));
    }

    private boolean has(Part... all) {
      return parts.keySet().containsAll(List.of(all));
    }

    private void product() {
      if (!has(Part.UP, Part.DOWN)) {
        return;
      }
      Optional<Factor> mid = peek(Part.MID);
      Pair pair = new Pair(peek(Part.UP).orElseThrow(), peek(Part.DOWN).orElseThrow(), mid, false);
      if (!pair.fits()) {
        return;
      }
      List.of(Part.UP, Part.DOWN, Part.MID).forEach(this::take);
      double factor = factor(pair.rank());
      add(mid.isPresent() ? "LoCon with a core" : "LoRA", new Difference.Product(pair), factor);
      take(Part.UP_BIAS)
          .ifPresent(
              bias -> changes.put("bias", new Change.Added(new Difference.Whole(bias), factor)));
    }

    private void hadamard() {
      if (!has(Part.HADA_W1_A, Part.HADA_W1_B, Part.HADA_W2_A, Part.HADA_W2_B)
          || has(Part.HADA_T1) != has(Part.HADA_T2)) {
        return;
      }
      Pair first = pair(Part.HADA_W1_A, Part.HADA_W1_B, Part.HADA_T1);
      Pair second = pair(Part.HADA_W2_A, Part.HADA_W2_B, Part.HADA_T2);
      boolean fit =
          first.fits()
              && second.fits()
              && first.rows() == second.rows()
              && first.columns() == second.columns();
      if (!fit) {
        return;
      }
      List.of(
              Part.HADA_W1_A,
              Part.HADA_W1_B,
              Part.HADA_T1,
              Part.HADA_W2_A,
              Part.HADA_W2_B,
              Part.HADA_T2)
          .forEach(this::take);
      add("LoHa", new Difference.Hadamard(first, second), factor(first.rank()));
    }

    private Pair pair(Part up, Part down, Part core) {
      Optional<Factor> between = peek(core);
      return new Pair(
          peek(up).orElseThrow(), peek(down).orElseThrow(), between, between.isPresent());
    }

    private void kronecker() {
      boolean wholeFirst = has(Part.LOKR_W1);
      boolean wholeSecond = has(Part.LOKR_W2);
      boolean first = wholeFirst || has(Part.LOKR_W1_A, Part.LOKR_W1_B);
      boolean second = wholeSecond || has(Part.LOKR_W2_A, Part.LOKR_W2_B);
      if (!first || !second) {
        return;
      }
      List<Pair> pairs = new ArrayList<>();
      Difference.Side small = side(wholeFirst, Part.LOKR_W1, pairs, Part.LOKR_W1_A, Part.LOKR_W1_B);
      Difference.Side large =
          side(wholeSecond, Part.LOKR_W2, pairs, Part.LOKR_W2_A, Part.LOKR_W2_B);
      if (!pairs.stream().allMatch(Pair::fits)) {
        return;
      }
      List.of(Part.LOKR_W1_A, Part.LOKR_W1_B, Part.LOKR_W2_A, Part.LOKR_W2_B, Part.LOKR_T2)
          .forEach(
              part -> {
                boolean used =
                    (part == Part.LOKR_W1_A || part == Part.LOKR_W1_B) ? !wholeFirst : !wholeSecond;
                if (used) {
                  take(part);
                }
              });
      take(Part.LOKR_W1);
      take(Part.LOKR_W2);
      double factor = pairs.isEmpty() ? 1 : factor(pairs.get(0).rank());
      add("LoKr", new Difference.Kronecker(small, large), factor);
    }

    private Difference.Side side(
        boolean isWhole, Part whole, List<Pair> pairs, Part up, Part down) {
      if (isWhole) {
        return Difference.Side.whole(peek(whole).orElseThrow());
      }
      Pair pair = up == Part.LOKR_W2_A ? pair(up, down, Part.LOKR_T2) : pair(up, down, Part.MID);
      pairs.add(pair);
      return Difference.Side.product(pair);
    }

    private void stored(Part part, String weight, String method) {
      if (!changes.containsKey(weight)) {
        take(part)
            .ifPresent(
                values -> {
                  methods.add(method);
                  changes.put(weight, new Change.Added(new Difference.Whole(values), 1));
                });
      }
    }

    private void rotation() {
      Optional<Factor> blocks = peek(Part.OFT_BLOCKS);
      if (blocks.isEmpty() || !Rotation.isRotation(blocks.get()) || changes.containsKey("weight")) {
        return;
      }
      take(Part.OFT_BLOCKS);
      methods.add(blocks.get().sides() == 4 ? "BOFT" : "OFT");
      changes.put(
          "weight", new Rotation(blocks.get(), take(Part.RESCALE), Math.max(0, alpha.orElse(0))));
    }

    private void rescaled() {
      if (!has(Part.IA3, Part.ON_INPUT) || changes.containsKey("weight")) {
        return;
      }
      methods.add("IA3");
      boolean onInput = take(Part.ON_INPUT).orElseThrow().number() != 0;
      changes.put("weight", new Change.Rescaled(take(Part.IA3).orElseThrow(), onInput));
    }

    private double factor(int ofRank) {
      rank = OptionalInt.of(ofRank);
      // kohya's scripts and LyCORIS take an alpha of 0 for none
      return alpha.isPresent() && alpha.getAsDouble() != 0
          ? alpha.getAsDouble() / ofRank
          : untold.applyAsDouble(ofRank);
    }

    private void add(String method, Difference difference, double factor) {
      Optional<Factor> inputs = take(Part.DORA_SCALE);
      Optional<Factor> magnitude = inputs.or(() -> take(Part.MAGNITUDE));
      methods.add(magnitude.isPresent() ? method + " (DoRA)" : method);
      changes.put(
          "weight",
          magnitude.isPresent()
              ? new Change.Decomposed(
                  difference, factor, magnitude.get(), inputs.map(Reader::ofInputs).orElse(false))
              : new Change.Added(difference, factor));
    }

    /** LyCORIS has the norms of rows as [out, 1 ...], those of inputs as [1, in, 1 ...]. */
    private static boolean ofInputs(Factor scale) {
      return scale.sides() > 1 && scale.side(0) == 1 && scale.info().count() > 1;
    }
  }
}
