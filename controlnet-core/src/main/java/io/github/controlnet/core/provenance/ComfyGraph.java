package io.github.controlnet.core.provenance;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The graph that ComfyUI stores under {@code prompt}: nodes by id, each with a class and inputs,
 * where an input is a value or a link {@code [id, output]}. It knows what was read of each node, so
 * that the rest can be named. Graphs of strangers may have loops, or be deep: walks remember where
 * they were and do not call themselves.
 */
final class ComfyGraph {
  static final String KEY = "prompt";

  /** Python writes NaN and Infinity, which are no JSON. */
  private static final ObjectMapper JSON =
      JsonMapper.builder().enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS).build();

  /** Inputs that say nothing about the picture. */
  private static final Set<String> ASIDE =
      Set.of(
          "control_after_generate",
          "upload",
          "choose file to upload",
          "filename_prefix",
          "speak_and_recognation");

  private static final int LONGEST_VALUE = 80;

  private final Map<String, Node> nodes = new LinkedHashMap<>();

  private ComfyGraph(JsonNode root) {
    root.properties()
        .forEach(
            each -> {
              JsonNode type = each.getValue().path("class_type");
              if (type.isTextual()) {
                nodes.put(
                    each.getKey(),
                    new Node(each.getKey(), type.asText(), each.getValue().path("inputs")));
              }
            });
  }

  /** Reads a graph; empty when the text is none. */
  static Optional<ComfyGraph> read(String text) {
    try {
      JsonNode root = JSON.readTree(text);
      // Some programs store the text of the graph as a JSON string.
      ComfyGraph graph = new ComfyGraph(root.isTextual() ? JSON.readTree(root.asText()) : root);
      return graph.nodes.isEmpty() ? Optional.empty() : Optional.of(graph);
    } catch (JsonProcessingException e) {
      return Optional.empty();
    }
  }

  /** A node, and which of its inputs were read. */
  static final class Node {
    private final String id;
    private final String type;
    private final JsonNode inputs;
    private final Set<String> read = new HashSet<>();
    private boolean understood;

    Node(String id, String type, JsonNode inputs) {
      this.id = id;
      this.type = type;
      this.inputs = inputs;
    }

    String type() {
      return type;
    }

    boolean is(String... types) {
      return List.of(types).contains(type);
    }

    boolean has(String name) {
      return inputs.hasNonNull(name);
    }

    /** Takes an input, which counts as read then, and so does the node. */
    JsonNode take(String name) {
      understood |= has(name);
      read.add(name);
      return inputs.path(name);
    }

    /** Says that the node is understood, though not every value of it may be taken. */
    void understand() {
      understood = true;
    }

    /** Looks at an input without taking it. */
    JsonNode peek(String name) {
      return inputs.path(name);
    }

    /** Says that nothing of the node is left to be named. */
    void takeWhole() {
      understood = true;
      inputs.properties().forEach(input -> read.add(input.getKey()));
    }

    /** The names of the inputs that matter. */
    List<String> names() {
      List<String> names = new ArrayList<>();
      inputs
          .properties()
          .forEach(
              input -> {
                if (!ASIDE.contains(input.getKey())) {
                  names.add(input.getKey());
                }
              });
      return names;
    }

    @Override
    public String toString() {
      return "%s, node %s".formatted(type, id);
    }
  }

  /** The nodes in the order of the text. */
  List<Node> nodes() {
    return List.copyOf(nodes.values());
  }

  /** Tells whether an input comes from another node. */
  static boolean isLink(JsonNode input) {
    return input.isArray()
        && input.size() == 2
        && (input.path(0).isTextual() || input.path(0).isIntegralNumber())
        && input.path(1).isIntegralNumber();
  }

  /** The node that an input comes from. */
  Optional<Node> source(JsonNode input) {
    return isLink(input)
        ? Optional.ofNullable(nodes.get(input.path(0).asText()))
        : Optional.empty();
  }

  /** The node behind an input, or behind the only one that a node has, which then passes it on. */
  Optional<Node> behind(Node node, String name) {
    List<String> names = node.names();
    Optional<Node> source = source(node.peek(name));
    return source.isEmpty() && names.size() == 1 ? source(node.peek(names.get(0))) : source;
  }

  /** Which output of its source an input is. */
  static int slot(JsonNode link) {
    return link.path(1).asInt();
  }

  /** The nearest node that is looked for, from one backwards over the inputs of some names. */
  Optional<Node> nearest(Node from, Predicate<Node> wanted, Predicate<String> inputs) {
    Set<Node> seen = new HashSet<>();
    Deque<Node> waiting = new ArrayDeque<>(List.of(from));
    while (!waiting.isEmpty()) {
      Node node = waiting.remove();
      if (!seen.add(node)) {
        continue;
      }
      if (node != from && wanted.test(node)) {
        return Optional.of(node);
      }
      node.inputs
          .properties()
          .forEach(
              input -> {
                if (inputs.test(input.getKey())) {
                  source(input.getValue()).ifPresent(waiting::add);
                }
              });
    }
    return Optional.empty();
  }

  /** The nodes whose outputs nobody takes. */
  List<Node> ends() {
    Set<Node> taken = new HashSet<>();
    nodes
        .values()
        .forEach(
            node ->
                node.inputs
                    .properties()
                    .forEach(input -> source(input.getValue()).ifPresent(taken::add)));
    return nodes.values().stream().filter(node -> !taken.contains(node)).toList();
  }

  /** Names what of these nodes and of all that lead to them was not read. */
  List<String> unread(List<Node> ends) {
    Set<Node> leading = new HashSet<>();
    Deque<Node> waiting = new ArrayDeque<>(ends);
    while (!waiting.isEmpty()) {
      Node node = waiting.remove();
      if (leading.add(node)) {
        node.inputs.properties().forEach(input -> source(input.getValue()).ifPresent(waiting::add));
      }
    }
    List<String> unread = new ArrayList<>();
    for (Node node : nodes.values()) {
      List<String> values = values(node);
      boolean understood = node.understood || node.type.contains("Reroute");
      if (leading.contains(node) && (!understood || !values.isEmpty())) {
        unread.add(
            values.isEmpty()
                ? node.toString()
                : "%s: %s".formatted(node, String.join(", ", values)));
      }
    }
    return unread;
  }

  /** What of a node's own values was not read. */
  private static List<String> values(Node node) {
    List<String> values = new ArrayList<>();
    for (String name : node.names()) {
      JsonNode value = node.inputs.path(name);
      if (!isLink(value) && !node.read.contains(name)) {
        String text = value.isTextual() ? value.asText() : value.toString();
        values.add(
            "%s %s"
                .formatted(
                    name,
                    text.length() > LONGEST_VALUE ? text.substring(0, LONGEST_VALUE) + "…" : text));
      }
    }
    return values;
  }

  /** A text as a value. */
  static JsonNode textNode(String text) {
    return JsonNodeFactory.instance.textNode(text);
  }
}
