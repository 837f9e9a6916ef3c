package io.github.controlnet.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.controlnet.exception.UnreadableImageException;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import javax.imageio.ImageReadParam;
import javax.imageio.ImageReader;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.spi.IIORegistry;
import javax.imageio.spi.ImageReaderSpi;
import javax.imageio.stream.ImageInputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** WebP is read by whichever decoder the application has; none is here but a stand-in. */
class WebPTest {
  private static final byte[] TURNED = {
    'I', 'I', '*', 0, 8, 0, 0, 0, 1, 0, 0x12, 1, 3, 0, 1, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0
  };

  @Test
  void namesTheDecoderThatIsMissing() {
    assertThatThrownBy(() -> Images.read(file()))
        .isInstanceOf(UnreadableImageException.class)
        .hasMessageContaining("it is WebP")
        .hasMessageContaining("com.twelvemonkeys.imageio:imageio-webp");
  }

  @Test
  void hidesTheProfileFromTheDecoderAndTurnsThePicture() {
    StandInProvider provider = new StandInProvider();
    IIORegistry.getDefaultInstance().registerServiceProvider(provider);
    try {
      BufferedImage image = Images.read(file());
      assertThat(new int[] {image.getWidth(), image.getHeight()}).containsExactly(1, 2);
      assertThat(image.getRGB(0, 0) & 0xffffff).isEqualTo(0x112233);
      assertThat(image.getRGB(0, 1) & 0xffffff).isEqualTo(0x445566);
      String seen = new String(provider.seen, StandardCharsets.ISO_8859_1);
      assertThat(seen).contains("VP8X").contains("VP8L").doesNotContain("ICCP");
      assertThat(provider.seen[20]).isEqualTo((byte) 8);
      assertThat(ByteBuffer.wrap(provider.seen).order(ByteOrder.LITTLE_ENDIAN).getInt(4))
          .isEqualTo(provider.seen.length - 8);
      assertThat(Images.readHeader(file())).isEqualTo(new PictureHeader("webp", 2, 1));
    } finally {
      IIORegistry.getDefaultInstance().deregisterServiceProvider(provider);
    }
  }

  /** Two pixels, with a profile and EXIF that turns them. */
  private static byte[] file() {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    body.writeBytes("WEBP".getBytes(StandardCharsets.US_ASCII));
    chunk(body, "VP8X", new byte[] {0x28, 0, 0, 0, 1, 0, 0, 0, 0, 0});
    chunk(body, "ICCP", new byte[] {1, 2, 3});
    chunk(body, "VP8L", new byte[] {4, 5, 6, 7});
    chunk(body, "EXIF", TURNED);
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    chunk(file, "RIFF", body.toByteArray());
    return file.toByteArray();
  }

  private static void chunk(ByteArrayOutputStream out, String name, byte[] content) {
    out.writeBytes(name.getBytes(StandardCharsets.US_ASCII));
    out.writeBytes(
        ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(content.length).array());
    out.writeBytes(content);
    out.writeBytes(new byte[content.length % 2]);
  }

  private static final class StandInProvider extends ImageReaderSpi {
    private byte[] seen = {};

    StandInProvider() {
      super(
          "test",
          "1",
          new String[] {"webp"},
          new String[] {"webp"},
          new String[] {"image/webp"},
          StandIn.class.getName(),
          new Class<?>[] {ImageInputStream.class},
          new String[0],
          false,
          null,
          null,
          new String[0],
          new String[0],
          false,
          null,
          null,
          new String[0],
          new String[0]);
    }

    @Override
    public boolean canDecodeInput(Object source) throws IOException {
      ImageInputStream in = (ImageInputStream) source;
      in.mark();
      byte[] start = new byte[12];
      int count = in.read(start);
      in.reset();
      return count == 12 && PictureFormat.of(start) == PictureFormat.WEBP;
    }

    @Override
    public ImageReader createReaderInstance(@Nullable Object extension) {
      return new StandIn(this);
    }

    @Override
    public String getDescription(Locale locale) {
      return "stand-in";
    }
  }

  private static final class StandIn extends ImageReader {
    StandIn(StandInProvider provider) {
      super(provider);
    }

    @Override
    public int getNumImages(boolean allowSearch) {
      return 1;
    }

    @Override
    public int getWidth(int index) {
      return 2;
    }

    @Override
    public int getHeight(int index) {
      return 1;
    }

    @Override
    public Iterator<ImageTypeSpecifier> getImageTypes(int index) {
      return List.of(ImageTypeSpecifier.createFromBufferedImageType(BufferedImage.TYPE_INT_RGB))
          .iterator();
    }

    @Override
    public @Nullable IIOMetadata getStreamMetadata() {
      return null;
    }

    @Override
    public @Nullable IIOMetadata getImageMetadata(int index) {
      return null;
    }

    @Override
    public BufferedImage read(int index, @Nullable ImageReadParam param) throws IOException {
      ImageInputStream in = (ImageInputStream) getInput();
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      for (int next = in.read(); next >= 0; next = in.read()) {
        all.write(next);
      }
      ((StandInProvider) getOriginatingProvider()).seen = all.toByteArray();
      BufferedImage image = new BufferedImage(2, 1, BufferedImage.TYPE_INT_RGB);
      image.setRGB(0, 0, 0x112233);
      image.setRGB(1, 0, 0x445566);
      return image;
    }
  }
}
