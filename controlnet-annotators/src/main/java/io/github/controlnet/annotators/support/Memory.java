package io.github.controlnet.annotators.support;

import com.sun.management.OperatingSystemMXBean;
import io.github.controlnet.exception.AnnotationException;
import java.lang.management.ManagementFactory;

/** The memory of this machine; a system without enough would end the process instead of a call. */
public final class Memory {
  private static final long GB = 1_000_000_000;

  private Memory() {}

  /**
   * Fails when what a network sees needs more than there is.
   *
   * @param annotator its name, for the message
   * @param bytesPerPixel at the most, roughly
   * @param option the one that tells how much it sees
   */
  static void requireInput(
      String annotator, int width, int height, long bytesPerPixel, String option) {
    require(
        annotator,
        width,
        height,
        (long) width * height * bytesPerPixel,
        "give a smaller %s or a photo that is less long".formatted(option));
  }

  /**
   * Fails when a picture needs more than there is.
   *
   * @param annotator its name, for the message
   * @param needed bytes at the most, roughly
   * @param remedy what to do about it, the end of a sentence
   */
  public static void require(String annotator, int width, int height, long needed, String remedy) {
    long there =
        ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize();
    if (needed > there) {
      throw new AnnotationException(
          "The annotator \"%s\" needs about %d GB for a picture of %d x %d pixels, and this machine has %d GB; %s."
              .formatted(annotator, needed / GB, width, height, there / GB, remedy));
    }
  }
}
