package io.github.controlnet.core.pipeline;

import io.github.controlnet.PromptEmbeddings;
import io.github.controlnet.core.pipeline.TextPlan.PlannedText;
import io.github.controlnet.core.text.PromptChunk;
import io.github.controlnet.spi.engine.TextBatch;
import io.github.controlnet.spi.engine.TextBatch.Replacement;
import io.github.controlnet.spi.engine.TextEncoder;
import io.github.controlnet.spi.engine.TextStates;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** From the texts of a plan to text states. */
final class PromptEncoder {
  private final TextEncoder encoder;
  private final TextPlan plan;

  /**
   * Prepares.
   *
   * @param encoder loaded
   */
  PromptEncoder(TextEncoder encoder, TextPlan plan) {
    this.encoder = encoder;
    this.plan = plan;
  }

  /** Encodes all texts; the caller closes the states. */
  TextStates encode() {
    List<PlannedText> texts = plan.texts();
    if (texts.stream().allMatch(PromptEncoder::isSimple)) {
      return encode(texts.stream().map(text -> text.chunks().get(0)).toList());
    }
    List<float[]> rows =
        texts.get(0).given().isPresent()
            ? texts.stream()
                .flatMap(text -> text.given().stream())
                .map(PromptEmbeddings::values)
                .toList()
            : chunked();
    float[] all = new float[rows.size() * rows.get(0).length];
    for (int i = 0; i < rows.size(); i++) {
      System.arraycopy(rows.get(i), 0, all, i * rows.get(0).length, rows.get(0).length);
    }
    return encoder.states(all, rows.size());
  }

  /** One chunk as it is: what the text encoder gives need not leave the engine. */
  private static boolean isSimple(PlannedText text) {
    return text.chunks().size() == 1 && !text.chunks().get(0).isWeighted();
  }

  private TextStates encode(List<PromptChunk> chunks) {
    List<Replacement> replacements = new ArrayList<>();
    for (int i = 0; i < chunks.size(); i++) {
      for (PromptChunk.Inserted each : chunks.get(i).inserted()) {
        replacements.add(new Replacement(i, each.position(), each.vector()));
      }
    }
    int[][] tokens = chunks.stream().map(PromptChunk::tokens).toArray(int[][]::new);
    return encoder.encode(new TextBatch(tokens, plan.skippedLayers(), replacements));
  }

  /** Chunk after chunk for each text, the shorter ones filled up with empty ones. */
  private List<float[]> chunked() {
    int longest = plan.texts().stream().mapToInt(text -> text.chunks().size()).max().orElse(1);
    List<PromptChunk> chunks = new ArrayList<>();
    for (PlannedText text : plan.texts()) {
      chunks.addAll(text.chunks());
      for (int i = text.chunks().size(); i < longest; i++) {
        chunks.add(plan.empty());
      }
    }
    float[] states;
    try (TextStates encoded = encode(chunks)) {
      states = encoded.toArray();
    }
    int each = states.length / chunks.size();
    for (int i = 0; i < chunks.size(); i++) {
      // states that are not one for each token are of an engine that will not take them back
      boolean oneEach = each % chunks.get(i).weights().length == 0;
      if (oneEach && chunks.get(i).isWeighted()) {
        weigh(states, i * each, each, chunks.get(i).weights());
      }
    }
    List<float[]> rows = new ArrayList<>();
    for (int i = 0; i < plan.texts().size(); i++) {
      rows.add(Arrays.copyOfRange(states, i * longest * each, (i + 1) * longest * each));
    }
    return rows;
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
