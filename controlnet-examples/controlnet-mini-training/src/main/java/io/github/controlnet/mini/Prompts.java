package io.github.controlnet.mini;

import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/** Puts scenes into words. */
final class Prompts {
  private Prompts() {}

  /** "red circle and blue square with white background". */
  static String plain(NamedColor background, List<SceneObject> objects) {
    return objects.stream()
            .map(o -> o.color().name() + " " + o.kind().word())
            .collect(Collectors.joining(" and "))
        + with(background);
  }

  /** Mostly plain; some with sizes and places, some that leave a part open. */
  static String of(RandomGenerator random, NamedColor background, List<SceneObject> objects) {
    double choice = random.nextDouble();
    if (choice < 0.55) {
      return plain(background, objects);
    }
    if (choice < 0.90) {
      return objects.stream().map(o -> full(random, o)).collect(Collectors.joining(" and "))
          + with(background);
    }
    SceneObject first = objects.get(0);
    if (objects.size() > 1 || choice < 0.92) {
      return background.name() + " background";
    }
    if (choice < 0.95) {
      return first.color().name() + " " + first.kind().word();
    }
    if (choice < 0.98) {
      return first.kind().word() + with(background);
    }
    return first.color().name() + " shape" + with(background);
  }

  private static String with(NamedColor background) {
    return " with " + background.name() + " background";
  }

  private static String full(RandomGenerator random, SceneObject object) {
    StringBuilder words = new StringBuilder(random.nextBoolean() ? "a " : "");
    if (SceneGenerator.isSmall(object)) {
      words.append("small ");
    } else if (SceneGenerator.isLarge(object)) {
      words.append("large ");
    }
    words.append(object.color().name()).append(' ').append(object.kind().word());
    String place = place(object);
    if (!place.isEmpty() && random.nextBoolean()) {
      words.append(" at the ").append(place);
    }
    return words.toString();
  }

  /** "top left", "center" and so on, by thirds of the picture. */
  private static String place(SceneObject object) {
    String row = third(object.y(), "top", "bottom");
    String column = third(object.x(), "left", "right");
    String both = (row + " " + column).trim();
    return both.isEmpty() ? "center" : both;
  }

  private static String third(double at, String low, String high) {
    return at < 0.42 * Scene.SIZE ? low : at > 0.58 * Scene.SIZE ? high : "";
  }
}
