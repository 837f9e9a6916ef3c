package io.github.controlnet.core.json;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.controlnet.core.internal.JsonText;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * An object of a JSON document, which knows its place and what was asked of it. What nobody asked
 * for is refused in the end by {@link #finish}, or named by {@link #unread}: nothing passes unread.
 */
public final class JsonFields {
  private final JsonNode node;
  private final String path;
  private final Set<String> known = new LinkedHashSet<>();
  private final List<JsonFields> parts = new ArrayList<>();

  /**
   * Begins to read an object.
   *
   * @param node the object
   * @param path its place in the document; empty for the document itself
   */
  public JsonFields(JsonNode node, String path) {
    this.node = node;
    this.path = path;
  }

  /**
   * Begins to read a document.
   *
   * @param body the document
   * @return its fields
   * @throws FieldException when it is no object
   */
  public static JsonFields of(JsonNode body) {
    if (!body.isObject()) {
      throw new FieldException("", "The JSON is no object; expected {...}.", null);
    }
    return new JsonFields(body, "");
  }

  /**
   * Reads a document that has one field and no other.
   *
   * @param body the document
   * @param name the field
   * @return its value
   * @throws FieldException when there is another
   */
  public static JsonValue only(JsonNode body, String name) {
    JsonFields fields = of(body);
    JsonValue value = fields.get(name);
    fields.finish();
    return value;
  }

  /**
   * Reads a field, which may be missing.
   *
   * @param name its name
   * @return its value
   */
  public JsonValue get(String name) {
    known.add(name);
    return new JsonValue(node.path(name), place(name), this);
  }

  /**
   * Tells whether there is a field, be it null.
   *
   * @param name its name
   * @return whether it is there
   */
  public boolean has(String name) {
    return node.has(name);
  }

  /**
   * Tells whether somebody asked for a field.
   *
   * @param name its name
   * @return whether it was read
   */
  public boolean isKnown(String name) {
    return known.contains(name);
  }

  /**
   * Returns the names of the fields that there are.
   *
   * @return the names in their order
   */
  public List<String> names() {
    List<String> names = new ArrayList<>();
    node.fieldNames().forEachRemaining(names::add);
    return names;
  }

  /**
   * Takes fields as they are, which change nothing whatever they hold.
   *
   * @param names their names
   */
  public void withoutEffect(Iterable<String> names) {
    names.forEach(known::add);
  }

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
  public void finish() {
    for (String name : names()) {
      if (!isKnown(name)) {
        throw unknown(name, "field");
      }
    }
    parts.forEach(JsonFields::finish);
  }

  /**
   * Names what was not read, here and below.
   *
   * @return the path and the value of each, such as {@code guidance.more: 2}
   */
  public List<String> unread() {
    List<String> unread = new ArrayList<>();
    for (String name : names()) {
      if (!isKnown(name) && !node.path(name).isNull()) {
        unread.add("%s: %s".formatted(place(name), JsonText.whole(node.path(name))));
      }
    }
    parts.forEach(part -> unread.addAll(part.unread()));
    return unread;
  }

  /**
   * Says that there is no such thing here, and what has nearly its name.
   *
   * @param name the name that was written
   * @param what what it names, such as {@code field}
   * @return the exception, to be thrown
   */
  public FieldException unknown(String name, String what) {
    String remedy =
        NearNames.of(name, known).map("did you mean \"%s\"?"::formatted).orElse("leave it out.");
    return new FieldException(
        place(name), "%s: there is no such %s here; %s".formatted(place(name), what, remedy), null);
  }

  private String place(String name) {
    return path.isEmpty() ? name : path + "." + name;
  }
}
