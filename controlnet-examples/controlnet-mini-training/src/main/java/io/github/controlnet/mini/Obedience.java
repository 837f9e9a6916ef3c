package io.github.controlnet.mini;

import java.awt.image.BufferedImage;

/**
 * How well a painted picture obeys a scene's first object and background.
 *
 * @param overlap intersection over union of the painted shape, found without knowing the prompt,
 *     and the outline's inside
 * @param shape whether the named colour nearest to the shape's median is the one asked for
 * @param background the same of the background
 */
record Obedience(double overlap, boolean shape, boolean background) {
  /** From this overlap on an outline counts as followed. */
  private static final double FOLLOWED = 0.9;

  static Obedience of(Scene scene, BufferedImage picture) {
    Painted painted = Painted.in(picture);
    SceneObject object = scene.objects().get(0);
    return new Obedience(
        painted.overlap(SceneRenderer.mask(object)),
        painted.shape().equals(object.color()),
        painted.background().equals(scene.background()));
  }

  boolean followed() {
    return overlap >= FOLLOWED;
  }
}
