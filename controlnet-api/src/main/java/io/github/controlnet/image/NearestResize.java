package io.github.controlnet.image;

/** The pixel whose index is the scaled index cut off, as OpenCV's {@code INTER_NEAREST}. */
final class NearestResize {
  private NearestResize() {}

  static Pixels resize(Pixels source, int width, int height) {
    int[] columns = indices(source.width(), width);
    int[] rows = indices(source.height(), height);
    int[] target = new int[width * height];
    int[] pixels = source.rgb();
    int at = 0;
    for (int row : rows) {
      int start = row * source.width();
      for (int column : columns) {
        target[at++] = pixels[start + column];
      }
    }
    return new Pixels(width, height, target);
  }

  private static int[] indices(int sourceLength, int length) {
    // Twice inverted, since that is how the reference rounds.
    double scale = 1 / ((double) length / sourceLength);
    int[] indices = new int[length];
    for (int i = 0; i < length; i++) {
      indices[i] = Math.min((int) Math.floor(i * scale), sourceLength - 1);
    }
    return indices;
  }
}
