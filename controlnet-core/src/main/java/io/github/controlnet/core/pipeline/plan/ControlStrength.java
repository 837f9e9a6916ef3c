package io.github.controlnet.core.pipeline.plan;

import io.github.controlnet.ControlInput;
import io.github.controlnet.ControlMode;
import io.github.controlnet.GenerationRequest;
import io.github.controlnet.GuessMode;
import io.github.controlnet.core.pipeline.condition.Branch;
import io.github.controlnet.core.pipeline.condition.Timeline;
import io.github.controlnet.engine.ControlSpec;
import io.github.controlnet.engine.Site;
import io.github.controlnet.engine.Site.Place;
import io.github.controlnet.exception.InvalidRequestException;
import java.util.ArrayList;
import java.util.List;

/** How strongly each residual of a control acts, when, and in which branches. */
public final class ControlStrength {
  /**
   * The original code's decay from the middle block to the first skip ({@code
   * gradio_canny2image.py}), which sd-webui-controlnet's control modes take too.
   */
  private static final double DECAY = 0.825;

  private final List<Double> layers;
  private final double[] scales;
  private final boolean conditionalOnly;

  private ControlStrength(List<Double> layers, double[] scales, boolean conditionalOnly) {
    this.layers = layers;
    this.scales = scales;
    this.conditionalOnly = conditionalOnly;
  }

  /**
   * Resolves what a request says of a control.
   *
   * @param latentHeight rows of the latents
   */
  static ControlStrength of(
      ControlInput input,
      GenerationRequest request,
      ControlSpec spec,
      int latentHeight,
      Timeline timeline) {
    GuessMode guess = request.controls().guessMode();
    if (guess != GuessMode.OFF && input.mode() != ControlMode.BALANCED) {
      throw new InvalidRequestException(
          "The request is in guess mode %s and a control in mode %s; guess mode decides for all controls, so give one or the other."
              .formatted(guess, input.mode()));
    }
    ControlMode mode = guess == GuessMode.OFF ? input.mode() : ControlMode.CONTROL;
    List<Site> sites = spec.sites();
    checkWeights(input.layerWeights(), sites.size());
    // As in diffusers, which pools instead of weighting.
    boolean even = guess == GuessMode.DIFFUSERS && spec.globalPooling();
    int last = sites.size() - 1;
    List<Double> layers = new ArrayList<>();
    for (int i = 0; i <= last; i++) {
      double weight = input.layerWeights().isEmpty() ? 1 : input.layerWeights().get(i);
      if (request.controls().onlyMid() && sites.get(i).place() != Place.MIDDLE) {
        weight = 0;
      } else if (guess == GuessMode.DIFFUSERS) {
        weight *= even ? 1 : Math.pow(10, -1 + (double) i / last);
      } else {
        weight *=
            switch (mode) {
              case BALANCED -> 1;
              case PROMPT, CONTROL -> Math.pow(DECAY, last - i);
              case RESOLUTION -> (double) latentHeight / sites.get(i).side(latentHeight);
            };
      }
      layers.add(weight);
    }
    // A pooled control carries no layout, only a style, and is meant for the prompt's half alone:
    // in the original repository's description of control_v11e_sd15_shuffle and in diffusers.
    boolean conditionalOnly =
        spec.globalPooling() || mode == ControlMode.CONTROL || mode == ControlMode.RESOLUTION;
    double[] scales = timeline.scales(input.scale(), "control scale");
    for (int i = 0; i < scales.length; i++) {
      if (!timeline.within(i, input.start(), input.end())) {
        scales[i] = 0;
      }
    }
    return new ControlStrength(List.copyOf(layers), scales, conditionalOnly);
  }

  private static void checkWeights(List<Double> weights, int residuals) {
    if (!weights.isEmpty() && weights.size() != residuals) {
      throw new InvalidRequestException(
          "There are %d layer weights for a control with %d residuals; expected one for each: %d from the first skip to the last, and the middle block's."
              .formatted(weights.size(), residuals, residuals - 1));
    }
  }

  /** Tells whether the control acts at an evaluation. */
  public boolean actsAt(int evaluation) {
    return scales[evaluation] != 0 && layers.stream().anyMatch(layer -> layer != 0);
  }

  /** What the residual of each of the control's sites is multiplied with at an evaluation. */
  public List<Double> at(int evaluation) {
    return layers.stream().map(layer -> layer * scales[evaluation]).toList();
  }

  /** The branches, as indices, that the control acts on. */
  public List<Integer> branches(List<Branch> all) {
    List<Integer> result = new ArrayList<>();
    for (int i = 0; i < all.size(); i++) {
      if (!(conditionalOnly && all.get(i) == Branch.UNCONDITIONAL)) {
        result.add(i);
      }
    }
    return result;
  }
}
