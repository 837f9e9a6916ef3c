package io.github.controlnet.core.pipeline.condition;

import io.github.controlnet.PromptEmbeddings;
import io.github.controlnet.core.family.TextRecipe;
import io.github.controlnet.core.pipeline.condition.TextPlan.PlannedText;
import io.github.controlnet.core.text.PromptChunk;
import io.github.controlnet.engine.EncodedText;
import io.github.controlnet.engine.TextBatch;
import io.github.controlnet.engine.TextBatch.Replacement;
import io.github.controlnet.engine.TextEncoder;
import java.util.ArrayList;
import java.util.List;

/** From the texts of a plan to hidden states. */
public final class PromptEncoder {
  private final List<TextEncoder> encoders;
  private final TextRecipe recipe;
  private final TextPlan plan;

  /**
   * Prepares.
   *
   * @param encoders those of the recipe, loaded
   * @param recipe how what they give is joined
   */
  public PromptEncoder(List<TextEncoder> encoders, TextRecipe recipe, TextPlan plan) {
    this.encoders = encoders;
    this.recipe = recipe;
    this.plan = plan;
  }

  /** Encodes all texts. */
  public EncodedText encode() {
    List<PlannedText> texts = plan.texts();
    if (texts.get(0).given().isPresent()) {
      return joined(texts.stream().flatMap(text -> text.given().stream()).toList());
    }
    List<EncodedText> parts = new ArrayList<>();
    for (int i = 0; i < encoders.size(); i++) {
      parts.add(chunked(encoders.get(i), recipe.encoders().get(i).skippedLayers()));
    }
    return recipe.join(parts);
  }

  private static EncodedText joined(List<PromptEmbeddings> texts) {
    int tokens = texts.get(0).tokens();
    int width = texts.get(0).width();
    float[] all = new float[texts.size() * tokens * width];
    for (int i = 0; i < texts.size(); i++) {
      System.arraycopy(texts.get(i).values(), 0, all, i * tokens * width, tokens * width);
    }
    return EncodedText.of(texts.size(), tokens, width, all);
  }

  private EncodedText encode(TextEncoder encoder, int skipped, List<PromptChunk> chunks) {
    List<Replacement> replacements = new ArrayList<>();
    for (int i = 0; i < chunks.size(); i++) {
      for (PromptChunk.Inserted each : chunks.get(i).inserted()) {
        replacements.add(new Replacement(i, each.position(), each.vector()));
      }
    }
    return encoder.encode(
        TextBatch.of(chunks.stream().map(PromptChunk::tokens).toArray(int[][]::new))
            .withSkippedLayers(plan.skippedLayers() + skipped)
            .withReplacements(replacements));
  }

  /** Chunk after chunk for each text, the shorter ones filled up with empty ones. */
  private EncodedText chunked(TextEncoder encoder, int skipped) {
    int longest = plan.texts().stream().mapToInt(text -> text.chunks().size()).max().orElse(1);
    List<PromptChunk> chunks = new ArrayList<>();
    for (PlannedText text : plan.texts()) {
      chunks.addAll(text.chunks());
      for (int i = text.chunks().size(); i < longest; i++) {
        chunks.add(plan.empty());
      }
    }
    EncodedText encoded = encode(encoder, skipped, chunks);
    float[] states = encoded.hiddenStates();
    int each = encoded.tokens() * encoded.width();
    for (int i = 0; i < chunks.size(); i++) {
      if (chunks.get(i).isWeighted()) {
        weigh(states, i * each, each, chunks.get(i).weights());
      }
    }
    // a text's chunks lie one after another, so they are the tokens of one long text
    return EncodedText.of(plan.texts().size(), longest * encoded.tokens(), encoded.width(), states);
  }

  /**
   * Multiplies each token's state with its weight and restores the mean of them all, as
   * AUTOMATIC1111's web page does.
   */
  private static void weigh(float[] states, int from, int count, double[] weights) {
    int width = count / weights.length;
    double before = 0;
    double after = 0;
    for (int i = 0; i < count; i++) {
      before += states[from + i];
      states[from + i] *= (float) weights[i / width];
      after += states[from + i];
    }
    if (after == 0) {
      return; // all weights are 0: there is nothing to restore
    }
    float ratio = (float) (before / after);
    for (int i = from; i < from + count; i++) {
      states[i] *= ratio;
    }
  }
}
