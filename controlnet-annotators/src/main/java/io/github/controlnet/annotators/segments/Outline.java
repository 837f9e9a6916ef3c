package io.github.controlnet.annotators.segments;

/**
 * A closed line of some width along a polygon, with the corners of Agg's strokes as matplotlib sets
 * them: pointed ones, cut off where the point is too far from the corner. How far that is grows
 * with the square of the width, so that lines of 1 point have no pointed right angles.
 */
final class Outline {
  private static final double LEAST_INNER_LIMIT = 1.01;

  /** What lies less to the side, twice an area, is straight on. */
  private static final double STRAIGHT = 1e-14;

  /** Lines whose directions differ by less have no intersection. */
  private static final double PARALLEL = 1e-30;

  private final double[] x;
  private final double[] y;
  private final double[] lengths;
  private final double half;

  /**
   * An outline of the polygon with these corners.
   *
   * @param x at least two corners, each different from the next one
   */
  Outline(double[] x, double[] y, double width) {
    this.x = x;
    this.y = y;
    this.half = width / 2;
    lengths = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      int next = next(i);
      lengths[i] = distance(x[i], y[i], x[next], y[next]);
    }
  }

  /** The polygon itself. */
  static void fill(double[] x, double[] y, Coverage coverage) {
    Pen pen = new Pen(coverage);
    for (int i = 0; i < x.length; i++) {
      pen.to(x[i], y[i]);
    }
    pen.close();
  }

  /** Draws the one side along the polygon, the other one against it. */
  void draw(Coverage coverage) {
    Pen pen = new Pen(coverage);
    for (int i = 0; i < x.length; i++) {
      corner(pen, previous(i), i, next(i), lengths[previous(i)], lengths[i]);
    }
    pen.close();
    for (int i = x.length - 1; i >= 0; i--) {
      corner(pen, next(i), i, previous(i), lengths[i], lengths[previous(i)]);
    }
    pen.close();
  }

  private int next(int i) {
    return i + 1 == x.length ? 0 : i + 1;
  }

  private int previous(int i) {
    return i == 0 ? x.length - 1 : i - 1;
  }

  /** The line's border about the corner b, on the way from a to c. */
  private void corner(Pen pen, int a, int b, int c, double lengthAb, double lengthBc) {
    double inX = half * (y[b] - y[a]) / lengthAb;
    double inY = -(half * (x[b] - x[a]) / lengthAb);
    double outX = half * (y[c] - y[b]) / lengthBc;
    double outY = -(half * (x[c] - x[b]) / lengthBc);
    double limit =
        side(a, b, x[c], y[c]) > STRAIGHT
            ? Math.max(Math.min(lengthAb, lengthBc) / half, LEAST_INNER_LIMIT)
            : 2 * half;
    double startX = x[a] + inX;
    double startY = y[a] + inY;
    double beforeX = x[b] + inX;
    double beforeY = y[b] + inY;
    double afterX = x[b] + outX;
    double afterY = y[b] + outY;
    double endX = x[c] + outX;
    double endY = y[c] + outY;
    double turn = (beforeX - startX) * (endY - afterY) - (beforeY - startY) * (endX - afterX);
    boolean pointed;
    double pointX = beforeX;
    double pointY = beforeY;
    if (Math.abs(turn) < PARALLEL) {
      pointed = (side(a, b, beforeX, beforeY) < 0) == (side(b, c, beforeX, beforeY) < 0);
    } else {
      double share =
          ((startY - afterY) * (endX - afterX) - (startX - afterX) * (endY - afterY)) / turn;
      pointX = startX + share * (beforeX - startX);
      pointY = startY + share * (beforeY - startY);
      pointed = distance(x[b], y[b], pointX, pointY) <= half * limit;
    }
    if (pointed) {
      pen.to(pointX, pointY);
    } else {
      pen.to(beforeX, beforeY);
      pen.to(afterX, afterY);
    }
  }

  /** More than 0 when a point lies on the side of the line from a to b that the border is on. */
  private double side(int a, int b, double pointX, double pointY) {
    return (pointX - x[b]) * (y[b] - y[a]) - (pointY - y[b]) * (x[b] - x[a]);
  }

  private static double distance(double x1, double y1, double x2, double y2) {
    double dx = x2 - x1;
    double dy = y2 - y1;
    return Math.sqrt(dx * dx + dy * dy);
  }

  /** Draws closed shapes from corner to corner. */
  private static final class Pen {
    private final Coverage coverage;
    private boolean down;
    private double startX;
    private double startY;
    private double lastX;
    private double lastY;

    Pen(Coverage coverage) {
      this.coverage = coverage;
    }

    void to(double x, double y) {
      if (down) {
        coverage.edge(lastX, lastY, x, y);
      } else {
        startX = x;
        startY = y;
        down = true;
      }
      lastX = x;
      lastY = y;
    }

    void close() {
      if (down) {
        coverage.edge(lastX, lastY, startX, startY);
      }
      down = false;
    }
  }
}
