package io.github.controlnet;

import io.github.controlnet.exception.InvalidRequestException;
import io.github.controlnet.internal.Values;
import java.util.List;
import java.util.Optional;

/**
 * What the pictures of a request should show, and how that is read. Immutable; new options of the
 * library become new components, so that code outside it makes one of {@link #usual()} and the
 * {@code with} methods.
 *
 * @param list the prompts as given, at least one; each gets {@link Output#imagesPerPrompt()} images
 * @param added appended to the text of every prompt after a comma; empty for none
 * @param syntax how prompts are read
 * @param clipSkip after which layer of the text encoder the hidden states are taken: 1 for the
 *     last, 2 for the last but one, up to 64
 * @param embeddings prompt embeddings in place of the one prompt and its negative prompt; empty
 *     when those count
 */
public record Prompts(
    List<Prompt> list,
    String added,
    PromptSyntax syntax,
    int clipSkip,
    Optional<EmbeddingPair> embeddings) {
  private static final Prompts USUAL =
      new Prompts(List.of(Prompt.of("")), "", PromptSyntax.LITERAL, 1, Optional.empty());

  /**
   * Prompt embeddings for both halves of guidance.
   *
   * @param positive in place of the prompt
   * @param negative in place of the negative prompt; as many tokens as {@code positive}
   */
  public record EmbeddingPair(PromptEmbeddings positive, PromptEmbeddings negative) {
    /** Checks that neither is null. */
    public EmbeddingPair {
      Values.nonNull(positive, "the embeddings");
      Values.nonNull(negative, "the negative embeddings");
    }
  }

  /**
   * Checks each value; the texts are checked when the request is built.
   *
   * @throws IllegalArgumentException when there is no prompt, or clip skip is out of its range
   */
  public Prompts {
    Values.nonNull(list, "the list of prompts");
    if (list.isEmpty()) {
      throw new IllegalArgumentException("The list of prompts is empty; expected at least one.");
    }
    list.forEach(each -> Values.nonNull(each, "a prompt of the list"));
    list = List.copyOf(list);
    Values.nonNull(added, "the added prompt");
    Values.nonNull(syntax, "the syntax of prompts");
    Values.between(clipSkip, 1, 64, "clip skip");
    Values.nonNull(embeddings, "the embeddings");
  }

  /**
   * Returns what holds when nothing is said.
   *
   * @return one empty prompt, read literally
   */
  public static Prompts usual() {
    return USUAL;
  }

  /**
   * Returns the prompts as they are painted.
   *
   * @return each with the added text
   */
  public List<Prompt> complete() {
    return added.isEmpty()
        ? list
        : list.stream()
            .map(each -> new Prompt(each.text() + ", " + added, each.negative()))
            .toList();
  }

  /**
   * Sets the prompts.
   *
   * @param several at least one
   * @return a new value
   */
  public Prompts withList(List<Prompt> several) {
    return new Prompts(several, added, syntax, clipSkip, embeddings);
  }

  /**
   * Sets the one prompt's text.
   *
   * @param text what the picture should show; may be empty
   * @return a new value with one prompt, whose negative prompt is that of the first
   */
  public Prompts withText(String text) {
    return withList(List.of(new Prompt(text, list.get(0).negative())));
  }

  /**
   * Sets the negative prompt of every prompt.
   *
   * @param text what the pictures should not show; may be empty
   * @return a new value
   */
  public Prompts withNegative(String text) {
    return withList(list.stream().map(each -> new Prompt(each.text(), text)).toList());
  }

  /**
   * Sets what is appended to every prompt.
   *
   * @param text empty for none
   * @return a new value
   */
  public Prompts withAdded(String text) {
    return new Prompts(list, text, syntax, clipSkip, embeddings);
  }

  /**
   * Sets how prompts are read.
   *
   * @param chosen the syntax
   * @return a new value
   */
  public Prompts withSyntax(PromptSyntax chosen) {
    return new Prompts(list, added, chosen, clipSkip, embeddings);
  }

  /**
   * Takes the hidden states of an earlier layer.
   *
   * @param layer 1 for the last, up to 64
   * @return a new value
   */
  public Prompts withClipSkip(int layer) {
    return new Prompts(list, added, syntax, layer, embeddings);
  }

  /**
   * Gives prompt embeddings in place of the one prompt and its negative prompt.
   *
   * @param positive what the picture should show
   * @param negative what it should not show
   * @return a new value
   */
  public Prompts withEmbeddings(PromptEmbeddings positive, PromptEmbeddings negative) {
    return new Prompts(
        list, added, syntax, clipSkip, Optional.of(new EmbeddingPair(positive, negative)));
  }

  /**
   * Checks the texts.
   *
   * @throws InvalidRequestException when one is too long, or asks for what is not here
   */
  void check() {
    PromptText.check(added, "added prompt");
    for (Prompt prompt : list) {
      PromptText.check(prompt.text(), "prompt");
      PromptText.check(prompt.negative(), "negative prompt");
    }
    if (syntax == PromptSyntax.WEIGHTED) {
      PromptText.checkWeighted(added, "added prompt");
      list.forEach(prompt -> PromptText.checkWeighted(prompt.text(), "prompt"));
    }
  }
}
