package io.github.controlnet.core.pipeline.denoise;

import io.github.controlnet.core.pipeline.condition.Branch;
import io.github.controlnet.core.pipeline.condition.TextPlan;
import io.github.controlnet.core.pipeline.plan.GenerationPlan;
import java.util.List;

/**
 * What stays the same over the evaluations that share prepared networks.
 *
 * @param branches what is asked
 * @param rows about which texts, image by image
 */
record Asked(List<Branch> branches, TextPlan.Rows rows) {
  static Asked at(int evaluation, GenerationPlan plan) {
    return new Asked(plan.guider().branches(evaluation), plan.text().rows(evaluation));
  }

  /** The same for some of the images. */
  Asked part(int from, int to) {
    return new Asked(branches, rows.part(from, to));
  }
}
