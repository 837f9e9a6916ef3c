package io.github.controlnet.annotators.segments;

/**
 * Where matplotlib puts the pixels of a picture on a canvas of as many pixels when the figure is
 * 0.01 pixel larger: the axes grow with it, equally in both directions, and lie in the middle.
 * Every operation is that of matplotlib, in its order, since halves are rounded.
 *
 * @param scaleX the canvas' pixels for a column
 * @param shiftX where the first column begins, from the left
 * @param scaleY the canvas' pixels for a row
 * @param shiftY where the first row begins, from the bottom
 */
record Frame(int width, int height, double scaleX, double shiftX, double scaleY, double shiftY) {
  private static final double MARGIN = 1e-2;
  private static final double DOTS_PER_INCH = 100;

  static Frame of(int width, int height) {
    double figureWidth = (width + MARGIN) / DOTS_PER_INCH * DOTS_PER_INCH;
    double figureHeight = (height + MARGIN) / DOTS_PER_INCH * DOTS_PER_INCH;
    double aspect = (double) height / width;
    double figureAspect = figureHeight / figureWidth;
    double shareY = Math.min(1, aspect / figureAspect);
    double shareX = aspect / figureAspect <= 1 ? 1 : figureAspect / aspect;
    double freeX = (1 - shareX) / 2;
    double freeY = (1 - shareY) / 2;
    double left = freeX * figureWidth;
    double bottom = freeY * figureHeight;
    double axesWidth = (shareX + freeX) * figureWidth - left;
    double axesHeight = (shareY + freeY) * figureHeight - bottom;
    double row = 1.0 / height;
    return new Frame(
        width,
        height,
        axesWidth * (1.0 / width),
        left,
        axesHeight * row,
        axesHeight * (height * row) + bottom);
  }

  /** The canvas' column of a point, from the left. */
  double x(double column) {
    return column * scaleX + shiftX;
  }

  /** The canvas' row of a point, from the top. */
  double y(double row) {
    return row * scaleY + (height - shiftY);
  }
}
