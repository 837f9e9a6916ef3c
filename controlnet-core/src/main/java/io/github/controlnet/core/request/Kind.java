package io.github.controlnet.core.request;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.controlnet.ScaleSchedule;
import io.github.controlnet.core.json.JsonValue;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * A kind of value in JSON.
 *
 * @param <V> the value in Java
 */
interface Kind<V> {
  /** Integers beyond this are written as texts: JavaScript would round them. */
  long MOST_EXACT = 1L << 53;

  /** Reads a value; nothing said is empty. */
  Optional<V> read(JsonValue value, RequestSource source);

  /** Writes a value that belongs to a place. */
  JsonNode write(V value, String path, Writing writing);

  /**
   * What values need to be written.
   *
   * @param sink takes images
   * @param steps how many steps run
   */
  record Writing(RequestSink sink, int steps) {}

  /** Makes a kind that needs nothing of its surroundings. */
  static <V> Kind<V> of(Function<JsonValue, Optional<V>> reader, Function<V, JsonNode> writer) {
    return new Kind<>() {
      @Override
      public Optional<V> read(JsonValue value, RequestSource source) {
        return reader.apply(value);
      }

      @Override
      public JsonNode write(V value, String path, Writing writing) {
        return writer.apply(value);
      }
    };
  }

  JsonNodeFactory JSON = JsonNodeFactory.instance;

  Kind<String> TEXT = of(JsonValue::text, JSON::textNode);
  Kind<Integer> INTEGER = of(JsonValue::integer, JSON::numberNode);
  Kind<Double> NUMBER = of(JsonValue::number, JSON::numberNode);
  Kind<Boolean> FLAG = of(JsonValue::flag, JSON::booleanNode);

  /** One number, or a list. */
  Kind<List<Long>> SEEDS =
      of(
          value -> {
            if (!value.isList()) {
              return value.longInteger().map(List::of);
            }
            List<Long> seeds = new ArrayList<>();
            for (JsonValue item : value.items()) {
              seeds.add(item.longInteger().orElseThrow(() -> item.refused("an integer")));
            }
            if (seeds.isEmpty()) {
              throw value.refused("one seed, or one for each image");
            }
            return Optional.of(List.copyOf(seeds));
          },
          seeds -> {
            if (seeds.size() == 1) {
              return exact(seeds.get(0));
            }
            ArrayNode list = JSON.arrayNode();
            seeds.forEach(seed -> list.add(exact(seed)));
            return list;
          });

  private static JsonNode exact(long number) {
    return Math.abs(number) <= MOST_EXACT
        ? JSON.numberNode(number)
        : JSON.textNode(Long.toString(number));
  }

  Kind<List<Double>> NUMBERS =
      of(
          value -> value.isAbsent() ? Optional.empty() : Optional.of(numbers(value)),
          numbers -> {
            ArrayNode list = JSON.arrayNode();
            numbers.forEach(list::add);
            return list;
          });

  private static List<Double> numbers(JsonValue value) {
    List<Double> numbers = new ArrayList<>();
    for (JsonValue item : value.items()) {
      numbers.add(item.number().orElseThrow(() -> item.refused("a number")));
    }
    return numbers;
  }

  /** Texts by name; numbers and flags are taken as texts. */
  Kind<Map<String, String>> TEXTS =
      of(
          value ->
              value
                  .object()
                  .map(
                      fields -> {
                        Map<String, String> texts = new TreeMap<>();
                        for (String name : fields.names()) {
                          JsonValue text = fields.get(name);
                          if (text.isAbsent() || !text.node().isValueNode()) {
                            throw text.refused("a text, a number, true or false");
                          }
                          texts.put(name, text.node().asText());
                        }
                        return texts;
                      }),
          texts -> {
            ObjectNode object = JSON.objectNode();
            new TreeMap<>(texts).forEach(object::put);
            return object;
          });

  /** A number, FROM..TO as a text, or a list with a number for each step. */
  Kind<ScaleSchedule> SCALE =
      new Kind<>() {
        @Override
        public Optional<ScaleSchedule> read(JsonValue value, RequestSource source) {
          if (value.isText() && !value.isEmpty()) {
            return value.text().map(ScaleSchedule::parse);
          }
          return value.isList()
              ? Optional.of(
                  ScaleSchedule.perStep(
                      numbers(value).stream().mapToDouble(Double::doubleValue).toArray()))
              : value.number().map(ScaleSchedule::constant);
        }

        @Override
        public JsonNode write(ScaleSchedule scale, String path, Writing writing) {
          String text = scale.text().orElse("");
          if (text.contains("..")) {
            return JSON.textNode(text);
          }
          double[] numbers =
              text.isEmpty()
                  ? each(scale, writing.steps())
                  : Arrays.stream(text.split(",")).mapToDouble(Double::parseDouble).toArray();
          if (numbers.length == 1) {
            return JSON.numberNode(numbers[0]);
          }
          ArrayNode list = JSON.arrayNode();
          Arrays.stream(numbers).forEach(list::add);
          return list;
        }

        /** What only code can tell, for the steps of this request. */
        private double[] each(ScaleSchedule scale, int steps) {
          double[] numbers = new double[steps];
          Arrays.setAll(numbers, step -> scale.at(step, steps));
          return numbers;
        }
      };

  Kind<BufferedImage> IMAGE = picture(RequestSource::image);
  Kind<BufferedImage> MASK = picture(RequestSource::mask);

  /** Decodes what a text stands for. */
  interface Decoder {
    BufferedImage decode(RequestSource source, String reference);
  }

  private static Kind<BufferedImage> picture(Decoder decoder) {
    return new Kind<>() {
      @Override
      public Optional<BufferedImage> read(JsonValue value, RequestSource source) {
        return value
            .text()
            .filter(text -> !text.isEmpty())
            .map(text -> decoder.decode(source, text));
      }

      @Override
      public JsonNode write(BufferedImage picture, String path, Writing writing) {
        return JSON.textNode(writing.sink().keep(path, picture));
      }
    };
  }

  /** The word for a value of a type, in small letters. */
  static <E extends Enum<E>> Kind<E> word(Class<E> type) {
    return of(value -> value.word(type), chosen -> JSON.textNode(JsonValue.word(chosen)));
  }
}
