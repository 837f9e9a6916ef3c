package io.github.controlnet.core.engine.djl;

import io.github.controlnet.InvalidRequestException;
import io.github.controlnet.spi.engine.Conditioning;
import io.github.controlnet.spi.engine.LatentShape;
import io.github.controlnet.spi.engine.UNetSpec;
import java.util.List;

/** Checks of what comes in, before anything native sees it. */
final class Inputs {
  private Inputs() {}

  static void checkShape(LatentShape shape, int channels) {
    if (shape.channels() != channels
        || shape.images() < 1
        || shape.height() < 1
        || shape.width() < 1) {
      throw new InvalidRequestException(
          "Latents of shape [%d, %d, %d, %d] do not fit; expected [images, %d, height, width], each at least 1."
              .formatted(
                  shape.images(), shape.channels(), shape.height(), shape.width(), channels));
    }
  }

  static void checkLength(String what, float[] values, long expected) {
    if (values.length != expected) {
      throw new InvalidRequestException(
          "%s have %d values; expected %d for their shape."
              .formatted(what, values.length, expected));
    }
  }

  static void checkTimestep(double timestep) {
    if (!Double.isFinite(timestep)) {
      throw new InvalidRequestException(
          "The timestep is %s; expected a finite number.".formatted(timestep));
    }
  }

  static void checkPerturbed(Conditioning conditioning) {
    int before = -1;
    for (int branch : conditioning.perturbed()) {
      if (branch <= before || branch >= conditioning.branches().size()) {
        throw new InvalidRequestException(
            "The perturbed branches %s are not legal; expected ascending numbers from 0 to %d."
                .formatted(conditioning.perturbed(), conditioning.branches().size() - 1));
      }
      before = branch;
    }
  }

  /**
   * Returns the rows of the text states for each image of some branches, one after another.
   *
   * @param branches indices of the branches, ascending
   */
  static long[] rows(
      LatentShape shape, Conditioning conditioning, List<Integer> branches, UNetSpec architecture) {
    PyTorchTextStates states = PyTorchTextStates.of(conditioning.states());
    if (states.width() != architecture.contextWidth()) {
      throw new InvalidRequestException(
          "The text states are %d wide, the network reads %d; text encoder and network belong to different models."
              .formatted(states.width(), architecture.contextWidth()));
    }
    int before = -1;
    long[] rows = new long[Math.multiplyExact(branches.size(), shape.images())];
    int next = 0;
    for (int branch : branches) {
      if (branch <= before || branch >= conditioning.branches().size()) {
        throw new InvalidRequestException(
            "The branches %s are not legal; expected ascending numbers from 0 to %d."
                .formatted(branches, conditioning.branches().size() - 1));
      }
      before = branch;
      List<Integer> texts = conditioning.branches().get(branch);
      if (texts.size() != shape.images()) {
        throw new InvalidRequestException(
            "Branch %d names %d texts for %d images; expected one for each."
                .formatted(branch, texts.size(), shape.images()));
      }
      for (int row : texts) {
        if (row < 0 || row >= states.texts()) {
          throw new InvalidRequestException(
              "Branch %d names text %d; there are %d texts, counted from 0."
                  .formatted(branch, row, states.texts()));
        }
        rows[next++] = row;
      }
    }
    if (rows.length == 0) {
      throw new InvalidRequestException("There is no branch to compute; expected at least one.");
    }
    return rows;
  }
}
