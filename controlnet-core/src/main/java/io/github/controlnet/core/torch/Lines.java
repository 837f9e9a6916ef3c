package io.github.controlnet.core.torch;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;

/** The lines of a method, divided at cuts into segments, and the tensors that cross the cuts. */
public final class Lines {
  private final List<List<Line>> segments = new ArrayList<>();
  private final List<Set<String>> inputs = new ArrayList<>();
  private final Map<String, Integer> definedIn = new LinkedHashMap<>();

  /** One operator. */
  public record Line(String variable, Expression expression) {
    @Override
    public String toString() {
      return "    " + variable + " = " + expression.print() + "\n";
    }
  }

  Lines() {
    begin();
  }

  private void begin() {
    segments.add(new ArrayList<>());
    inputs.add(new LinkedHashSet<>());
  }

  /** Begins another segment, unless this one has no lines. */
  void cut() {
    if (!segments.get(last()).isEmpty()) {
      begin();
    }
  }

  void add(String variable, Expression expression) {
    need(expression);
    definedIn.put(variable, last());
    segments.get(last()).add(new Line(variable, expression));
  }

  /** Notes that the last segment needs what an expression reads. */
  void need(Expression expression) {
    expression
        .variables()
        .filter(variable -> definedIn.getOrDefault(variable, last()) != last())
        .forEach(inputs.get(last())::add);
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
    return segments.get(segment).stream()
        .flatMap(line -> line.expression().weights())
        .collect(Collectors.toCollection(LinkedHashSet::new));
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
