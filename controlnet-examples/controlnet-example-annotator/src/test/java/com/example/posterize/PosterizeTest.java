package com.example.posterize;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.controlnet.ControlInput;
import io.github.controlnet.tck.AnnotatorTck;
import java.awt.image.BufferedImage;
import org.junit.jupiter.api.Test;

/** The test kit, and the rounding. */
class PosterizeTest extends AnnotatorTck {
  @Override
  protected String annotatorName() {
    return "posterize";
  }

  @Test
  void levelsAreRoundedToTheNearestStep() {
    BufferedImage photo = new BufferedImage(256, 1, BufferedImage.TYPE_INT_RGB);
    for (int level = 0; level < 256; level++) {
      photo.setRGB(level, 0, level << 16);
    }
    BufferedImage map = new PosterizeAnnotator(4).annotate(photo).map();
    for (int level = 0; level < 256; level++) {
      assertThat((map.getRGB(level, 0) >> 16) & 0xff).isEqualTo(85 * Math.round(level / 85f));
    }
  }

  @Test
  void aRequestFindsItByItsName() {
    BufferedImage photo = new BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB);
    assertThat(ControlInput.annotate(photo, "posterize")).isNotNull();
  }
}
