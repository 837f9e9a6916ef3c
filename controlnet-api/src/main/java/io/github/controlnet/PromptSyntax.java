package io.github.controlnet;

/** How the text of prompts is read. */
public enum PromptSyntax {
  /**
   * Word for word, as diffusers does: brackets are text, and what is longer than the text encoder
   * takes is cut off.
   */
  LITERAL,
  /**
   * By the rules of AUTOMATIC1111's web page: {@code (x:1.2)}, {@code (x)}, {@code [x]}, a
   * backslash before a bracket that is text, {@code BREAK}, {@code [from:to:when]} and {@code
   * [a|b]}; longer prompts go through the text encoder in chunks of 75 tokens.
   */
  WEIGHTED
}
