package io.github.controlnet.core.provenance;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.controlnet.core.provenance.ComfyGraph.Node;
import java.util.HashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/** Follows a conditioning of ComfyUI back to its text. */
final class ComfyPrompts {
  private static final int DEEPEST = 200;
  private static final Pattern WORDS = Pattern.compile("\\b(?:BREAK|AND)\\b");
  private static final String CONDITIONING = "conditioning";
  private static final String POSITIVE = "positive";
  private static final String NEGATIVE = "negative";

  private final ComfyGraph graph;
  private final ComfyValues values;
  private final Consumer<Node> controls;
  private final Set<Node> seenControls = new HashSet<>();
  private String obstacle = "";
  private Optional<Node> encoder = Optional.empty();

  /**
   * Reads a graph's prompts.
   *
   * @param controls is told of the nodes that apply a control
   */
  ComfyPrompts(ComfyGraph graph, ComfyValues values, Consumer<Node> controls) {
    this.graph = graph;
    this.values = values;
    this.controls = controls;
  }

  /** Why the last prompt was not read. */
  String obstacle() {
    return obstacle;
  }

  /** The node that encodes the text that was read last. */
  Optional<Node> encoder() {
    return encoder;
  }

  /**
   * Reads the text of a conditioning.
   *
   * @param link an input
   * @param positive which of two to follow where a node with both does not say by its outputs
   */
  Optional<String> text(JsonNode link, boolean positive) {
    encoder = Optional.empty();
    return text(link, positive, 0);
  }

  private Optional<String> text(JsonNode link, boolean positive, int depth) {
    if (link.isTextual()) {
      return Optional.of(link.asText());
    }
    Optional<Node> source = graph.source(link);
    if (source.isEmpty() || depth > DEEPEST) {
      obstacle = source.isEmpty() ? "it is not told" : "it comes from a loop";
      return Optional.empty();
    }
    Node node = source.get();
    if (node.has("control_net") && seenControls.add(node)) {
      controls.accept(node);
    }
    if (node.is("ConditioningZeroOut")) {
      // Zeros take the place of a text, and the node is named.
      return positive ? unread(node) : Optional.of("");
    }
    if (node.has("conditioning_to") && node.is("ConditioningConcat")) {
      return chunks(node, positive, depth);
    }
    if (node.has("text") && node.has("clip")) {
      return encoded(node, "text");
    }
    if (node.has("text_g")) {
      return encoded(node, "text_g");
    }
    if (node.has(POSITIVE) && node.has(NEGATIVE)) {
      boolean first = isOfTwo(node, link) ? ComfyGraph.slot(link) == 0 : positive;
      JsonNode next = node.peek(first ? POSITIVE : NEGATIVE);
      return next.isTextual()
          ? Optional.of(node.take(first ? POSITIVE : NEGATIVE).asText())
          : text(next, positive, depth + 1);
    }
    for (String name :
        new String[] {CONDITIONING, "conditioning_to", "conditioning_1", POSITIVE, NEGATIVE}) {
      if (node.has(name)) {
        return text(node.peek(name), positive, depth + 1);
      }
    }
    boolean passes = node.names().size() == 1 && ComfyGraph.isLink(node.peek(node.names().get(0)));
    return passes ? text(node.peek(node.names().get(0)), positive, depth + 1) : unread(node);
  }

  /**
   * Tells whether the outputs of a node with both prompts are these two: those that have a model or
   * more besides pass it on before them.
   */
  private static boolean isOfTwo(Node node, JsonNode link) {
    return !node.peek(POSITIVE).isTextual() && !node.has("model") && ComfyGraph.slot(link) <= 1;
  }

  private Optional<String> encoded(Node node, String name) {
    encoder = Optional.of(node);
    Optional<String> text = values.text(node.take(name));
    obstacle = text.isPresent() ? "" : values.obstacle();
    if (name.equals("text_g") && node.peek("text_l").equals(node.peek("text_g"))) {
      node.take("text_l");
    }
    // Words with a meaning in weighted prompts are text in ComfyUI; in small letters they are the
    // same to the text encoder.
    return text.map(
        each -> WORDS.matcher(each).replaceAll(word -> word.group().toLowerCase(Locale.ROOT)));
  }

  /** One text behind the other, each in chunks of its own. */
  private Optional<String> chunks(Node node, boolean positive, int depth) {
    Optional<String> from = text(node.peek("conditioning_from"), positive, depth + 1);
    Optional<String> to = text(node.peek("conditioning_to"), positive, depth + 1);
    if (to.isEmpty() || from.isEmpty()) {
      return Optional.empty();
    }
    node.takeWhole();
    return Optional.of(to.get() + " BREAK " + from.get());
  }

  private Optional<String> unread(Node node) {
    obstacle = "it comes from %s, which is not read".formatted(node);
    return Optional.empty();
  }
}
