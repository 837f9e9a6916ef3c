package io.github.controlnet.core.torch;

import io.github.controlnet.engine.Conditioning;
import io.github.controlnet.engine.EncodedText;
import io.github.controlnet.engine.LatentShape;
import io.github.controlnet.engine.UNetSpec;
import java.util.List;

/** Checks of what comes in, before anything native sees it. */
public final class Inputs {
  private Inputs() {}

  public static void checkShape(LatentShape shape, int channels) {
    if (shape.channels() != channels
        || shape.images() < 1
        || shape.height() < 1
        || shape.width() < 1) {
      throw new IllegalArgumentException(
          "Latents of shape [%d, %d, %d, %d] do not fit; expected [images, %d, height, width], each at least 1."
              .formatted(
                  shape.images(), shape.channels(), shape.height(), shape.width(), channels));
    }
  }

  public static void checkLength(String what, float[] values, long expected) {
    if (values.length != expected) {
      throw new IllegalArgumentException(
          "%s have %d values; expected %d for their shape."
              .formatted(what, values.length, expected));
    }
  }

  public static void checkTimestep(double timestep) {
    if (!Double.isFinite(timestep)) {
      throw new IllegalArgumentException(
          "The timestep is %s; expected a finite number.".formatted(timestep));
    }
  }

  /**
   * Returns the rows of the hidden states for each image of some branches, one after another.
   *
   * @param branches indices of the branches, ascending
   */
  public static long[] rows(
      LatentShape shape, Conditioning conditioning, List<Integer> branches, UNetSpec architecture) {
    EncodedText states = conditioning.text();
    if (states.width() != architecture.contextWidth()) {
      throw new IllegalArgumentException(
          "The hidden states are %d wide, the network reads %d; text encoder and network belong to different models."
              .formatted(states.width(), architecture.contextWidth()));
    }
    if (conditioning.images() != shape.images()) {
      throw new IllegalArgumentException(
          "Branch 0 names %d texts for %d images; expected one for each."
              .formatted(conditioning.images(), shape.images()));
    }
    int before = -1;
    long[] rows = new long[Math.multiplyExact(branches.size(), shape.images())];
    int next = 0;
    for (int branch : branches) {
      if (branch <= before || branch >= conditioning.branches().size()) {
        throw new IllegalArgumentException(
            "The branches %s are not legal; expected ascending numbers from 0 to %d."
                .formatted(branches, conditioning.branches().size() - 1));
      }
      before = branch;
      for (int row : conditioning.branches().get(branch)) {
        rows[next++] = row;
      }
    }
    if (rows.length == 0) {
      throw new IllegalArgumentException("There is no branch to compute; expected at least one.");
    }
    return rows;
  }

  /** Hands texts to a network: their hidden states [texts, tokens, width]. */
  public static void add(Arguments arguments, EncodedText text) {
    arguments.floats(text.hiddenStates(), text.texts(), text.tokens(), text.width());
  }
}
