package io.github.controlnet.engine;

import java.util.Locale;

/**
 * Where the networks run.
 *
 * @param type {@code cpu} or {@code cuda}, or another word that an engine understands
 * @param index the number of the device among those of its type, 0 or more
 */
public record Device(String type, int index) {
  /** The processor. */
  public static final Device CPU = new Device("cpu", 0);

  /** Checks the values. */
  public Device {
    if (type.isBlank() || index < 0) {
      throw new IllegalArgumentException(
          "Device type \"%s\" with index %d is not legal; use cpu or cuda:0."
              .formatted(type, index));
    }
  }

  /**
   * Names a CUDA device.
   *
   * @param index its number, 0 or more
   * @return the device
   */
  public static Device cuda(int index) {
    return new Device("cuda", index);
  }

  /**
   * Reads a device from text such as {@code cpu}, {@code cuda} or {@code cuda:1}.
   *
   * @param text the text
   * @return the device
   * @throws IllegalArgumentException when the text is of another form
   */
  public static Device parse(String text) {
    String lower = text.toLowerCase(Locale.ROOT);
    if (!lower.matches("[a-z]+(:[0-9]{1,3})?")) {
      throw new IllegalArgumentException(
          "\"%s\" is not a device; use cpu, cuda or cuda:1.".formatted(text));
    }
    int colon = lower.indexOf(':');
    return colon < 0
        ? new Device(lower, 0)
        : new Device(lower.substring(0, colon), Integer.parseInt(lower.substring(colon + 1)));
  }

  @Override
  public String toString() {
    return type.equals("cpu") ? type : type + ":" + index;
  }
}
