package io.github.controlnet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.controlnet.annotator.Annotation;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Values keep what they were given, whatever the caller paints afterwards. */
class CopiedPicturesTest {
  private static final int BEFORE = Color.WHITE.getRGB();

  private static BufferedImage picture() {
    return picture(BufferedImage.TYPE_INT_RGB);
  }

  private static BufferedImage picture(int type) {
    BufferedImage image = new BufferedImage(4, 3, type);
    for (int i = 0; i < 12; i++) {
      image.setRGB(i % 4, i / 4, BEFORE);
    }
    return image;
  }

  private static void paint(BufferedImage image) {
    for (int i = 0; i < 12; i++) {
      image.setRGB(i % 4, i / 4, Color.BLACK.getRGB());
    }
    assertThat(image.getRGB(1, 1)).isEqualTo(Color.BLACK.getRGB());
  }

  private static void isAsBefore(BufferedImage image) {
    for (int i = 0; i < 12; i++) {
      assertThat(image.getRGB(i % 4, i / 4)).isEqualTo(BEFORE);
    }
  }

  @Test
  void controlInputs() {
    BufferedImage image = picture();
    BufferedImage mask = picture(BufferedImage.TYPE_BYTE_GRAY);
    List<ControlInput> inputs =
        List.of(
            ControlInput.of(image).withMask(mask),
            ControlInput.mapOf(image, "canny", Map.of()).withMask(mask),
            ControlInput.annotate(image, "canny").withMask(mask),
            ControlInput.inpaint(image, mask).withMask(mask),
            ControlInput.of(picture()).withMask(picture()).withPictures(own -> image));
    paint(image);
    paint(mask);
    for (ControlInput input : inputs) {
      isAsBefore(input.image());
      isAsBefore(input.mask().orElseThrow());
    }
    isAsBefore(inputs.get(3).inpaintMask().orElseThrow());
  }

  @Test
  void initImagesAndMasks() {
    BufferedImage image = picture();
    BufferedImage mask = picture();
    InpaintMask shape = InpaintMask.of(mask);
    InitImage init = InitImage.of(image).withMask(shape);
    paint(image);
    paint(mask);
    isAsBefore(init.image());
    isAsBefore(shape.image());
    isAsBefore(init.mask().orElseThrow().image());
  }

  @Test
  void annotations() {
    BufferedImage map = picture();
    BufferedImage preview = picture();
    Annotation one = Annotation.of(map);
    Annotation two = new Annotation(map, preview);
    paint(map);
    paint(preview);
    assertThat(one.preview()).isSameAs(one.map());
    for (BufferedImage kept : List.of(one.map(), two.map(), two.preview())) {
      isAsBefore(kept);
    }
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
        BufferedImage.TYPE_USHORT_565_RGB,
        BufferedImage.TYPE_BYTE_GRAY,
        BufferedImage.TYPE_USHORT_GRAY,
        BufferedImage.TYPE_BYTE_BINARY,
        BufferedImage.TYPE_BYTE_INDEXED
      })
  void copiesAreOfTheSameKind(int type) {
    BufferedImage image = picture(type);
    image.setRGB(2, 1, Color.RED.getRGB());
    BufferedImage copy = InitImage.of(image).image();
    assertThat(copy).isNotSameAs(image);
    assertThat(copy.getType()).isEqualTo(type);
    assertThat(copy.getRGB(2, 1)).isEqualTo(image.getRGB(2, 1));
    paint(image);
    assertThat(copy.getRGB(0, 0)).isEqualTo(BEFORE);
  }

  @Test
  void whatAValueKeepsIsNotCopiedAgain() {
    BufferedImage kept = InitImage.of(picture()).image();
    assertThat(ControlInput.of(kept).withScale(2).image()).isSameAs(kept);
    assertThat(InitImage.of(kept).withStrength(1).image()).isSameAs(kept);
  }

  @Test
  void aPartOfAPictureIsCopiedAlone() {
    BufferedImage whole = new BufferedImage(100, 50, BufferedImage.TYPE_INT_RGB);
    whole.setRGB(12, 21, BEFORE);
    BufferedImage copy = InitImage.of(whole.getSubimage(10, 20, 4, 3)).image();
    assertThat(List.of(copy.getWidth(), copy.getHeight())).containsExactly(4, 3);
    assertThat(copy.getRGB(2, 1)).isEqualTo(BEFORE);
    assertThat(copy.getRaster().getDataBuffer().getSize()).isEqualTo(12);
  }

  @Test
  @SuppressWarnings("NullAway")
  void nothingIsNoPicture() {
    assertThatThrownBy(() -> InitImage.of(null)).hasMessage("The init image must not be null.");
    assertThatThrownBy(() -> Annotation.of(null)).hasMessage("The map must not be null.");
  }
}
