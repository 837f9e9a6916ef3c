package io.github.controlnet.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.controlnet.ControlInput;
import io.github.controlnet.InpaintMask;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a picture means as a mask, whichever way it comes. */
class MasksTest {
  private static BufferedImage row(int type, int... argb) {
    BufferedImage image = new BufferedImage(argb.length, 1, type);
    image.setRGB(0, 0, argb.length, 1, argb, 0, argb.length);
    return image;
  }

  private static int[] levels(BufferedImage mask) {
    assertThat(mask.getType()).isEqualTo(BufferedImage.TYPE_INT_RGB);
    int[] pixels = mask.getRGB(0, 0, mask.getWidth(), 1, null, 0, mask.getWidth());
    return Arrays.stream(pixels)
        .peek(pixel -> assertThat(pixel).isEqualTo(0xff000000 | (pixel & 255) * 0x010101))
        .map(pixel -> pixel & 255)
        .toArray();
  }

  @Test
  void anOpaquePictureMasksByItsBrightness() {
    BufferedImage colours =
        row(BufferedImage.TYPE_INT_ARGB, 0xff000000, 0xffffffff, 0xffff0000, 0xff00ff00);
    // Pillow: Image.convert("L")
    assertThat(levels(Images.toMask(colours))).containsExactly(0, 255, 76, 150);
  }

  @ParameterizedTest
  @ValueSource(ints = {0xffffff, 0x000000, 0xe0245e})
  void anyColourOnNothingMasksByItsOpacity(int colour) {
    for (int hidden : new int[] {0x000000, 0xffffff, 0x808080}) {
      BufferedImage shape =
          row(BufferedImage.TYPE_INT_ARGB, hidden, 0xff000000 | colour, 0x60000000 | colour);
      assertThat(levels(Images.toMask(shape))).containsExactly(0, 255, 0x60);
    }
  }

  @Test
  void theDoorsOfJavaTakeMasksAlike() {
    BufferedImage shape = row(BufferedImage.TYPE_INT_ARGB, 0, -1, 0x60ffffff);
    assertThat(levels(InpaintMask.of(shape).image())).containsExactly(0, 255, 0x60);
    BufferedImage photo = new BufferedImage(3, 1, BufferedImage.TYPE_INT_RGB);
    ControlInput input = ControlInput.of(photo).withMask(shape);
    assertThat(levels(input.mask().orElseThrow())).containsExactly(0, 255, 0x60);
    input = ControlInput.inpaint(photo, shape);
    assertThat(levels(input.inpaintMask().orElseThrow())).containsExactly(0, 255, 0x60);
  }

  @Test
  void aMaskOfNothingIsRefused() {
    BufferedImage nothing = row(BufferedImage.TYPE_INT_ARGB, 0xffffff, 0x10ffffff);
    assertThatThrownBy(() -> InpaintMask.of(nothing))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("empty");
  }

  @Test
  void filesOfEveryKindOfTransparencyAreOneMask(@TempDir Path folder) throws IOException {
    // grey with one transparent level, a palette with one, RGB with one, colour with opacity
    for (String name :
        new String[] {
          "png-grey8-trns.png",
          "png-palette4-trns-interlaced.png",
          "png-rgb8-trns.png",
          "png-grey-alpha8.png",
          "png-rgba8.png",
          "gif-inside-transparent.gif"
        }) {
      byte[] file = OddPicturesTest.bytes(name);
      BufferedImage mask = Images.readMask(file);
      BufferedImage seen = ImageIO.read(Files.write(folder.resolve(name), file).toFile());
      boolean gif = name.endsWith(".gif");
      for (int y = 0; y < mask.getHeight(); y++) {
        for (int x = 0; x < mask.getWidth(); x++) {
          // Java's own decoder sees the GIF's first image alone, which lies at (3, 4)
          boolean outside = gif && (x < 3 || y < 4 || x >= 15 || y >= 14);
          int alpha = outside ? 0 : seen.getRGB(gif ? x - 3 : x, gif ? y - 4 : y) >>> 24;
          assertThat(mask.getRGB(x, y) & 255).as("%s at %d, %d", name, x, y).isEqualTo(alpha);
        }
      }
      assertThat(Images.readMask(folder.resolve(name)).getRGB(0, 0)).isEqualTo(mask.getRGB(0, 0));
    }
  }

  @Test
  void aPhotographIsOverWhiteAllTheSame() throws IOException {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    ImageIO.write(row(BufferedImage.TYPE_INT_ARGB, 0, -1), "png", file);
    assertThat(Images.read(file.toByteArray()).getRGB(0, 0)).isEqualTo(-1);
    assertThat(levels(Images.readMask(file.toByteArray()))).containsExactly(0, 255);
  }
}
