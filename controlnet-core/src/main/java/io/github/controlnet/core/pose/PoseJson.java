package io.github.controlnet.core.pose;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.controlnet.core.internal.JsonText;
import io.github.controlnet.exception.InvalidRequestException;
import io.github.controlnet.internal.TextFiles;
import io.github.controlnet.pose.Keypoint;
import io.github.controlnet.pose.Person;
import io.github.controlnet.pose.Poses;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * People in the JSON that OpenPose writes (doc/02_output.md of CMU-Perceptual-Computing-Lab/
 * openpose), with the size of the canvas that sd-webui-controlnet and its pose editors add: an
 * object of {@code people}, {@code canvas_width} and {@code canvas_height}; of each person {@code
 * pose_keypoints_2d}, {@code face_keypoints_2d}, {@code hand_left_keypoints_2d} and {@code
 * hand_right_keypoints_2d}, null or x, y and confidence of every point in turn. A point with
 * confidence 0 was not found.
 *
 * <p>Coordinates are written in pixels. A list of points whose coordinates are all from -1 to 1 is
 * read as shares of the canvas, which older versions of the web UI write. Bodies of 25 points
 * (OpenPose's BODY_25) are refused, since the maps have 18.
 */
public final class PoseJson {
  private static final JsonMapper MAPPER =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

  private static final String BODY = "pose_keypoints_2d";
  private static final String FACE = "face_keypoints_2d";
  private static final String LEFT_HAND = "hand_left_keypoints_2d";
  private static final String RIGHT_HAND = "hand_right_keypoints_2d";
  private static final int VALUES = 3;

  private PoseJson() {}

  /**
   * Writes people.
   *
   * @param poses the people
   * @return the JSON, one line
   */
  public static String write(Poses poses) {
    try {
      return MAPPER.writeValueAsString(tree(poses));
    } catch (JsonProcessingException e) {
      throw new AssertionError("numbers, lists and maps are JSON", e);
    }
  }

  /**
   * Writes people as maps, lists and numbers, for a larger JSON text.
   *
   * @param poses the people
   * @return the object
   */
  public static Map<String, Object> tree(Poses poses) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("people", poses.people().stream().map(PoseJson::person).toList());
    object.put("canvas_width", poses.width());
    object.put("canvas_height", poses.height());
    return object;
  }

  private static Map<String, @Nullable Object> person(Person person) {
    Map<String, @Nullable Object> object = new LinkedHashMap<>();
    object.put(BODY, numbers(person.body()));
    object.put(FACE, numbers(person.face()));
    object.put(LEFT_HAND, numbers(person.leftHand()));
    object.put(RIGHT_HAND, numbers(person.rightHand()));
    return object;
  }

  private static @Nullable List<Double> numbers(List<Keypoint> points) {
    if (points.isEmpty()) {
      return null;
    }
    List<Double> numbers = new ArrayList<>();
    for (Keypoint point : points) {
      Collections.addAll(numbers, point.x(), point.y(), point.confidence());
    }
    return numbers;
  }

  /**
   * Reads people.
   *
   * @param json the text
   * @return the people
   * @throws InvalidRequestException when the text is not such JSON, with the place and what was
   *     expected there
   */
  public static Poses read(String json) {
    JsonNode root;
    try {
      root = MAPPER.readTree(TextFiles.withoutMark(json));
    } catch (JsonProcessingException e) {
      throw new InvalidRequestException(
          "The poses are not JSON: %s%s.".formatted(e.getOriginalMessage(), place(e)), e);
    }
    return read(root);
  }

  /** Where the text is no JSON; what breaks a limit, such as that of nesting, has no place. */
  private static String place(JsonProcessingException problem) {
    JsonLocation location = problem.getLocation();
    return location == null
        ? ""
        : " (line %d, column %d)".formatted(location.getLineNr(), location.getColumnNr());
  }

  /**
   * Reads people from a part of a larger JSON text.
   *
   * @param root the object
   * @return the people
   * @throws InvalidRequestException as {@link #read(String)} does
   */
  public static Poses read(JsonNode root) {
    if (!root.isObject()) {
      throw wrong("the poses", "an object with people, canvas_width and canvas_height", root);
    }
    int width = side(root, "canvas_width");
    int height = side(root, "canvas_height");
    JsonNode list = root.path("people");
    if (!list.isArray()) {
      throw wrong("people", "a list", list);
    }
    List<Person> people = new ArrayList<>();
    for (JsonNode person : list) {
      String place = "people[%d]".formatted(people.size());
      if (!person.isObject()) {
        throw wrong(place, "an object", person);
      }
      people.add(
          new Person(
              points(person, place, BODY, width, height),
              points(person, place, LEFT_HAND, width, height),
              points(person, place, RIGHT_HAND, width, height),
              points(person, place, FACE, width, height)));
    }
    return InvalidRequestException.checking(() -> new Poses(width, height, people));
  }

  private static int side(JsonNode root, String name) {
    JsonNode side = root.path(name);
    if (!side.isIntegralNumber() || !side.canConvertToInt() || side.intValue() < 1) {
      throw wrong(name, "a whole number of pixels from 1 on", side);
    }
    return side.intValue();
  }

  private static List<Keypoint> points(
      JsonNode person, String place, String name, int width, int height) {
    JsonNode numbers = person.path(name);
    if (numbers.isMissingNode() || numbers.isNull()) {
      return List.of();
    }
    String where = place + "." + name;
    if (!numbers.isArray()) {
      throw wrong(where, "null or a list of numbers", numbers);
    }
    if (numbers.size() % VALUES != 0) {
      throw wrong(
          where, "x, y and confidence of each point", "%d numbers".formatted(numbers.size()));
    }
    double[] values = new double[numbers.size()];
    boolean shares = true;
    for (int i = 0; i < values.length; i++) {
      JsonNode number = numbers.get(i);
      if (!number.isNumber() || !Double.isFinite(number.doubleValue())) {
        throw wrong("%s[%d]".formatted(where, i), "a number", number);
      }
      values[i] = number.doubleValue();
      shares &= i % VALUES == 2 || Math.abs(values[i]) <= 1;
    }
    List<Keypoint> points = new ArrayList<>();
    for (int i = 0; i < values.length; i += VALUES) {
      double confidence = values[i + 2];
      if (confidence < 0) {
        throw wrong(
            "%s[%d]".formatted(where, i + 2), "a confidence of 0 or more", numbers.get(i + 2));
      }
      points.add(
          confidence == 0
              ? Keypoint.MISSING
              : point(
                  shares ? values[i] * width : values[i],
                  shares ? values[i + 1] * height : values[i + 1],
                  confidence));
    }
    int expected = name.equals(BODY) ? 18 : name.equals(FACE) ? points.size() : 21;
    if (!points.isEmpty() && points.size() != expected) {
      throw wrong(where, "%d points or none".formatted(expected), points.size() + " points");
    }
    return points;
  }

  private static Keypoint point(double x, double y, double confidence) {
    return InvalidRequestException.checking(() -> new Keypoint(x, y, confidence));
  }

  private static InvalidRequestException wrong(String place, String expected, JsonNode found) {
    return wrong(place, expected, JsonText.shown(found));
  }

  private static InvalidRequestException wrong(String place, String expected, String found) {
    return new InvalidRequestException(
        "The poses are not OpenPose's JSON: %s is %s; expected %s."
            .formatted(place, found, expected));
  }
}
