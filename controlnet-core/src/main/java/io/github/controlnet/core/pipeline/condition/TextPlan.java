package io.github.controlnet.core.pipeline.condition;

import io.github.controlnet.PromptEmbeddings;
import io.github.controlnet.core.text.PromptChunk;
import java.util.List;
import java.util.Optional;

/**
 * The texts of a generation and which of them counts when.
 *
 * @param texts the distinct texts
 * @param empty what fills up shorter texts to the longest
 * @param skippedLayers layers of the text encoder that are left out
 * @param stages in order; the last reaches to the end
 * @param timeline tells the step of an evaluation
 */
public record TextPlan(
    List<PlannedText> texts,
    PromptChunk empty,
    int skippedLayers,
    List<Stage> stages,
    Timeline timeline) {

  /**
   * A text.
   *
   * @param chunks what goes through the text encoder; empty when the states are given
   * @param given states from outside
   */
  record PlannedText(List<PromptChunk> chunks, Optional<PromptEmbeddings> given) {}

  /**
   * Steps with the same texts.
   *
   * @param lastStep counted from 1
   * @param rows what they read
   */
  record Stage(int lastStep, Rows rows) {}

  /**
   * The rows of the texts that each image reads.
   *
   * @param negative empty when no step needs it
   * @param positive one for each image
   */
  public record Rows(List<Integer> negative, List<Integer> positive) {
    public List<Integer> of(Branch branch) {
      return branch == Branch.UNCONDITIONAL ? negative : positive;
    }

    /** Those of some of the images. */
    public Rows part(int from, int to) {
      return new Rows(
          negative.isEmpty() ? negative : negative.subList(from, to), positive.subList(from, to));
    }
  }

  public Rows rows(int evaluation) {
    int step = timeline.step(evaluation) + 1;
    for (Stage stage : stages) {
      if (step <= stage.lastStep()) {
        return stage.rows();
      }
    }
    return stages.get(stages.size() - 1).rows();
  }
}
