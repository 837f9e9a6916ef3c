package io.github.controlnet.mini;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/** Draws scenes by number: the same seed and number give the same scene everywhere. */
public final class SceneGenerator {
  private static final List<ShapeKind> KINDS = List.of(ShapeKind.values());
  private static final double SMALL = 26;
  private static final double LARGE = 36;

  private final long seed;

  /**
   * @param seed of the whole set
   */
  public SceneGenerator(long seed) {
    this.seed = seed;
  }

  /** A scene for training: one or two shapes, no pair of colours that is held out. */
  public Scene training(long number) {
    RandomGenerator random = random(number);
    NamedColor background = color(random);
    List<SceneObject> objects = new ArrayList<>();
    if (random.nextDouble() < 0.3) {
      do {
        objects.clear();
        objects.add(object(random, allowed(random, background), 15, 27));
        objects.add(object(random, allowed(random, background), 15, 27));
      } while (!objects.get(0).isClearOf(objects.get(1))
          || objects.get(0).kind() == objects.get(1).kind());
    } else {
      objects.add(object(random, allowed(random, background), 16, 50));
    }
    return new Scene(Prompts.of(random, background, objects), background, objects);
  }

  /** A scene of one shape with the plainest prompt, its pair of colours held out or not. */
  public Scene evaluation(long number, boolean heldOut) {
    RandomGenerator random = random(number);
    NamedColor background;
    NamedColor color;
    do {
      background = color(random);
      color = color(random);
    } while (color.equals(background) || NamedColor.isHeldOut(color, background) != heldOut);
    SceneObject object = object(random, color, 16, 50);
    return new Scene(Prompts.plain(background, List.of(object)), background, List.of(object));
  }

  private RandomGenerator random(long number) {
    return new SplittableRandom(
        new SplittableRandom(seed ^ number * 0x9E3779B97F4A7C15L).nextLong());
  }

  private static NamedColor color(RandomGenerator random) {
    return NamedColor.ALL.get(random.nextInt(NamedColor.ALL.size()));
  }

  private static NamedColor allowed(RandomGenerator random, NamedColor background) {
    NamedColor color;
    do {
      color = color(random);
    } while (color.equals(background) || NamedColor.isHeldOut(color, background));
    return color;
  }

  private static SceneObject object(
      RandomGenerator random, NamedColor color, double smallest, double largest) {
    ShapeKind kind = KINDS.get(random.nextInt(KINDS.size()));
    double size = random.nextDouble(smallest, largest);
    double margin = 1.25 * size + 2;
    double low = Math.min(margin, Scene.SIZE / 2.0);
    double high = Math.max(Scene.SIZE - margin, low + 1e-9);
    return new SceneObject(
        kind, color, random.nextDouble(low, high), random.nextDouble(low, high), size);
  }

  static boolean isSmall(SceneObject object) {
    return object.size() < SMALL;
  }

  static boolean isLarge(SceneObject object) {
    return object.size() > LARGE;
  }
}
