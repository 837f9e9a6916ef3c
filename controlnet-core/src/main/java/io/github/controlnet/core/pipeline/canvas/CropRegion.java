package io.github.controlnet.core.pipeline.canvas;

import java.awt.Rectangle;

/** The part of a picture around a mask that is generated alone. */
public final class CropRegion {
  private CropRegion() {}

  /**
   * Pads the masked part and widens it to an aspect, as far as the picture reaches; the region of
   * diffusers' {@code get_crop_region}.
   *
   * @param mask the mask
   * @param padding pixels on each side
   * @param aspect width over height of the generation
   */
  static Rectangle of(GreyMask mask, int padding, double aspect) {
    Rectangle region = padded(mask, padding);
    if ((double) region.width / region.height > aspect) {
      int height = (int) (region.width / aspect);
      int[] rows = widened(region.y, region.height, height, mask.height());
      return new Rectangle(region.x, rows[0], region.width, rows[1]);
    }
    int width = (int) (region.height * aspect);
    int[] columns = widened(region.x, region.width, width, mask.width());
    return new Rectangle(columns[0], region.y, columns[1], region.height);
  }

  /** The masked part with its padding, within the picture. */
  static Rectangle padded(GreyMask mask, int padding) {
    Rectangle region = mask.bounds();
    region.grow(padding, padding);
    return region.intersection(new Rectangle(mask.width(), mask.height()));
  }

  /** Widens a stretch on both sides, shifts it inside and cuts off what is still too long. */
  private static int[] widened(int start, int length, int wanted, int limit) {
    int more = wanted - length;
    int from = start - Math.floorDiv(more, 2);
    from = Math.min(from, limit - wanted);
    from = Math.max(from, 0);
    return new int[] {from, Math.min(from + wanted, limit) - from};
  }
}
