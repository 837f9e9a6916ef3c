package io.github.controlnet.annotators.edges;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.controlnet.annotators.Resources;
import io.github.controlnet.annotators.raster.MatScope;
import io.github.controlnet.annotators.raster.OpenCv;
import java.awt.image.BufferedImage;
import org.junit.jupiter.api.Test;

class BlurDifferenceTest {
  private final BufferedImage photo = Resources.picture("photo.png");

  @Test
  void stripesOfAnyHeightGiveTheSameDifferences() {
    OpenCv.load();
    try (MatScope scope = new MatScope()) {
      BlurDifference difference = new BlurDifference(0.5, 5);
      var picture = scope.keep(OpenCv.toMat(photo));
      float[] whole = difference.of(picture, photo.getHeight());
      for (int rows : new int[] {1, 7, 64, 127}) {
        assertThat(difference.of(picture, rows)).as("%d rows", rows).isEqualTo(whole);
      }
    }
  }
}
