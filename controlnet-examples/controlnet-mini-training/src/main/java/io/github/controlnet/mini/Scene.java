package io.github.controlnet.mini;

import java.util.List;

/**
 * What a picture shows.
 *
 * @param prompt what is said about it
 * @param background the colour behind everything
 * @param objects one or two shapes that do not touch
 */
public record Scene(String prompt, NamedColor background, List<SceneObject> objects) {
  /** Width and height of every picture, in pixels. */
  public static final int SIZE = 128;

  /** Copies the list. */
  public Scene {
    objects = List.copyOf(objects);
  }

  /** The same scene, as a control sees it that knows only one of its shapes. */
  Scene onlyObject(int index) {
    return new Scene(prompt, background, List.of(objects.get(index)));
  }

  Scene withPrompt(String text) {
    return new Scene(text, background, objects);
  }
}
