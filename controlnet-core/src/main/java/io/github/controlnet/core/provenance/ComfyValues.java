package io.github.controlnet.core.provenance;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.controlnet.core.provenance.ComfyGraph.Node;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;

/**
 * Follows the inputs of ComfyUI's nodes to their values: numbers and texts may come from other
 * nodes that hold, join or pass them. A node that does anything else to a value is not guessed at.
 */
final class ComfyValues {
  /** How far a value is followed. */
  private static final int DEEPEST = 64;

  /** How many nodes are visited for the values of one graph: joined texts may double each time. */
  private static final int MOST_VISITS = 10_000;

  private static final int LONGEST_TEXT = 100_000;

  /** What nodes that hold one value call it. */
  private static final List<String> VALUE_NAMES =
      List.of(
          "value",
          "text",
          "string",
          "String",
          "Text",
          "prompt",
          "populated_text",
          "seed",
          "noise_seed",
          "int",
          "Int",
          "float",
          "Float",
          "number",
          "Number",
          "Value");

  /** Nodes that hold or pass one value and have other inputs beside, which do nothing to it. */
  private static final Set<String> HOLDERS =
      Set.of(
          "PrimitiveNode",
          "PrimitiveString",
          "PrimitiveStringMultiline",
          "PrimitiveInt",
          "PrimitiveFloat",
          "PrimitiveBoolean",
          "String",
          "String Literal",
          "Reroute",
          "ShowText|pysssss",
          "PreviewAny",
          "Seed (rgthree)",
          "CR Seed",
          "ImpactWildcardProcessor");

  /** What is in the names of nodes that make another text of theirs. */
  private static final List<String> CHANGERS =
      List.of("random", "wildcard", "replace", "style", "case", "reverse", "regex", "math");

  /** An option of nodes that join: white space at the ends goes, and so do empty texts. */
  private static final String CLEAN = "clean_whitespace";

  private static final List<String> DELIMITERS = List.of("delimiter", "separator");

  private final ComfyGraph graph;
  private int visits;
  private String obstacle = "";

  ComfyValues(ComfyGraph graph) {
    this.graph = graph;
  }

  /** Why the last value was not read. */
  String obstacle() {
    return obstacle;
  }

  /** The number of an input; empty when it has none or it cannot be followed. */
  OptionalDouble number(Node node, String name) {
    Optional<BigDecimal> exact = exact(node, name);
    return exact.isPresent()
        ? OptionalDouble.of(exact.get().doubleValue())
        : OptionalDouble.empty();
  }

  /** The number of an input with all its digits: seeds have 64 bits. */
  Optional<BigDecimal> exact(Node node, String name) {
    if (!node.has(name)) {
      obstacle = "it is not told";
      return Optional.empty();
    }
    JsonNode input = node.take(name);
    Optional<JsonNode> value = value(input, 0);
    if (value.isEmpty()) {
      return Optional.empty();
    }
    String text = value.get().asText().strip();
    if (!value.get().isValueNode() || !Numbers.isDecimal(text)) {
      obstacle = "it is " + text;
      return Optional.empty();
    }
    return Optional.of(new BigDecimal(text));
  }

  /** The text of an input. */
  Optional<String> text(JsonNode input) {
    Optional<String> text = value(input, 0).map(JsonNode::asText);
    if (text.isPresent() && text.get().length() > LONGEST_TEXT) {
      obstacle = "it has more than %d letters".formatted(LONGEST_TEXT);
      return Optional.empty();
    }
    return text;
  }

  private Optional<JsonNode> value(JsonNode input, int depth) {
    if (!ComfyGraph.isLink(input)) {
      if (input.isValueNode() && !input.isNull()) {
        return Optional.of(input);
      }
      obstacle = "it is " + (input.isMissingNode() ? "not told" : input);
      return Optional.empty();
    }
    visits++;
    if (depth > DEEPEST || visits > MOST_VISITS) {
      obstacle = "it comes from a loop, or from more nodes than are followed";
      return Optional.empty();
    }
    Optional<Node> source = graph.source(input);
    if (source.isEmpty()) {
      obstacle = "it comes from node %s, which is not there".formatted(input.path(0).asText());
      return Optional.empty();
    }
    return value(source.get(), ComfyGraph.slot(input), depth + 1);
  }

  private Optional<JsonNode> value(Node node, int slot, int depth) {
    String type = node.type().toLowerCase(Locale.ROOT);
    if (type.contains("concat") || type.contains("join")) {
      return joined(node, depth);
    }
    Optional<String> held = held(node, type, slot);
    if (held.isEmpty()) {
      obstacle = "it comes from %s, which is not read".formatted(node);
      return Optional.empty();
    }
    Optional<JsonNode> value = value(node.peek(held.get()), depth);
    if (value.isPresent()) {
      node.takeWhole();
    }
    return value;
  }

  /** Which input is what a node gives out; empty where it may do something to it. */
  private static Optional<String> held(Node node, String type, int slot) {
    List<String> names = node.names();
    if (HOLDERS.contains(node.type())) {
      return names.size() == 1
          ? Optional.of(names.get(0))
          : VALUE_NAMES.stream().filter(node::has).findFirst();
    }
    boolean constant =
        slot == 0
            && names.size() == 1
            && node.peek(names.get(0)).isValueNode()
            && CHANGERS.stream().noneMatch(type::contains);
    return constant ? Optional.of(names.get(0)) : Optional.empty();
  }

  /** Texts in the order of their names, which differ in a last number or letter alone. */
  private Optional<JsonNode> joined(Node node, int depth) {
    String between = "";
    boolean clean = false;
    List<String> names = new ArrayList<>();
    for (String name : node.names()) {
      JsonNode input = node.peek(name);
      if (DELIMITERS.contains(name)) {
        Optional<JsonNode> delimiter = value(input, depth);
        if (delimiter.isEmpty()) {
          return Optional.empty();
        }
        between = delimiter.get().asText().replace("\\n", "\n");
      } else if (name.equals(CLEAN)) {
        clean = input.asText().equals("true");
      } else if (input.isTextual() || ComfyGraph.isLink(input)) {
        names.add(name);
      }
    }
    if (names.stream().map(ComfyValues::stem).distinct().count() > 1) {
      obstacle = "it comes from %s, which is not read".formatted(node);
      return Optional.empty();
    }
    names.sort(Comparator.comparingInt(String::length).thenComparing(Comparator.naturalOrder()));
    StringBuilder text = new StringBuilder();
    for (String name : names) {
      Optional<JsonNode> part = value(node.peek(name), depth);
      if (part.isEmpty()) {
        return part;
      }
      String own = clean ? part.get().asText().strip() : part.get().asText();
      if (node.has(CLEAN) && own.isEmpty()) {
        continue;
      }
      text.append(text.isEmpty() && name.equals(names.get(0)) ? "" : between).append(own);
      if (text.length() > LONGEST_TEXT) {
        obstacle = "it has more than %d letters".formatted(LONGEST_TEXT);
        return Optional.empty();
      }
    }
    node.takeWhole();
    return Optional.of(ComfyGraph.textNode(text.toString()));
  }

  private static String stem(String name) {
    int end = name.length();
    while (end > 0 && Character.isDigit(name.charAt(end - 1))) {
      end--;
    }
    if (end == name.length() && end > 0) {
      end--;
    }
    return name.substring(0, end);
  }
}
