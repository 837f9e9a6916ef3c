package io.github.controlnet;

import io.github.controlnet.internal.Values;

/**
 * Prompt embeddings given in place of a prompt, such as those that another program computed or
 * mixed (diffusers: {@code prompt_embeds}).
 *
 * @param tokens how many, 77 for a prompt of usual length
 * @param width values of each, 768 for Stable Diffusion 1.x
 * @param values tokens x width values, row-major, after the final layer norm; not changed
 */
public record PromptEmbeddings(int tokens, int width, float[] values) {
  /** Checks that the values fit the shape. */
  public PromptEmbeddings {
    Values.nonNull(values, "the values of the embeddings");
    if (tokens < 1 || width < 1 || (long) tokens * width != values.length) {
      throw new IllegalArgumentException(
          "%d values do not fill the embeddings of %d tokens of %d values each."
              .formatted(values.length, tokens, width));
    }
  }
}
