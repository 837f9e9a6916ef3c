package io.github.controlnet.core.text;

import io.github.controlnet.exception.WeightsException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * Byte-level byte-pair encoding (Sennrich et al. 2016, arXiv:1508.07909): a word is spelled in the
 * bytes of its UTF-8, the last of them marked as the word's end, and neighbours are joined in the
 * order in which the merges were learned.
 *
 * <p>The time is n log n in the length of a word, whatever the merges are.
 */
final class BytePairEncoding {
  /** Marks the last byte of a word. */
  static final String WORD_END = "</w>";

  private static final int BYTES = 256;
  private static final int ABSENT = -1;

  /** What a pair becomes, and which pair goes first. */
  private record Merge(int rank, int joined) {}

  /** A pair that can be joined; stale once one of its halves has been joined to another. */
  private record Candidate(int place, int rank, int joined) implements Comparable<Candidate> {
    @Override
    public int compareTo(Candidate other) {
      return rank == other.rank
          ? Integer.compare(place, other.place)
          : Integer.compare(rank, other.rank);
    }
  }

  private final Map<Long, Merge> merges;
  private final int[] inner = new int[BYTES];
  private final int[] last = new int[BYTES];

  /** Stands for a byte that the vocabulary lacks. */
  private final int unknown;

  /**
   * Prepares.
   *
   * @param vocabulary tokens to ids
   * @param pairs what is joined, the first first; of equal pairs the last counts
   * @param unknown the token for bytes that the vocabulary lacks, or null to leave them out
   * @param folder where they are, for errors
   * @throws WeightsException when the vocabulary lacks a part or the result of a merge, or the
   *     unknown token
   */
  BytePairEncoding(
      Map<String, Integer> vocabulary,
      List<TokenPair> pairs,
      @Nullable String unknown,
      Path folder) {
    this.merges = new HashMap<>(2 * pairs.size());
    for (int rank = 0; rank < pairs.size(); rank++) {
      TokenPair pair = pairs.get(rank);
      int left = id(pair.left(), vocabulary, pair, folder);
      int right = id(pair.right(), vocabulary, pair, folder);
      int joined = id(pair.left() + pair.right(), vocabulary, pair, folder);
      merges.put(key(left, right), new Merge(rank, joined));
    }
    this.unknown = unknown == null ? ABSENT : vocabulary.getOrDefault(unknown, ABSENT);
    String[] characters = byteCharacters();
    for (int value = 0; value < BYTES; value++) {
      inner[value] = vocabulary.getOrDefault(characters[value], ABSENT);
      last[value] = vocabulary.getOrDefault(characters[value] + WORD_END, ABSENT);
    }
    boolean complete =
        Arrays.stream(inner).allMatch(id -> id >= 0) && Arrays.stream(last).allMatch(id -> id >= 0);
    if (!complete && unknown != null && this.unknown == ABSENT) {
      throw new WeightsException(
          "The vocabulary of %s lacks some bytes and the token \"%s\" that stands for what it lacks; check that its files belong together."
              .formatted(folder, unknown));
    }
  }

  private static int id(
      String token, Map<String, Integer> vocabulary, TokenPair pair, Path folder) {
    Integer id = vocabulary.get(token);
    if (id == null) {
      throw new WeightsException(
          "The merge \"%s %s\" of %s needs the token \"%s\", which the vocabulary lacks; check that its files belong together."
              .formatted(
                  TokenizerFiles.abbreviated(pair.left()),
                  TokenizerFiles.abbreviated(pair.right()),
                  folder,
                  TokenizerFiles.abbreviated(token)));
    }
    return id;
  }

  /**
   * The printable character that stands for each byte in a vocabulary: itself where it has one,
   * else one of those from U+0100 (Radford et al. 2019, the byte-level encoding of GPT-2).
   */
  private static String[] byteCharacters() {
    String[] characters = new String[BYTES];
    int next = BYTES;
    for (int value = 0; value < BYTES; value++) {
      boolean printable =
          (value >= '!' && value <= '~')
              || (value >= 0xa1 && value <= 0xac)
              || (value >= 0xae && value <= 0xff);
      characters[value] = Character.toString(printable ? value : next++);
    }
    return characters;
  }

  private static long key(int left, int right) {
    return (long) left << Integer.SIZE | right;
  }

  /** Appends the ids of one word. */
  void encode(String word, List<Integer> ids) {
    byte[] bytes = word.getBytes(StandardCharsets.UTF_8);
    Symbols symbols = new Symbols(bytes.length);
    for (int i = 0; i < bytes.length; i++) {
      int[] table = i == bytes.length - 1 ? last : inner;
      int id = table[Byte.toUnsignedInt(bytes[i])];
      if (id >= 0 || unknown >= 0) {
        symbols.add(id >= 0 ? id : unknown);
      }
    }
    symbols.join();
    symbols.collect(ids);
  }

  /** The symbols of a word, linked, so that a join costs the same wherever it is. */
  private final class Symbols {
    private final int[] ids;
    private final int[] previous;
    private final int[] next;
    private final PriorityQueue<Candidate> candidates = new PriorityQueue<>();
    private int count;

    Symbols(int most) {
      ids = new int[most];
      previous = new int[most];
      next = new int[most];
    }

    void add(int id) {
      ids[count] = id;
      previous[count] = count - 1;
      next[count] = count + 1;
      count++;
    }

    void join() {
      for (int i = 0; i + 1 < count; i++) {
        consider(i);
      }
      while (!candidates.isEmpty()) {
        Candidate best = candidates.remove();
        int place = best.place();
        Merge merge = merge(place);
        if (merge == null || merge.joined() != best.joined()) {
          continue;
        }
        int right = next[place];
        ids[place] = best.joined();
        ids[right] = ABSENT;
        next[place] = next[right];
        if (next[place] < count) {
          previous[next[place]] = place;
        }
        if (previous[place] >= 0) {
          consider(previous[place]);
        }
        consider(place);
      }
    }

    private void consider(int place) {
      Merge merge = merge(place);
      if (merge != null) {
        candidates.add(new Candidate(place, merge.rank(), merge.joined()));
      }
    }

    /** How a symbol joins the next, or null when either is gone or they do not join. */
    private @Nullable Merge merge(int place) {
      return ids[place] == ABSENT || next[place] >= count
          ? null
          : merges.get(key(ids[place], ids[next[place]]));
    }

    void collect(List<Integer> into) {
      for (int i = 0; i < count; i = next[i]) {
        into.add(ids[i]);
      }
    }
  }
}
