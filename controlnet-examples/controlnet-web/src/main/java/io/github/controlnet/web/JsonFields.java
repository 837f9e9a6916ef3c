package io.github.controlnet.web;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * An object of a request's body, which knows its place and what was asked of it. What nobody asked
 * for is refused in the end by {@link #finish}: nothing passes unread.
 */
final class JsonFields {
  private final JsonNode node;
  private final String path;
  private final Set<String> known = new LinkedHashSet<>();
  private final List<JsonFields> parts = new ArrayList<>();

  JsonFields(JsonNode node, String path) {
    this.node = node;
    this.path = path;
  }

  /** Begins to read a body. */
  static JsonFields of(JsonNode body) {
    if (!body.isObject()) {
      throw new FieldException("", "The body of the request is no object; expected {...}.", null);
    }
    return new JsonFields(body, "");
  }

  /** Reads a body that has one field and no other. */
  static JsonValue only(JsonNode body, String name) {
    JsonFields fields = of(body);
    JsonValue value = fields.get(name);
    fields.finish();
    return value;
  }

  /** Reads a field, which may be missing. */
  JsonValue get(String name) {
    known.add(name);
    return new JsonValue(node.path(name), place(name), this);
  }

  /** Tells whether there is a field, be it null. */
  boolean has(String name) {
    return node.has(name);
  }

  /** Tells whether somebody asked for a field. */
  boolean isKnown(String name) {
    return known.contains(name);
  }

  /** Returns the names of the fields that there are. */
  List<String> names() {
    List<String> names = new ArrayList<>();
    node.fieldNames().forEachRemaining(names::add);
    return names;
  }

  /** Takes fields as they are, which change nothing whatever they hold. */
  void withoutEffect(Iterable<String> names) {
    names.forEach(known::add);
  }

  /** An object among the values, which is finished with this one. */
  JsonFields part(JsonNode object, String where) {
    JsonFields part = new JsonFields(object, where);
    parts.add(part);
    return part;
  }

  /**
   * Refuses what was not read, here and below.
   *
   * @throws FieldException when there is such a field
   */
  void finish() {
    for (String name : names()) {
      if (!isKnown(name)) {
        throw unknown(name, "field");
      }
    }
    parts.forEach(JsonFields::finish);
  }

  /** Says that there is no such thing here, and what has nearly its name. */
  FieldException unknown(String name, String what) {
    String remedy =
        NearNames.of(name, known).map("did you mean \"%s\"?"::formatted).orElse("leave it out.");
    return new FieldException(
        place(name),
        "%s: this server knows no such %s; %s".formatted(place(name), what, remedy),
        null);
  }

  private String place(String name) {
    return path.isEmpty() ? name : path + "." + name;
  }
}
