package io.github.controlnet.core.text;

import io.github.controlnet.exception.InvalidRequestException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Cuts prompts into what the text encoder takes, and puts learned words in their place. */
public final class PromptChunks {
  /** How far back a chunk may end at a comma: the usual setting of AUTOMATIC1111's web page. */
  private static final int COMMA_REACH = 20;

  /** A learned word asked for explicitly, as ComfyUI writes it. */
  private static final Pattern EXPLICIT =
      Pattern.compile("\\bembedding:([^\\s,:()\\[\\]|]+)", Pattern.CASE_INSENSITIVE);

  private final ClipTokenizer tokenizer;
  private final Map<String, float[][]> embeddings;
  private final Pattern names;
  private final int comma;

  /**
   * Prepares for prompts.
   *
   * @param tokenizer the base's; stays open as long as this is used
   * @param embeddings learned words and their vectors
   */
  public PromptChunks(ClipTokenizer tokenizer, Map<String, float[][]> embeddings) {
    this.tokenizer = tokenizer;
    this.embeddings = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    this.embeddings.putAll(embeddings);
    this.names = pattern(this.embeddings.keySet().stream().toList());
    int[] ids = tokenizer.ids(",");
    this.comma = ids.length == 1 ? ids[0] : -1;
  }

  /** The longest name first, so that none hides in another; a word must not go on beyond it. */
  private static Pattern pattern(List<String> names) {
    if (names.isEmpty()) {
      return Pattern.compile("(?!)");
    }
    String all =
        names.stream()
            .sorted(Comparator.comparingInt(String::length).reversed())
            .map(PromptChunks::alone)
            .collect(Collectors.joining("|"));
    return Pattern.compile(
        "(?:\\bembedding:)?(" + all + ")",
        Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE | Pattern.UNICODE_CHARACTER_CLASS);
  }

  private static String alone(String name) {
    String before = isWord(name.charAt(0)) ? "(?<!\\w)" : "";
    String after = isWord(name.charAt(name.length() - 1)) ? "(?!\\w)" : "";
    return before + Pattern.quote(name) + after;
  }

  private static boolean isWord(char c) {
    return Character.isLetterOrDigit(c) || c == '_';
  }

  /** A token, or the vectors of a learned word. */
  private record Item(int id, float[][] vectors) {
    private static final float[][] NONE = {};

    int length() {
      return vectors.length == 0 ? 1 : vectors.length;
    }
  }

  /**
   * Cuts a prompt off where the text encoder's room ends.
   *
   * @param text any text
   * @param cut is told how many tokens there were when some are cut off
   * @return one chunk without weights
   */
  public PromptChunk literal(String text, Consumer<Integer> cut) {
    Draft draft = new Draft();
    int count = 0;
    for (Item item : items(text)) {
      float[][] vectors = item.vectors();
      for (int i = 0; i < item.length(); i++) {
        if (count++ < draft.room()) {
          draft.add(
              vectors.length == 0 ? item : new Item(item.id(), new float[][] {vectors[i]}), 1);
        }
      }
    }
    if (count > draft.room()) {
      cut.accept(count);
    }
    return draft.chunk();
  }

  /**
   * Reads weights and cuts a prompt into as many chunks as it needs. A chunk ends at a comma when
   * one is near, so that what belongs together stays together.
   *
   * @param text a prompt as {@link PromptWeights} reads it
   * @return at least one chunk
   */
  public List<PromptChunk> weighted(String text) {
    List<PromptChunk> chunks = new ArrayList<>();
    Draft draft = new Draft();
    for (PromptWeights.Part part : PromptWeights.parse(text)) {
      if (part.isBreak()) {
        chunks.add(draft.chunk());
        draft = new Draft();
        continue;
      }
      for (Item item : items(part.text())) {
        if (item.length() > draft.left()) {
          Draft next = item.id() == comma ? new Draft() : draft.afterComma();
          chunks.add(draft.chunk());
          if (item.length() > next.left()) {
            chunks.add(next.chunk());
            next = new Draft();
          }
          draft = next;
        }
        draft.add(item, part.weight());
      }
    }
    if (!draft.isEmpty() || chunks.isEmpty()) {
      chunks.add(draft.chunk());
    }
    return chunks;
  }

  private List<Item> items(String text) {
    List<Item> items = new ArrayList<>();
    Matcher found = names.matcher(text);
    int from = 0;
    while (found.find()) {
      addTokens(items, text.substring(from, found.start()));
      items.add(new Item(0, Objects.requireNonNull(embeddings.get(found.group(1)))));
      from = found.end();
    }
    addTokens(items, text.substring(from));
    return items;
  }

  private void addTokens(List<Item> items, String text) {
    for (int id : tokenizer.ids(text)) {
      items.add(new Item(id, Item.NONE));
    }
  }

  /**
   * Refuses a prompt that asks for a learned word which is not there.
   *
   * @param text any text
   * @throws InvalidRequestException when it has {@code embedding:} before an unknown name
   */
  public void requireKnown(String text) {
    Matcher explicit = EXPLICIT.matcher(text);
    while (explicit.find()) {
      Matcher known = names.matcher(text).useTransparentBounds(true);
      if (!known.region(explicit.start(), text.length()).lookingAt()) {
        throw new InvalidRequestException(
            "The prompt asks for the embedding \"%s\", which is not loaded; there is: %s. Load it with embedding(...) of the pipeline's builder, or --embedding."
                .formatted(
                    explicit.group(1),
                    embeddings.isEmpty() ? "none" : String.join(", ", embeddings.keySet())));
      }
    }
  }

  /** A chunk on its way. */
  private final class Draft {
    private final List<Item> items = new ArrayList<>();
    private final List<Double> weights = new ArrayList<>();
    private int length;
    private int lastComma = -1;

    int room() {
      return tokenizer.length() - 2;
    }

    int left() {
      return room() - length;
    }

    boolean isEmpty() {
      return items.isEmpty();
    }

    void add(Item item, double weight) {
      if (item.vectors().length == 0 && item.id() == comma) {
        lastComma = items.size();
      }
      items.add(item);
      weights.add(weight);
      length += item.length();
    }

    /** Takes what follows the last comma into a new chunk, when that is near and this one full. */
    Draft afterComma() {
      Draft next = new Draft();
      if (lastComma < 0 || left() > 0) {
        return next;
      }
      int after = 0;
      for (Item item : items.subList(lastComma, items.size())) {
        after += item.length();
      }
      if (after > COMMA_REACH) {
        return next;
      }
      while (items.size() > lastComma + 1) {
        Item item = items.remove(lastComma + 1);
        length -= item.length();
        next.add(item, weights.remove(lastComma + 1));
      }
      return next;
    }

    PromptChunk chunk() {
      int[] tokens = tokenizer.frame();
      double[] all = new double[tokens.length];
      Arrays.fill(all, 1);
      List<PromptChunk.Inserted> inserted = new ArrayList<>();
      int at = 1;
      for (int i = 0; i < items.size(); i++) {
        Item item = items.get(i);
        for (int k = 0; k < item.length(); k++) {
          if (item.vectors().length > 0) {
            inserted.add(new PromptChunk.Inserted(at, item.vectors()[k]));
          }
          all[at] = weights.get(i);
          tokens[at++] = item.id();
        }
      }
      tokens[at] = tokenizer.end();
      return new PromptChunk(tokens, all, inserted);
    }
  }
}
