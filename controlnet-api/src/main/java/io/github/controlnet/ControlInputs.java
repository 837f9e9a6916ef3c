package io.github.controlnet;

import io.github.controlnet.internal.Values;
import java.util.ArrayList;
import java.util.List;

/**
 * What the controls of a request get. Immutable; new options of the library become new components,
 * so that code outside it makes one of {@link #none()} and the {@code withX} methods.
 *
 * @param list the inputs; empty for plain Stable Diffusion
 * @param guessMode whether and how the controls are weighted for guessing without a prompt
 * @param onlyMid whether only the residual of the controls' middle block is added
 */
public record ControlInputs(List<ControlInput> list, GuessMode guessMode, boolean onlyMid) {
  private static final ControlInputs NONE = new ControlInputs(List.of(), GuessMode.OFF, false);

  /** Checks that nothing is null. */
  public ControlInputs {
    Values.nonNull(list, "the list of control inputs");
    list.forEach(each -> Values.nonNull(each, "the control input"));
    list = List.copyOf(list);
    Values.nonNull(guessMode, "the guess mode");
  }

  /**
   * Returns what holds when nothing is said.
   *
   * @return no input, guess mode off
   */
  public static ControlInputs none() {
    return NONE;
  }

  /**
   * Sets the inputs.
   *
   * @param several one for each control, or such that say which control they are for
   * @return a new value
   */
  public ControlInputs withList(List<ControlInput> several) {
    return new ControlInputs(several, guessMode, onlyMid);
  }

  /**
   * Adds an input.
   *
   * @param input the input
   * @return a new value
   */
  public ControlInputs with(ControlInput input) {
    List<ControlInput> more = new ArrayList<>(list);
    more.add(Values.nonNull(input, "the control input"));
    return withList(more);
  }

  /**
   * Sets guess mode.
   *
   * @param mode the mode
   * @return a new value
   */
  public ControlInputs withGuessMode(GuessMode mode) {
    return new ControlInputs(list, mode, onlyMid);
  }

  /**
   * Adds only the residual of the controls' middle block.
   *
   * @param only true for the middle one alone
   * @return a new value
   */
  public ControlInputs withOnlyMid(boolean only) {
    return new ControlInputs(list, guessMode, only);
  }
}
