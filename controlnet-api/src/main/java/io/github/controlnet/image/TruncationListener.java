package io.github.controlnet.image;

import java.util.Locale;
import javax.imageio.ImageReader;
import javax.imageio.event.IIOReadWarningListener;

/** Notices that a JPEG ended too early: Java's decoder fills the rest with grey and only warns. */
final class TruncationListener implements IIOReadWarningListener {
  private boolean heard;

  @Override
  public void warningOccurred(ImageReader source, String warning) {
    String text = warning.toLowerCase(Locale.ROOT);
    heard |= text.contains("truncated") || text.contains("premature end");
  }

  boolean heard() {
    return heard;
  }
}
