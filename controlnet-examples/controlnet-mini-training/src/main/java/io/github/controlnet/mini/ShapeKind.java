package io.github.controlnet.mini;

import java.awt.Shape;
import java.awt.geom.Area;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;

/** The shapes of the pictures. */
public enum ShapeKind {
  /** Of diameter 2. */
  CIRCLE {
    @Override
    Shape unit() {
      return new Ellipse2D.Double(-1, -1, 2, 2);
    }
  },
  /** With sides along the axes. */
  SQUARE {
    @Override
    Shape unit() {
      return new Rectangle2D.Double(-0.88, -0.88, 1.76, 1.76);
    }
  },
  /** With one corner up. */
  TRIANGLE {
    @Override
    Shape unit() {
      return polygon(0, -1.05, 1.1, 0.85, -1.1, 0.85);
    }
  },
  /** A square on its corner. */
  DIAMOND {
    @Override
    Shape unit() {
      return polygon(0, -1.15, 0.95, 0, 0, 1.15, -0.95, 0);
    }
  },
  /** With five points. */
  STAR {
    @Override
    Shape unit() {
      double[] corners = new double[20];
      for (int i = 0; i < 10; i++) {
        double radius = i % 2 == 0 ? 1.2 : 0.6;
        corners[2 * i] = radius * Math.sin(Math.PI * i / 5);
        corners[2 * i + 1] = -radius * Math.cos(Math.PI * i / 5);
      }
      return polygon(corners);
    }
  },
  /** With four equal arms. */
  CROSS {
    @Override
    Shape unit() {
      Area area = new Area(new Rectangle2D.Double(-1, -0.42, 2, 0.84));
      area.add(new Area(new Rectangle2D.Double(-0.42, -1, 0.84, 2)));
      return area;
    }
  };

  /** The shape around the origin, reaching about 1 in every direction. */
  abstract Shape unit();

  /** As prompts write it. */
  String word() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }

  private static Shape polygon(double... corners) {
    Path2D path = new Path2D.Double();
    path.moveTo(corners[0], corners[1]);
    for (int i = 2; i < corners.length; i += 2) {
      path.lineTo(corners[i], corners[i + 1]);
    }
    path.closePath();
    return path;
  }
}
