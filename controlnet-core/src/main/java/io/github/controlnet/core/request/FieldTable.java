package io.github.controlnet.core.request;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.controlnet.core.json.JsonFields;
import io.github.controlnet.core.json.JsonValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * The fields of an immutable value in JSON, a line each: its name and kind, how it is got and how
 * it is set. What a setter refuses is refused by the path of the field. Fields are read in the
 * order of the lines.
 *
 * @param <T> the value
 */
final class FieldTable<T> {
  private final List<Field<T, ?>> fields = new ArrayList<>();

  private record Field<T, V>(
      String name, Kind<V> kind, Function<T, Optional<V>> get, BiFunction<T, V, T> with) {

    T read(JsonFields from, T value, RequestSource source) {
      JsonValue json = from.get(name);
      Optional<V> read = json.within(() -> kind.read(json, source));
      return read.isEmpty() ? value : json.within(() -> with.apply(value, read.get()));
    }

    void write(T value, ObjectNode to, String path, Kind.Writing writing) {
      get.apply(value).ifPresent(each -> to.set(name, kind.write(each, path + name, writing)));
    }
  }

  /** Adds a field that every value has. */
  <V> FieldTable<T> field(String name, Kind<V> kind, Function<T, V> get, BiFunction<T, V, T> with) {
    return optional(name, kind, value -> Optional.of(get.apply(value)), with);
  }

  /** Adds a field that some values have. */
  <V> FieldTable<T> optional(
      String name, Kind<V> kind, Function<T, Optional<V>> get, BiFunction<T, V, T> with) {
    fields.add(new Field<>(name, kind, get, with));
    return this;
  }

  /** Reads the fields that there are; the others stay as they were. */
  T read(JsonFields from, T usual, RequestSource source) {
    T value = usual;
    for (Field<T, ?> field : fields) {
      value = field.read(from, value, source);
    }
    return value;
  }

  /**
   * Writes the fields.
   *
   * @param path the place of the object, with the dot behind it
   */
  void write(T value, ObjectNode to, String path, Kind.Writing writing) {
    fields.forEach(field -> field.write(value, to, path, writing));
  }
}
