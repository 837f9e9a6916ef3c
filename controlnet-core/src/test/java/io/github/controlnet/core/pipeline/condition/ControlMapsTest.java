package io.github.controlnet.core.pipeline.condition;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.controlnet.Annotators;
import io.github.controlnet.ControlInput;
import io.github.controlnet.GenerationRequest;
import io.github.controlnet.core.pipeline.canvas.PictureSize;
import io.github.controlnet.image.Images;
import io.github.controlnet.image.Resampling;
import io.github.controlnet.image.ResizeMode;
import java.awt.image.BufferedImage;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class ControlMapsTest {
  private static final int ONE = 0xff787878;
  private static final int OTHER = 0xff06e6e6;

  private static BufferedImage stripes() {
    BufferedImage picture = new BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < 64; y++) {
      for (int x = 0; x < 64; x++) {
        picture.setRGB(x, y, x / 5 % 2 == 0 ? ONE : OTHER);
      }
    }
    return picture;
  }

  private static int[] map(ControlInput input) {
    try (ControlMaps maps = new ControlMaps(64, Annotators.context())) {
      GenerationRequest request = GenerationRequest.builder().width(128).height(192).build();
      return pixels(
          maps.map(input, ChosenAnnotator.of(input), new PictureSize(128, 192), request).picture());
    }
  }

  private static int[] pixels(BufferedImage picture) {
    int width = picture.getWidth();
    return picture.getRGB(0, 0, width, picture.getHeight(), null, 0, width);
  }

  private static int[] resized(Resampling resampling) {
    return pixels(Images.fit(stripes(), 128, 192, ResizeMode.STRETCH, resampling));
  }

  @Test
  void labelsOfAnAnnotatorAreNotMixed() {
    int[] map = map(ControlInput.annotate(stripes(), "copy_of_labels").withDetectResolution(64));
    assertThat(Arrays.stream(map).distinct()).containsExactlyInAnyOrder(ONE, OTHER);
    assertThat(map).isEqualTo(resized(Resampling.NEAREST));
  }

  @Test
  void otherMapsAreResizedBilinearly() {
    int[] expected = resized(Resampling.BILINEAR);
    assertThat(Arrays.stream(expected).distinct()).hasSizeGreaterThan(2);
    assertThat(map(ControlInput.annotate(stripes(), "copy").withDetectResolution(64)))
        .isEqualTo(expected);
    assertThat(map(ControlInput.of(stripes()))).isEqualTo(expected);
  }
}
