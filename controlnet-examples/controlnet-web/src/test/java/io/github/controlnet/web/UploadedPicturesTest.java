package io.github.controlnet.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.controlnet.exception.InvalidRequestException;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

class UploadedPicturesTest {
  private static final int MOST = 100;

  private final UploadedPictures pictures = new UploadedPictures(MOST);

  private static String file(BufferedImage image, String format) throws IOException {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    assertThat(ImageIO.write(image, format, file)).isTrue();
    return Base64.getEncoder().encodeToString(file.toByteArray());
  }

  private static String blank(int width, int height, String format) throws IOException {
    return file(new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB), format);
  }

  @Test
  void countsThePixelsOfPicturesAndMasksTogether() throws IOException {
    UploadedPictures.OfRequest sent = pictures.ofRequest();
    for (int i = 0; i < 2; i++) {
      sent.read(blank(10, 10, "png"), "the picture");
      sent.readMask(blank(10, 10, "png"), "the mask");
    }
    String one = blank(1, 1, "png");
    assertThatThrownBy(() -> sent.readMask(one, "the mask"))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("the pictures of this request have more pixels than the 400");
  }

  @Test
  void refusesWhatIsTooLargeAndNamesIt() throws IOException {
    String large = blank(11, 10, "jpg");
    assertThatThrownBy(() -> pictures.read(large, "the picture to start from"))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessage(
            "The picture to start from: The picture has 11 x 10 pixels; this server takes at most"
                + " 100 in all. Reduce it first.");
  }

  @Test
  void refusesFormatsThatTheServerDoesNotTake() throws IOException {
    String tiff = blank(2, 2, "tiff");
    assertThatThrownBy(() -> pictures.read(tiff, "the picture"))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("is TIFF")
        .hasMessageContaining("PNG or JPEG");
    String words = Base64.getEncoder().encodeToString("<svg/>".getBytes(StandardCharsets.UTF_8));
    assertThatThrownBy(() -> pictures.read(words, "the picture"))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("SVG");
  }

  @Test
  void aMaskWithTransparencyMasksWhereItIsOpaque() throws IOException {
    BufferedImage shape = new BufferedImage(2, 1, BufferedImage.TYPE_INT_ARGB);
    shape.setRGB(1, 0, 0xff000000);
    BufferedImage mask = pictures.ofRequest().readMask(file(shape, "png"), "the mask");
    assertThat(mask.getRGB(0, 0)).isEqualTo(0xff000000);
    assertThat(mask.getRGB(1, 0)).isEqualTo(0xffffffff);
  }
}
