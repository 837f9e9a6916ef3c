package io.github.controlnet.core.text;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Prompts that change on the way, by the rules of AUTOMATIC1111's web page: {@code [from:to:when]}
 * becomes another text after a step, {@code [to:when]} begins then, {@code [from::when]} ends then;
 * {@code [a|b|c]} changes with every step. {@code when} is a share of the steps when it has a
 * decimal point, else a number of steps. They may stand inside each other; everything else, weights
 * too, is left as it is.
 */
public final class PromptEditing {
  private static final Pattern NUMBER =
      Pattern.compile("\\s*+[+-]?(\\d++(\\.\\d*+)?|\\.\\d++)([eE][+-]?\\d++)?\\s*+");

  private final Node root;

  private PromptEditing(Node root) {
    this.root = root;
  }

  /**
   * Reads a prompt.
   *
   * @param prompt any text; what is not well formed is text
   * @return its editing
   */
  public static PromptEditing parse(String prompt) {
    return new PromptEditing(new Parser(prompt).sequence(0, prompt.length()));
  }

  /**
   * Returns the text of a step.
   *
   * @param step 1 to {@code steps}
   * @param steps how many there are
   * @return the text, still with its weights
   */
  public String at(int step, int steps) {
    StringBuilder text = new StringBuilder();
    root.write(step, steps, text);
    return text.toString();
  }

  /**
   * Returns the last step of each stretch with one text.
   *
   * @param steps how many steps there are
   * @return ascending; the last is {@code steps}
   */
  public List<Integer> ends(int steps) {
    Set<Integer> ends = new TreeSet<>();
    ends.add(steps);
    root.collectEnds(steps, ends);
    return List.copyOf(ends);
  }

  private sealed interface Node {
    void write(int step, int steps, StringBuilder text);

    default void collectEnds(int steps, Set<Integer> ends) {}
  }

  private record Text(String text) implements Node {
    @Override
    public void write(int step, int steps, StringBuilder out) {
      out.append(text);
    }
  }

  private record Sequence(List<Node> nodes) implements Node {
    @Override
    public void write(int step, int steps, StringBuilder text) {
      nodes.forEach(node -> node.write(step, steps, text));
    }

    @Override
    public void collectEnds(int steps, Set<Integer> ends) {
      nodes.forEach(node -> node.collectEnds(steps, ends));
    }
  }

  private record Switch(Node before, Node after, double when, boolean share) implements Node {
    /** The last step of the first text. */
    private int last(int steps) {
      return (int) Math.min(steps, share ? when * steps : when);
    }

    @Override
    public void write(int step, int steps, StringBuilder text) {
      (step <= last(steps) ? before : after).write(step, steps, text);
    }

    @Override
    public void collectEnds(int steps, Set<Integer> ends) {
      if (last(steps) >= 1) {
        ends.add(last(steps));
      }
      before.collectEnds(steps, ends);
      after.collectEnds(steps, ends);
    }
  }

  private record Alternation(List<Node> nodes) implements Node {
    @Override
    public void write(int step, int steps, StringBuilder text) {
      nodes.get((step - 1) % nodes.size()).write(step, steps, text);
    }

    @Override
    public void collectEnds(int steps, Set<Integer> ends) {
      for (int step = 1; step <= steps; step++) {
        ends.add(step);
      }
    }
  }

  private static final class Parser {
    /** Deeper than anybody writes; deeper ones are text. */
    private static final int DEEPEST = 200;

    private final String prompt;
    private int depth;

    /** How many of the brackets that wait for their partners are round. */
    private int round;

    /** For each bracket that has a partner the partner's place, else -1. */
    private final int[] partners;

    Parser(String prompt) {
      this.prompt = prompt;
      this.partners = new int[prompt.length()];
      Deque<Integer> open = new ArrayDeque<>();
      for (int i = 0; i < partners.length; i++) {
        partners[i] = -1;
        char c = prompt.charAt(i);
        if (c == '\\') {
          if (++i < partners.length) {
            partners[i] = -1;
          }
        } else if (c == '(' || c == '[') {
          open.push(i);
          round += c == '(' ? 1 : 0;
        } else if (c == ')' || c == ']') {
          close(open, i, c == ')' ? '(' : '[');
        }
      }
    }

    /** Pairs a closing bracket; those opened later and not closed have no partner. */
    private void close(Deque<Integer> open, int at, char opening) {
      int waiting = opening == '(' ? round : open.size() - round;
      if (waiting == 0) {
        return;
      }
      int from;
      do {
        from = open.pop();
        round -= prompt.charAt(from) == '(' ? 1 : 0;
      } while (prompt.charAt(from) != opening);
      partners[from] = at;
      partners[at] = from;
    }

    Node sequence(int from, int to) {
      List<Node> nodes = new ArrayList<>();
      int start = from;
      for (int i = from; i < to; i++) {
        char c = prompt.charAt(i);
        if (c == '\\') {
          i++;
        } else if (c == '[' && partners[i] > i) {
          nodes.add(new Text(prompt.substring(start, i)));
          nodes.add(square(i, partners[i]));
          i = partners[i];
          start = i + 1;
        }
      }
      nodes.add(new Text(prompt.substring(Math.min(start, to), to)));
      return new Sequence(nodes);
    }

    private Node square(int open, int close) {
      if (depth >= DEEPEST) {
        return new Text(prompt.substring(open, close + 1));
      }
      depth++;
      Node node = edited(open, close);
      depth--;
      return node;
    }

    private Node edited(int open, int close) {
      List<Integer> bars = separators(open, close, '|');
      List<Integer> colons = separators(open, close, ':');
      if (!bars.isEmpty() && colons.isEmpty()) {
        return new Alternation(between(open, close, bars));
      }
      if (bars.isEmpty() && (colons.size() == 1 || colons.size() == 2)) {
        String when = prompt.substring(colons.get(colons.size() - 1) + 1, close);
        if (NUMBER.matcher(when).matches()) {
          Node before = colons.size() == 2 ? sequence(open + 1, colons.get(0)) : new Text("");
          int second = colons.size() == 2 ? colons.get(0) : open;
          Node after = sequence(second + 1, colons.get(colons.size() - 1));
          return new Switch(before, after, Double.parseDouble(when.strip()), when.contains("."));
        }
      }
      return new Sequence(List.of(new Text("["), sequence(open + 1, close), new Text("]")));
    }

    private List<Node> between(int open, int close, List<Integer> bars) {
      List<Node> nodes = new ArrayList<>();
      int from = open + 1;
      for (int bar : bars) {
        nodes.add(sequence(from, bar));
        from = bar + 1;
      }
      nodes.add(sequence(from, close));
      return nodes;
    }

    /** Where a character stands between two brackets, not inside others. */
    private List<Integer> separators(int open, int close, char wanted) {
      List<Integer> places = new ArrayList<>();
      for (int i = open + 1; i < close; i++) {
        char c = prompt.charAt(i);
        if (c == '\\') {
          i++;
        } else if (partners[i] > i) {
          i = partners[i];
        } else if (c == wanted) {
          places.add(i);
        }
      }
      return places;
    }
  }
}
