package io.github.controlnet.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.controlnet.exception.InvalidRequestException;
import io.github.controlnet.exception.UnreadableImageException;
import java.awt.Dimension;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImagesTest {

  @Test
  void putsAlphaOverWhiteAsHwc3Does() throws Exception {
    BufferedImage table = new BufferedImage(256, 256, BufferedImage.TYPE_INT_ARGB);
    for (int alpha = 0; alpha < 256; alpha++) {
      for (int colour = 0; colour < 256; colour++) {
        table.setRGB(colour, alpha, (alpha << 24) | (colour * 0x010101));
      }
    }
    assertThat(ResizeParityTest.digest(Images.toRgb(table)))
        .isEqualTo(resource("files/over-white.txt"));
  }

  @ParameterizedTest
  @ValueSource(
      ints = {
        BufferedImage.TYPE_INT_RGB,
        BufferedImage.TYPE_INT_ARGB,
        BufferedImage.TYPE_INT_ARGB_PRE,
        BufferedImage.TYPE_INT_BGR,
        BufferedImage.TYPE_3BYTE_BGR,
        BufferedImage.TYPE_4BYTE_ABGR,
        BufferedImage.TYPE_4BYTE_ABGR_PRE
      })
  void convertsOpaquePicturesOfEveryTypeByValue(int type) {
    BufferedImage image = new BufferedImage(5, 3, type);
    for (int i = 0; i < 15; i++) {
      image.setRGB(i % 5, i / 5, 0xff000000 | (i * 0x110b07));
    }
    BufferedImage rgb = Images.toRgb(image);
    assertThat(rgb.getType()).isEqualTo(BufferedImage.TYPE_INT_RGB);
    assertThat(rgb).isNotSameAs(image);
    for (int i = 0; i < 15; i++) {
      assertThat(rgb.getRGB(i % 5, i / 5)).isEqualTo(0xff000000 | (i * 0x110b07));
    }
  }

  @Test
  void keepsGreyValues() {
    BufferedImage grey = new BufferedImage(256, 1, BufferedImage.TYPE_BYTE_GRAY);
    BufferedImage grey16 = new BufferedImage(256, 1, BufferedImage.TYPE_USHORT_GRAY);
    for (int i = 0; i < 256; i++) {
      grey.getRaster().setSample(i, 0, 0, i);
      grey16.getRaster().setSample(i, 0, 0, i * 256 + 255 - i);
    }
    BufferedImage rgb = Images.toRgb(grey);
    BufferedImage rgb16 = Images.toRgb(grey16);
    for (int i = 0; i < 256; i++) {
      assertThat(rgb.getRGB(i, 0)).isEqualTo(0xff000000 | (i * 0x010101));
      assertThat(rgb16.getRGB(i, 0)).isEqualTo(0xff000000 | (i * 0x010101));
    }
  }

  @Test
  void spreadsPackedPixelsOfFewBits() {
    BufferedImage image = new BufferedImage(2, 1, BufferedImage.TYPE_USHORT_565_RGB);
    image.getRaster().setPixel(0, 0, new int[] {31, 63, 31});
    image.getRaster().setPixel(1, 0, new int[] {16, 32, 0});
    BufferedImage rgb = Images.toRgb(image);
    assertThat(rgb.getRGB(0, 0)).isEqualTo(0xffffffff);
    // Pillow's raw mode BGR;16 cuts off: 16 x 255 / 31 = 131, 32 x 255 / 63 = 129
    assertThat(rgb.getRGB(1, 0)).isEqualTo(0xff838100);
  }

  @Test
  void readsASubimage() {
    BufferedImage whole = ResizeParityTest.picture("noise", 9, 7);
    BufferedImage part = whole.getSubimage(2, 3, 4, 2);
    BufferedImage rgb = Images.toRgb(part);
    BufferedImage resized = Images.resize(part, 4, 2, Resampling.NEAREST);
    for (int y = 0; y < 2; y++) {
      for (int x = 0; x < 4; x++) {
        assertThat(rgb.getRGB(x, y)).isEqualTo(whole.getRGB(x + 2, y + 3));
        assertThat(resized.getRGB(x, y)).isEqualTo(whole.getRGB(x + 2, y + 3));
      }
    }
    BufferedImage grey = new BufferedImage(6, 6, BufferedImage.TYPE_BYTE_GRAY);
    grey.getRaster().setSample(4, 5, 0, 77);
    assertThat(Images.toRgb(grey.getSubimage(3, 4, 3, 2)).getRGB(1, 1)).isEqualTo(0xff4d4d4d);
  }

  @Test
  void refusesFloatSamples() {
    ComponentColorModel model =
        new ComponentColorModel(
            ColorSpace.getInstance(ColorSpace.CS_sRGB),
            false,
            false,
            ComponentColorModel.OPAQUE,
            DataBuffer.TYPE_FLOAT);
    BufferedImage image =
        new BufferedImage(model, model.createCompatibleWritableRaster(2, 2), false, null);
    assertThatThrownBy(() -> Images.toRgb(image))
        .isInstanceOf(UnreadableImageException.class)
        .hasMessageContaining("float samples");
  }

  @ParameterizedTest
  @EnumSource(Resampling.class)
  void leavesItsInputAndSharesNothingWithIt(Resampling resampling) throws Exception {
    BufferedImage image = ResizeParityTest.picture("noise", 20, 10);
    String before = ResizeParityTest.digest(image);
    BufferedImage same = Images.resize(image, 20, 10, resampling);
    assertThat(ResizeParityTest.digest(same)).isEqualTo(before);
    same.setRGB(0, 0, ~same.getRGB(0, 0));
    Images.resize(image, 33, 7, resampling).setRGB(0, 0, 0);
    assertThat(ResizeParityTest.digest(image)).isEqualTo(before);
  }

  // width, height, resolution, expected; by int(np.round(side * k / 64.0)) * 64
  @ParameterizedTest
  @CsvSource({
    "640, 427, 512, 768, 512",
    "427, 640, 512, 512, 768",
    "512, 512, 512, 512, 512",
    "4000, 3000, 512, 704, 512",
    "1920, 1080, 512, 896, 512",
    "1000, 100, 64, 640, 64",
    "544, 512, 512, 512, 512",
    "608, 512, 512, 640, 512",
    "100, 100, 96, 128, 128",
    "100, 100, 160, 128, 128",
    "1, 1, 64, 64, 64",
    "300, 200, 100, 128, 128"
  })
  void resolutionSizeRoundsHalfToEven(
      int width, int height, int resolution, int expectedWidth, int expectedHeight) {
    assertThat(Images.resolutionSize(width, height, resolution))
        .isEqualTo(new Dimension(expectedWidth, expectedHeight));
  }

  @Test
  void resizesToAResolutionByLanczosOrArea() throws Exception {
    BufferedImage photo = ResizeParityTest.picture("photo", 300, 200);
    assertThat(ResizeParityTest.digest(Images.resizeToResolution(photo, 320)))
        .isEqualTo(ResizeParityTest.digest(Images.resize(photo, 512, 320, Resampling.LANCZOS4)));
    assertThat(ResizeParityTest.digest(Images.resizeToResolution(photo, 192)))
        .isEqualTo(ResizeParityTest.digest(Images.resize(photo, 256, 192, Resampling.AREA)));
  }

  @Test
  void refusesUselessSizes() {
    BufferedImage image = ResizeParityTest.picture("noise", 4, 4);
    assertThatThrownBy(() -> Images.resize(image, 0, 5, Resampling.AREA))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("0 x 5");
    assertThatThrownBy(() -> Images.resize(image, 100_000, 100_000, Resampling.AREA))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("100000 x 100000");
    assertThatThrownBy(() -> Images.resizeToResolution(image, 63))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("63");
    assertThatThrownBy(() -> Images.resolutionSize(2_000_000, 1, 512))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("2000000 x 1 pixels")
        .hasMessageContaining("16:1");
    assertThatThrownBy(() -> Images.resolutionSize(1, 17, 512))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("17.0:1");
    assertThat(Images.resolutionSize(16, 1, 64)).isEqualTo(new Dimension(1024, 64));
    assertThatThrownBy(() -> Images.resolutionSize(16, 1, 8192))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("131072 x 8192");
    assertThatThrownBy(() -> Images.fit(image, 4, -1, ResizeMode.CROP, Resampling.AREA))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("4 x -1");
  }

  @Test
  void stretches() throws Exception {
    BufferedImage image = ResizeParityTest.picture("photo", 40, 20);
    assertThat(
            ResizeParityTest.digest(
                Images.fit(image, 30, 30, ResizeMode.STRETCH, Resampling.BILINEAR)))
        .isEqualTo(ResizeParityTest.digest(Images.resize(image, 30, 30, Resampling.BILINEAR)));
  }

  @Test
  void cropsEvenly() {
    BufferedImage image = ResizeParityTest.picture("noise", 40, 20);
    BufferedImage cropped = Images.fit(image, 21, 20, ResizeMode.CROP, Resampling.NEAREST);
    assertThat(cropped.getWidth()).isEqualTo(21);
    assertThat(cropped.getHeight()).isEqualTo(20);
    for (int x = 0; x < 21; x++) {
      // 19 columns overhang: 10 on the left, 9 on the right.
      assertThat(cropped.getRGB(x, 7)).isEqualTo(image.getRGB(x + 10, 7));
    }
  }

  @Test
  void fillsWithBlackEvenly() {
    BufferedImage image = ResizeParityTest.picture("noise", 40, 20);
    BufferedImage filled = Images.fit(image, 40, 31, ResizeMode.FILL, Resampling.NEAREST);
    assertThat(filled.getHeight()).isEqualTo(31);
    for (int x = 0; x < 40; x++) {
      assertThat(filled.getRGB(x, 4)).isEqualTo(0xff000000);
      assertThat(filled.getRGB(x, 5)).isEqualTo(image.getRGB(x, 0));
      assertThat(filled.getRGB(x, 24)).isEqualTo(image.getRGB(x, 19));
      assertThat(filled.getRGB(x, 25)).isEqualTo(0xff000000);
    }
  }

  @ParameterizedTest
  @EnumSource(ResizeMode.class)
  void fitsAnyShapeIntoAnyShape(ResizeMode mode) {
    int[][] sizes = {{1, 1}, {1, 300}, {300, 1}, {17, 31}, {640, 427}};
    for (int[] from : sizes) {
      for (int[] to : sizes) {
        BufferedImage image = ResizeParityTest.picture("photo", from[0], from[1]);
        BufferedImage result = Images.fit(image, to[0], to[1], mode, Resampling.BILINEAR);
        assertThat(result.getWidth()).isEqualTo(to[0]);
        assertThat(result.getHeight()).isEqualTo(to[1]);
      }
    }
  }

  private static String resource(String name) throws IOException {
    try (InputStream in = Objects.requireNonNull(ImagesTest.class.getResourceAsStream(name))) {
      return new String(in.readAllBytes(), StandardCharsets.US_ASCII).strip();
    }
  }
}
