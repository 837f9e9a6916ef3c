package io.github.controlnet.core.pipeline.condition;

import io.github.controlnet.GenerationRequest;
import io.github.controlnet.Prompt;
import io.github.controlnet.PromptEmbeddings;
import io.github.controlnet.PromptSyntax;
import io.github.controlnet.Prompts;
import io.github.controlnet.core.pipeline.condition.TextPlan.PlannedText;
import io.github.controlnet.core.pipeline.condition.TextPlan.Rows;
import io.github.controlnet.core.pipeline.condition.TextPlan.Stage;
import io.github.controlnet.core.pipeline.load.LoadedBase;
import io.github.controlnet.core.text.ClipTokenizer;
import io.github.controlnet.core.text.PromptChunk;
import io.github.controlnet.core.text.PromptChunks;
import io.github.controlnet.core.text.PromptEditing;
import io.github.controlnet.engine.TextEncoderSpec;
import io.github.controlnet.exception.IncompatibleModelException;
import io.github.controlnet.exception.InvalidRequestException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Turns the prompts of a request into tokens, stage by stage. */
public final class PromptPlanner {
  private static final Logger LOG = LoggerFactory.getLogger(PromptPlanner.class);

  /** Each makes every attention to the text longer. */
  private static final int MOST_CHUNKS = 75;

  /** All texts of all stages together; each chunk's states are some 240 kB. */
  private static final int MOST_CHUNKS_IN_ALL = 2000;

  private final ClipTokenizer tokenizer;
  private final TextEncoderSpec encoder;
  private final PromptChunks chunks;

  /**
   * Prepares.
   *
   * @param embeddings learned words and their vectors
   */
  public PromptPlanner(LoadedBase base, Map<String, float[][]> embeddings) {
    this.tokenizer = base.tokenizer();
    this.encoder = base.weights().textEncoder();
    this.chunks = new PromptChunks(tokenizer, embeddings);
  }

  /**
   * Plans.
   *
   * @param prompts with the added prompt
   * @param negatives whether any step needs the negative prompts
   */
  public TextPlan plan(
      GenerationRequest request, List<Prompt> prompts, boolean negatives, Timeline timeline) {
    if (request.prompts().clipSkip() > encoder.layers()) {
      throw new InvalidRequestException(
          "Clip skip is %d; expected 1 to %d, the layers of the base's text encoder."
              .formatted(request.prompts().clipSkip(), encoder.layers()));
    }
    int skipped = request.prompts().clipSkip() - 1;
    PromptChunk empty = chunks.literal("", count -> {});
    if (request.prompts().embeddings().isPresent()) {
      return given(request, prompts, empty, skipped, timeline);
    }
    Map<String, Integer> texts = new LinkedHashMap<>();
    List<Stage> stages = new ArrayList<>();
    boolean weighted = request.prompts().syntax() == PromptSyntax.WEIGHTED;
    List<PromptEditing> positive = new ArrayList<>();
    List<PromptEditing> negative = new ArrayList<>();
    if (weighted) {
      for (Prompt prompt : prompts) {
        positive.add(editing(prompt.text()));
        negative.add(editing(prompt.negative()));
      }
    }
    for (int last : ends(positive, negative, timeline.steps())) {
      List<String> shown = new ArrayList<>();
      List<String> hidden = new ArrayList<>();
      for (int i = 0; i < prompts.size(); i++) {
        Prompt prompt = prompts.get(i);
        shown.add(weighted ? positive.get(i).at(last, timeline.steps()) : prompt.text());
        hidden.add(weighted ? negative.get(i).at(last, timeline.steps()) : prompt.negative());
      }
      List<Integer> negativeRows = negatives ? rows(hidden, request, texts) : List.of();
      stages.add(new Stage(last, new Rows(negativeRows, rows(shown, request, texts))));
    }
    List<PlannedText> planned =
        texts.keySet().stream()
            .map(text -> new PlannedText(chunks(text, weighted), Optional.empty()))
            .toList();
    int longest = planned.stream().mapToInt(text -> text.chunks().size()).max().orElse(1);
    if ((long) longest * planned.size() > MOST_CHUNKS_IN_ALL) {
      throw new InvalidRequestException(
          "The prompts are %d different texts of up to %d chunks over the steps; expected at most %d chunks in all. Shorten them, or change them less often."
              .formatted(planned.size(), longest, MOST_CHUNKS_IN_ALL));
    }
    return new TextPlan(planned, empty, skipped, List.copyOf(stages), timeline);
  }

  private PromptEditing editing(String text) {
    chunks.requireKnown(text);
    return PromptEditing.parse(text);
  }

  private static Set<Integer> ends(
      List<PromptEditing> positive, List<PromptEditing> negative, int steps) {
    Set<Integer> ends = new TreeSet<>(List.of(steps));
    positive.forEach(prompt -> ends.addAll(prompt.ends(steps)));
    negative.forEach(prompt -> ends.addAll(prompt.ends(steps)));
    return ends;
  }

  /** Gives each image the row of its text; equal texts share a row and are encoded once. */
  private static List<Integer> rows(
      List<String> texts, GenerationRequest request, Map<String, Integer> rows) {
    List<Integer> result = new ArrayList<>();
    for (String text : texts) {
      Integer next = rows.size();
      Integer known = rows.putIfAbsent(text, next);
      for (int image = 0; image < request.output().imagesPerPrompt(); image++) {
        result.add(known == null ? next : known);
      }
    }
    return result;
  }

  private List<PromptChunk> chunks(String text, boolean weighted) {
    List<PromptChunk> result =
        weighted
            ? chunks.weighted(text)
            : List.of(
                chunks.literal(
                    text,
                    count ->
                        // Start and end take two places.
                        LOG.warn(
                            "The prompt has {} tokens; the text encoder takes {} and the rest is cut off: \"{}\"",
                            count,
                            tokenizer.length() - 2,
                            text)));
    if (result.size() > MOST_CHUNKS) {
      throw new InvalidRequestException(
          "The prompt makes %d chunks for the text encoder; expected at most %d. Shorten it, or take out some BREAK."
              .formatted(result.size(), MOST_CHUNKS));
    }
    for (PromptChunk chunk : result) {
      for (double weight : chunk.weights()) {
        if (!Float.isFinite((float) weight)) {
          throw new InvalidRequestException(
              "The brackets of the prompt multiply to a weight that float32 does not hold; expected weights around 1. Take out some of them.");
        }
      }
      for (int id : chunk.tokens()) {
        if (id >= encoder.vocabulary()) {
          throw new IncompatibleModelException(
              "The tokenizer gives the token id %d, the base's text encoder knows ids below %d. Use the tokenizer that belongs to the base."
                  .formatted(id, encoder.vocabulary()));
        }
      }
    }
    return result;
  }

  private TextPlan given(
      GenerationRequest request,
      List<Prompt> prompts,
      PromptChunk empty,
      int skipped,
      Timeline timeline) {
    Prompts.EmbeddingPair given = request.prompts().embeddings().orElseThrow();
    PromptEmbeddings positive = given.positive();
    PromptEmbeddings negative = given.negative();
    if (!prompts.equals(List.of(Prompt.of("")))) {
      throw new InvalidRequestException(
          "The request has both prompts and embeddings; expected one of them.");
    }
    for (PromptEmbeddings each : List.of(positive, negative)) {
      if (each.width() != encoder.width()) {
        throw new InvalidRequestException(
            "The embeddings have %d values for each token, the base's text encoder %d; expected those of a text encoder of the same kind."
                .formatted(each.width(), encoder.width()));
      }
    }
    if (positive.tokens() != negative.tokens()) {
      throw new InvalidRequestException(
          "The embeddings have %d tokens, the negative ones %d; expected as many."
              .formatted(positive.tokens(), negative.tokens()));
    }
    List<Integer> first = Collections.nCopies(request.imageCount(), 0);
    List<Integer> second = Collections.nCopies(request.imageCount(), 1);
    return new TextPlan(
        List.of(
            new PlannedText(List.of(), Optional.of(positive)),
            new PlannedText(List.of(), Optional.of(negative))),
        empty,
        skipped,
        List.of(new Stage(timeline.steps(), new Rows(second, first))),
        timeline);
  }
}
