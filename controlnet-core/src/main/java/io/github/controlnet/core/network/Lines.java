package io.github.controlnet.core.network;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The lines of a method, divided at cuts into segments, and the tensors that cross the cuts. */
public final class Lines {
  private static final Pattern VARIABLE = Pattern.compile("\\bv\\d+\\b");
  private static final Pattern WEIGHT = Pattern.compile("w\\[\"([^\"]+)\"\\]");

  private final List<List<Line>> segments = new ArrayList<>();
  private final List<Set<String>> inputs = new ArrayList<>();
  private final Map<String, Integer> definedIn = new LinkedHashMap<>();

  /** One operator. */
  public record Line(String variable, String expression) {
    public Set<String> reads() {
      return all(VARIABLE, expression, 0);
    }

    public Set<String> weights() {
      return all(WEIGHT, expression, 1);
    }
  }

  public Lines() {
    begin();
  }

  private void begin() {
    segments.add(new ArrayList<>());
    inputs.add(new LinkedHashSet<>());
  }

  private static Set<String> all(Pattern pattern, String text, int group) {
    Set<String> found = new LinkedHashSet<>();
    Matcher matcher = pattern.matcher(text);
    while (matcher.find()) {
      found.add(matcher.group(group));
    }
    return found;
  }

  /** Begins another segment, unless this one has no lines. */
  public void cut() {
    if (!segments.get(last()).isEmpty()) {
      begin();
    }
  }

  public void add(String variable, String expression) {
    Line line = new Line(variable, expression);
    need(line.reads());
    definedIn.put(variable, last());
    segments.get(last()).add(line);
  }

  /** Notes that the last segment needs what an expression reads. */
  public void need(String expression) {
    need(all(VARIABLE, expression, 0));
  }

  private void need(Set<String> variables) {
    for (String variable : variables) {
      if (definedIn.getOrDefault(variable, last()) != last()) {
        inputs.get(last()).add(variable);
      }
    }
  }

  /** How many segments there are. */
  public int size() {
    return segments.size();
  }

  private int last() {
    return segments.size() - 1;
  }

  public List<Line> segment(int index) {
    return List.copyOf(segments.get(index));
  }

  /** All lines. */
  public List<Line> all() {
    return segments.stream().flatMap(List::stream).toList();
  }

  /** The weights that a segment reads, in the order of reading. */
  public Set<String> weights(int segment) {
    Set<String> names = new LinkedHashSet<>();
    segments.get(segment).forEach(line -> names.addAll(line.weights()));
    return names;
  }

  /** The variables that a segment reads and that earlier ones define. */
  public List<String> inputs(int segment) {
    return List.copyOf(inputs.get(segment));
  }

  /** The variables that a segment defines and that later ones read. */
  public List<String> outputs(int segment) {
    return crossing(segment, from -> from == segment);
  }

  /** The variables that are defined up to a segment, itself included, and that later ones read. */
  public List<String> crossing(int segment) {
    return crossing(segment, from -> from <= segment);
  }

  private List<String> crossing(int segment, IntPredicate defined) {
    List<Set<String>> later = inputs.subList(segment + 1, inputs.size());
    return definedIn.entrySet().stream()
        .filter(entry -> defined.test(entry.getValue()))
        .map(Map.Entry::getKey)
        .filter(name -> later.stream().anyMatch(reads -> reads.contains(name)))
        .toList();
  }
}
