package io.github.controlnet;

import io.github.controlnet.internal.Values;

/**
 * What an image should show and what it should not.
 *
 * @param text what it should show; may be empty
 * @param negative what it should not show: the text of the unconditional half of guidance; may be
 *     empty
 */
public record Prompt(String text, String negative) {
  /** Checks that neither is null. */
  public Prompt {
    Values.nonNull(text, "the prompt");
    Values.nonNull(negative, "the negative prompt");
  }

  /**
   * Makes a prompt without a negative one.
   *
   * @param text what the image should show
   * @return the prompt
   */
  public static Prompt of(String text) {
    return new Prompt(text, "");
  }
}
