package io.github.controlnet.core.pipeline.canvas;

import io.github.controlnet.core.internal.Cancellation;
import io.github.controlnet.engine.Autoencoder;
import io.github.controlnet.engine.LatentShape;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;

/**
 * Turns latents into pictures, whole or in tiles that overlap by a quarter and fade into each other
 * there (as {@code AutoencoderKL.tiled_decode} of diffusers). With tiles the memory does not depend
 * on the size of the picture; pixels differ a little from those of the whole, since the
 * autoencoder's normalization sees less at a time.
 */
public final class PictureDecoder {
  /** Rows and columns of latents in a tile: what the autoencoder was trained on. */
  public static final int TILE = 64;

  private final Autoencoder autoencoder;
  private final int factor;
  private final OptionalInt tile;

  /**
   * Makes a decoder.
   *
   * @param factor how many pixels a latent's side is
   * @param tile latents of a tile's side, a multiple of 4; empty for whole pictures
   */
  public PictureDecoder(Autoencoder autoencoder, int factor, OptionalInt tile) {
    this.autoencoder = autoencoder;
    this.factor = factor;
    this.tile = tile;
  }

  /**
   * Decodes a batch, image by image: the intermediate results are the largest of all.
   *
   * @param latents as the autoencoder wants them
   * @param cancellation is asked before each image and tile
   */
  public List<BufferedImage> decodeEach(
      float[] latents, LatentShape shape, Cancellation cancellation) {
    int each = shape.size() / shape.images();
    LatentShape one = new LatentShape(1, shape.channels(), shape.height(), shape.width());
    List<BufferedImage> images = new ArrayList<>();
    for (int i = 0; i < shape.images(); i++) {
      cancellation.check();
      float[] part = Arrays.copyOfRange(latents, i * each, (i + 1) * each);
      images.add(decode(part, one, cancellation));
    }
    return images;
  }

  private BufferedImage decode(float[] latents, LatentShape shape, Cancellation cancellation) {
    return Pictures.fromPixels(
        pixels(latents, shape, cancellation), shape.width() * factor, shape.height() * factor);
  }

  /**
   * Decodes one picture.
   *
   * @param latents [1, channels, height, width], scaled as the autoencoder wants them
   * @param cancellation is asked before each tile
   * @return [3, height, width]
   */
  float[] pixels(float[] latents, LatentShape shape, Cancellation cancellation) {
    return tile.isEmpty() || Math.max(shape.height(), shape.width()) <= tile.getAsInt()
        ? autoencoder.decode(latents, shape)
        : tiled(latents, shape, tile.getAsInt(), cancellation);
  }

  private float[] tiled(float[] latents, LatentShape shape, int side, Cancellation cancellation) {
    int step = side * 3 / 4;
    int fade = side / 4 * factor;
    int rows = shape.height() * factor;
    int columns = shape.width() * factor;
    float[] pixels = new float[3 * rows * columns];
    Tile[] above = new Tile[0];
    for (int top = 0; top < shape.height(); top += step) {
      Tile[] row = new Tile[(shape.width() + step - 1) / step];
      for (int i = 0; i < row.length; i++) {
        cancellation.check();
        Tile next = decode(latents, shape, top, i * step, side);
        if (above.length > 0) {
          next.fadeDown(above[i], fade);
        }
        if (i > 0) {
          next.fadeRight(row[i - 1], fade);
        }
        next.draw(pixels, rows, columns, top * factor, i * step * factor, step * factor);
        row[i] = next;
      }
      above = row;
    }
    return pixels;
  }

  private Tile decode(float[] latents, LatentShape shape, int top, int left, int side) {
    int height = Math.min(side, shape.height() - top);
    int width = Math.min(side, shape.width() - left);
    float[] part = new float[shape.channels() * height * width];
    for (int i = 0; i < shape.channels() * height; i++) {
      int row = i / height * shape.height() + top + i % height;
      System.arraycopy(latents, row * shape.width() + left, part, i * width, width);
    }
    float[] values = autoencoder.decode(part, new LatentShape(1, shape.channels(), height, width));
    return new Tile(values, height * factor, width * factor);
  }

  /** Pixels [3, height, width]. */
  private record Tile(float[] values, int height, int width) {

    /** Lets the last rows of the tile above fade into the first ones. */
    void fadeDown(Tile above, int fade) {
      int extent = Math.min(fade, Math.min(above.height, height));
      for (int plane = 0; plane < 3; plane++) {
        for (int y = 0; y < extent; y++) {
          int from = (plane * above.height + above.height - extent + y) * width;
          int to = (plane * height + y) * width;
          float share = y / (float) extent;
          for (int x = 0; x < width; x++) {
            values[to + x] = above.values[from + x] * (1 - share) + values[to + x] * share;
          }
        }
      }
    }

    /** Lets the last columns of the tile on the left fade into the first ones. */
    void fadeRight(Tile left, int fade) {
      int extent = Math.min(fade, Math.min(left.width, width));
      for (int row = 0; row < 3 * height; row++) {
        int from = row * left.width + left.width - extent;
        int to = row * width;
        for (int x = 0; x < extent; x++) {
          float share = x / (float) extent;
          values[to + x] = left.values[from + x] * (1 - share) + values[to + x] * share;
        }
      }
    }

    /** Puts what the next tiles do not cover into a picture, or what is there of it. */
    void draw(float[] pixels, int rows, int columns, int top, int left, int step) {
      int down = Math.min(step, height);
      int across = Math.min(step, width);
      for (int plane = 0; plane < 3; plane++) {
        for (int y = 0; y < down; y++) {
          int to = (plane * rows + top + y) * columns + left;
          System.arraycopy(values, (plane * height + y) * width, pixels, to, across);
        }
      }
    }
  }
}
