package io.github.controlnet.core.pipeline.plan;

import io.github.controlnet.Guidance;
import io.github.controlnet.core.pipeline.condition.Branch;
import io.github.controlnet.core.pipeline.condition.Timeline;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Says which branches a step needs, and makes one prediction of theirs. */
public final class Guider {
  private final Guidance guidance;
  private final Timeline timeline;
  private final double[] scales;

  Guider(Guidance guidance, Timeline timeline) {
    this.guidance = guidance;
    this.timeline = timeline;
    this.scales = timeline.scales(guidance.scale(), "guidance scale");
  }

  /** The branches that an evaluation needs, in their order; what has no effect is left out. */
  public List<Branch> branches(int evaluation) {
    if (!timeline.within(evaluation, guidance.start(), guidance.end())) {
      return List.of(Branch.CONDITIONAL);
    }
    List<Branch> branches = new ArrayList<>();
    if (scales[evaluation] != 1) {
      branches.add(Branch.UNCONDITIONAL);
    }
    branches.add(Branch.CONDITIONAL);
    if (guidance.perturbedScale() != 0) {
      branches.add(Branch.PERTURBED);
    }
    return List.copyOf(branches);
  }

  /** Tells whether any evaluation needs a branch. */
  boolean needs(Branch branch) {
    for (int i = 0; i < timeline.evaluations(); i++) {
      if (branches(i).contains(branch)) {
        return true;
      }
    }
    return false;
  }

  /**
   * Combines the predictions of the branches into one.
   *
   * @param prediction [branches, images, ...]
   * @param images the batch
   */
  public float[] combine(int evaluation, float[] prediction, int images) {
    List<Branch> branches = branches(evaluation);
    int size = prediction.length / branches.size();
    int conditional = branches.indexOf(Branch.CONDITIONAL) * size;
    float[] combined = Arrays.copyOfRange(prediction, conditional, conditional + size);
    if (branches.contains(Branch.UNCONDITIONAL)) {
      float scale = (float) scales[evaluation];
      for (int i = 0; i < size; i++) {
        combined[i] = prediction[i] + scale * (combined[i] - prediction[i]);
      }
    }
    if (branches.contains(Branch.PERTURBED)) {
      int perturbed = branches.indexOf(Branch.PERTURBED) * size;
      float scale = (float) guidance.perturbedScale();
      for (int i = 0; i < size; i++) {
        combined[i] += scale * (prediction[conditional + i] - prediction[perturbed + i]);
      }
    }
    if (branches.size() > 1 && guidance.rescale() != 0) {
      rescale(combined, prediction, conditional, images);
    }
    return combined;
  }

  /** Lin et al. 2023, arXiv:2305.08891, equations 15 and 16, image by image. */
  private void rescale(float[] combined, float[] prediction, int conditional, int images) {
    int size = combined.length / images;
    for (int image = 0; image < images; image++) {
      double deviation = deviation(combined, image * size, size);
      if (deviation == 0) {
        continue; // constant: there is nothing to scale
      }
      double ratio = deviation(prediction, conditional + image * size, size) / deviation;
      float factor = (float) (guidance.rescale() * ratio + 1 - guidance.rescale());
      for (int i = image * size; i < (image + 1) * size; i++) {
        combined[i] *= factor;
      }
    }
  }

  private static double deviation(float[] values, int from, int count) {
    double mean = 0;
    for (int i = from; i < from + count; i++) {
      mean += values[i];
    }
    mean /= count;
    double squares = 0;
    for (int i = from; i < from + count; i++) {
      squares += (values[i] - mean) * (values[i] - mean);
    }
    return Math.sqrt(squares / count);
  }
}
