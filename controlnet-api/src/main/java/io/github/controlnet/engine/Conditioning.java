package io.github.controlnet.engine;

import java.util.List;
import java.util.OptionalDouble;

/**
 * What each image of each guidance branch is conditioned on: its text first of all, and whatever
 * else a family of models wants to be told. With classifier-free guidance there are two branches,
 * by convention the unconditional one first; without it there is one.
 *
 * <p>Immutable. Made by {@link #of} and the methods named {@code with}; more of those may be added.
 * A network reads what it has a place for and takes no notice of the rest, so that a denoiser and
 * its controls can be given the same; what it needs and does not find, it asks for with an {@link
 * IllegalArgumentException} when the run starts.
 */
public final class Conditioning {
  private final EncodedText text;
  private final List<List<Integer>> branches;
  private final List<Integer> perturbed;
  private final List<List<Double>> sizeIds;
  private final OptionalDouble guidance;

  private Conditioning(
      EncodedText text,
      List<List<Integer>> branches,
      List<Integer> perturbed,
      List<List<Double>> sizeIds,
      OptionalDouble guidance) {
    this.text = text;
    this.branches = branches;
    this.perturbed = perturbed;
    this.sizeIds = sizeIds;
    this.guidance = guidance;
  }

  /**
   * Creates a conditioning on text alone.
   *
   * @param text the encoded texts
   * @param branches for each branch, for each image of the batch, the row of {@code text}; at least
   *     one branch, and in each as many images, at least one
   * @return the conditioning
   * @throws IllegalArgumentException when a row is not there, or branches differ in their images
   */
  public static Conditioning of(EncodedText text, List<List<Integer>> branches) {
    List<List<Integer>> rows = branches.stream().map(List::copyOf).toList();
    if (rows.isEmpty() || rows.get(0).isEmpty()) {
      throw new IllegalArgumentException(
          "The branches are %s; expected at least one, of at least one image.".formatted(rows));
    }
    int images = rows.get(0).size();
    for (int branch = 0; branch < rows.size(); branch++) {
      if (rows.get(branch).size() != images) {
        throw new IllegalArgumentException(
            "Branch %d names %d texts for %d images; expected one for each."
                .formatted(branch, rows.get(branch).size(), images));
      }
      for (int row : rows.get(branch)) {
        if (row < 0 || row >= text.texts()) {
          throw new IllegalArgumentException(
              "Branch %d names text %d; there are %d texts, counted from 0."
                  .formatted(branch, row, text.texts()));
        }
      }
    }
    return new Conditioning(text, rows, List.of(), List.of(), OptionalDouble.empty());
  }

  /**
   * Perturbs branches: their self-attention in the middle block of the denoiser looks at nothing
   * but the place itself, so that its result is the value there. For perturbed-attention guidance
   * (Ahn et al. 2024, arXiv:2403.17377, equation 12). It is a matter of the denoiser alone; control
   * networks take no notice.
   *
   * @param perturbedBranches the branches, as ascending indices; empty for none
   * @return this conditioning with them
   * @throws IllegalArgumentException when they do not ascend or are not there
   */
  public Conditioning withPerturbed(List<Integer> perturbedBranches) {
    int before = -1;
    for (int branch : perturbedBranches) {
      if (branch <= before || branch >= branches.size()) {
        throw new IllegalArgumentException(
            "The perturbed branches %s are not legal; expected ascending numbers from 0 to %d."
                .formatted(perturbedBranches, branches.size() - 1));
      }
      before = branch;
    }
    return new Conditioning(text, branches, List.copyOf(perturbedBranches), sizeIds, guidance);
  }

  /**
   * Tells the sizes that SDXL is conditioned on (Podell et al. 2023, arXiv:2307.01952, section 2.2;
   * diffusers: {@code time_ids}).
   *
   * @param ids for each branch, the numbers in the family's order, for all images alike: in pixels,
   *     original height and width, top and left of the crop, target height and width; for the
   *     refiner the aesthetic score in place of the target
   * @return this conditioning with them
   * @throws IllegalArgumentException unless there is one list for each branch, all of one length
   */
  public Conditioning withSizeIds(List<List<Double>> ids) {
    boolean fit =
        ids.size() == branches.size() && ids.stream().map(List::size).distinct().count() == 1;
    if (!fit) {
      throw new IllegalArgumentException(
          "The size ids are %s; expected one list for each of %d branches, all as long."
              .formatted(ids, branches.size()));
    }
    return new Conditioning(
        text, branches, perturbed, ids.stream().map(List::copyOf).toList(), guidance);
  }

  /**
   * Tells the guidance scale to a network that was distilled to guide itself (Meng et al. 2022,
   * arXiv:2210.03142, section 3.1), for all branches and images alike.
   *
   * @param scale the scale, finite
   * @return this conditioning with it
   * @throws IllegalArgumentException when it is not finite
   */
  public Conditioning withGuidance(double scale) {
    if (!Double.isFinite(scale)) {
      throw new IllegalArgumentException(
          "The embedded guidance scale is %s; expected a finite number.".formatted(scale));
    }
    return new Conditioning(text, branches, perturbed, sizeIds, OptionalDouble.of(scale));
  }

  /**
   * Returns the texts.
   *
   * @return hidden states, and pooled vectors where the family has them
   */
  public EncodedText text() {
    return text;
  }

  /**
   * Returns which text each image reads.
   *
   * @return for each branch, for each image of the batch, the row of {@link #text()}
   */
  public List<List<Integer>> branches() {
    return branches;
  }

  /**
   * Returns the perturbed branches.
   *
   * @return ascending indices; empty for none
   */
  public List<Integer> perturbed() {
    return perturbed;
  }

  /**
   * Returns the sizes.
   *
   * @return one list for each branch; empty when none were told
   */
  public List<List<Double>> sizeIds() {
    return sizeIds;
  }

  /**
   * Returns the guidance scale for networks that take it as an input.
   *
   * @return empty when none was told
   */
  public OptionalDouble guidance() {
    return guidance;
  }

  /**
   * Returns the number of images in the batch.
   *
   * @return at least 1
   */
  public int images() {
    return branches.get(0).size();
  }
}
