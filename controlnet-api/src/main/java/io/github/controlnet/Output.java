package io.github.controlnet;

import io.github.controlnet.internal.Values;
import java.util.OptionalInt;

/**
 * How many pictures a request makes, and how large. Immutable; new options of the library become
 * new components, so that code outside it makes one of {@link #usual()} and its {@code withX}
 * methods.
 *
 * @param imagesPerPrompt 1 to 1024
 * @param width pixels, a multiple of 8 from 8 to 16384; empty when it follows from the init image,
 *     the control image or the base
 * @param height the same
 * @param resolution the short side to which the control image is brought when no size is given, 64
 *     to 8192 pixels; both sides are then rounded to multiples of 64. Empty for the base's native
 *     size
 */
public record Output(
    int imagesPerPrompt, OptionalInt width, OptionalInt height, OptionalInt resolution) {
  private static final Output USUAL =
      new Output(1, OptionalInt.empty(), OptionalInt.empty(), OptionalInt.empty());

  /**
   * Checks each value; that a side is a multiple of the base's factor only the pipeline can tell.
   *
   * @throws IllegalArgumentException when one is out of its range
   */
  public Output {
    Values.between(imagesPerPrompt, 1, 1024, "the number of images");
    width.ifPresent(pixels -> Values.between(pixels, 8, 16384, "the width"));
    height.ifPresent(pixels -> Values.between(pixels, 8, 16384, "the height"));
    resolution.ifPresent(pixels -> Values.between(pixels, 64, 8192, "the image resolution"));
  }

  /**
   * Returns what holds when nothing is said.
   *
   * @return one image for each prompt, its size as the pictures or the base say
   */
  public static Output usual() {
    return USUAL;
  }

  /**
   * Sets how many images each prompt gets.
   *
   * @param count 1 to 1024
   * @return a new value
   */
  public Output withImagesPerPrompt(int count) {
    return new Output(count, width, height, resolution);
  }

  /**
   * Sets the width; the height follows unless set too.
   *
   * @param pixels a multiple of 8
   * @return a new value
   */
  public Output withWidth(int pixels) {
    return new Output(imagesPerPrompt, OptionalInt.of(pixels), height, resolution);
  }

  /**
   * Sets the height; the width follows unless set too.
   *
   * @param pixels a multiple of 8
   * @return a new value
   */
  public Output withHeight(int pixels) {
    return new Output(imagesPerPrompt, width, OptionalInt.of(pixels), resolution);
  }

  /**
   * Sets the short side of pictures whose size follows from another picture.
   *
   * @param shortSide pixels, 64 to 8192
   * @return a new value
   */
  public Output withResolution(int shortSide) {
    return new Output(imagesPerPrompt, width, height, OptionalInt.of(shortSide));
  }
}
