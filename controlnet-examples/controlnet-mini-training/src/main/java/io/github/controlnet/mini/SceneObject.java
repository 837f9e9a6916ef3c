package io.github.controlnet.mini;

import java.awt.Shape;
import java.awt.geom.AffineTransform;

/**
 * One shape in a picture.
 *
 * @param kind which
 * @param color filled with this
 * @param x of its centre, in pixels
 * @param y of its centre, in pixels
 * @param size half of its width, about, in pixels
 */
public record SceneObject(ShapeKind kind, NamedColor color, double x, double y, double size) {
  Shape shape() {
    AffineTransform place = AffineTransform.getTranslateInstance(x, y);
    place.scale(size, size);
    return place.createTransformedShape(kind.unit());
  }

  boolean isClearOf(SceneObject other) {
    double reach = 1.25 * (size + other.size());
    return Math.hypot(x - other.x(), y - other.y()) > reach;
  }
}
