package io.github.controlnet.tck.gaussian;

import io.github.controlnet.engine.EncodedText;
import io.github.controlnet.engine.TextBatch;
import io.github.controlnet.engine.TextEncoder;
import io.github.controlnet.engine.TextEncoderSpec;
import io.github.controlnet.tck.gaussian.GaussianEngine.Probe;

/**
 * Turns a text into the mean of the data that it describes: each token's hidden state is the mean
 * that the text describes up to there, in each of its values.
 */
final class GaussianTextEncoder extends GaussianComponent implements TextEncoder {
  private final TextEncoderSpec spec;

  GaussianTextEncoder(TextEncoderSpec spec, Probe probe) {
    super("text", probe);
    this.spec = spec;
  }

  @Override
  public EncodedText encode(TextBatch batch) {
    run();
    if (batch.skippedLayers() < 0 || batch.skippedLayers() >= spec.layers()) {
      throw new IllegalArgumentException(
          "%d of %d layers cannot be skipped.".formatted(batch.skippedLayers(), spec.layers()));
    }
    int[][] tokens = batch.tokens();
    double share = 1 - (double) batch.skippedLayers() / spec.layers();
    float[] states = new float[tokens.length * tokens[0].length * spec.width()];
    int at = 0;
    for (int text = 0; text < tokens.length; text++) {
      double[] embeddings = embeddings(batch, text);
      for (int token = 1; token <= embeddings.length; token++) {
        float mean = (float) (share * GaussianEngine.mean(embeddings, token));
        for (int i = 0; i < spec.width(); i++) {
          states[at++] = mean;
        }
      }
    }
    return EncodedText.of(tokens.length, tokens[0].length, spec.width(), states);
  }

  /** A token's embedding is its id; a vector in its place counts as its sum. */
  private static double[] embeddings(TextBatch batch, int text) {
    int[] tokens = batch.tokens()[text];
    double[] embeddings = new double[tokens.length];
    for (int i = 0; i < tokens.length; i++) {
      embeddings[i] = tokens[i];
    }
    for (TextBatch.Replacement replacement : batch.replacements()) {
      if (replacement.text() == text) {
        double sum = 0;
        for (float value : replacement.vector()) {
          sum += value;
        }
        embeddings[replacement.position()] = sum;
      }
    }
    return embeddings;
  }

  /** The mean that a whole text describes: what its last token says. */
  static double mean(EncodedText text, int row) {
    return text.hiddenStates()[((row + 1) * text.tokens() - 1) * text.width()];
  }
}
