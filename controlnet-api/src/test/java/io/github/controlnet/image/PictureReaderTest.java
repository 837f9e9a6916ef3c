package io.github.controlnet.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.github.controlnet.exception.UnreadableImageException;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files and what PIL and OpenCV read from them: {@code src/test/tools/picture_fixtures.py}. */
class PictureReaderTest {
  @TestFactory
  Stream<DynamicTest> readsWhatTheReferenceToolsRead() throws IOException {
    List<String> lines =
        new String(bytes("expected.txt"), StandardCharsets.US_ASCII).lines().toList();
    assertThat(lines).hasSizeGreaterThan(30);
    return lines.stream().map(line -> dynamicTest(line.split(" ", -1)[0], () -> compare(line)));
  }

  private static void compare(String line) throws Exception {
    String[] words = line.split(" ", -1);
    BufferedImage image = Images.read(bytes(words[0]));
    assertThat(image.getType()).isEqualTo(BufferedImage.TYPE_INT_RGB);
    assertThat(image.getWidth()).isEqualTo(Integer.parseInt(words[1]));
    assertThat(image.getHeight()).isEqualTo(Integer.parseInt(words[2]));
    if (words[0].endsWith(".jpg")) {
      // The JPEG standard leaves decoders a rounding of their own.
      assertThat(greatestDifference(image, bytes(words[0] + ".rgb"))).isLessThanOrEqualTo(1);
    } else {
      assertThat(ResizeParityTest.digest(image)).isEqualTo(words[3]);
    }
  }

  private static int greatestDifference(BufferedImage image, byte[] expected) {
    int greatest = 0;
    int at = 0;
    for (int y = 0; y < image.getHeight(); y++) {
      for (int x = 0; x < image.getWidth(); x++) {
        int rgb = image.getRGB(x, y);
        for (int shift = 16; shift >= 0; shift -= 8) {
          int difference = ((rgb >> shift) & 0xff) - (expected[at++] & 0xff);
          greatest = Math.max(greatest, Math.abs(difference));
        }
      }
    }
    assertThat(at).isEqualTo(expected.length);
    return greatest;
  }

  @Test
  void readsFilesAndStreamsAlike(@TempDir Path folder) throws Exception {
    Path file = Files.write(folder.resolve("a picture.png"), bytes("rgba.png"));
    String expected = ResizeParityTest.digest(Images.read(bytes("rgba.png")));
    assertThat(ResizeParityTest.digest(Images.read(file))).isEqualTo(expected);
    assertThat(ResizeParityTest.digest(Images.read(new ByteArrayInputStream(bytes("rgba.png")))))
        .isEqualTo(expected);
  }

  @Test
  void refusesAMissingFile(@TempDir Path folder) {
    Path missing = folder.resolve("missing.png");
    assertThatThrownBy(() -> Images.read(missing))
        .isInstanceOf(UnreadableImageException.class)
        .hasMessageContaining(missing.toString())
        .hasMessageContaining("does not exist");
  }

  @Test
  void refusesAFolder(@TempDir Path folder) {
    assertThatThrownBy(() -> Images.read(folder))
        .isInstanceOf(UnreadableImageException.class)
        .hasMessageContaining("is a folder");
  }

  @Test
  void refusesAnEmptyFile(@TempDir Path folder) throws IOException {
    Path file = Files.write(folder.resolve("empty.png"), new byte[0]);
    assertThatThrownBy(() -> Images.read(file))
        .isInstanceOf(UnreadableImageException.class)
        .hasMessageContaining("is empty");
  }

  @Test
  void refusesWhatIsNotAPictureAndSaysWhatIsRead() {
    assertThatThrownBy(() -> Images.read("<!DOCTYPE html><p>404".getBytes(StandardCharsets.UTF_8)))
        .isInstanceOf(UnreadableImageException.class)
        .hasMessageContaining("web page")
        .hasMessageContaining("PNG, JPEG, GIF, BMP and TIFF");
    assertThatThrownBy(
            () -> Images.read("RIFF\0\0\0\0WEBPVP8 ".getBytes(StandardCharsets.ISO_8859_1)))
        .isInstanceOf(UnreadableImageException.class)
        .hasMessageContaining("it is WebP");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "rgb.png",
        "rgb.jpg",
        "progressive.jpg",
        "cmyk.jpg",
        "indexed.gif",
        "rgb.bmp",
        "rgb.tiff",
        "indexed-4-bit.png",
        "rgb16.png"
      })
  void refusesATruncatedFile(String name) throws IOException {
    byte[] whole = bytes(name);
    // In the last tenth of files this small, nothing but checksums may be missing.
    for (int share = 1; share <= 8; share++) {
      byte[] part = Arrays.copyOf(whole, whole.length * share / 10);
      assertThatThrownBy(() -> Images.read(part))
          .as("%d tenths of %s", share, name)
          .isInstanceOf(UnreadableImageException.class)
          .hasMessageContaining("truncated");
    }
  }

  @Test
  void survivesAnyDamage() throws IOException {
    for (String name :
        List.of(
            "rgba.png",
            "rgb.jpg",
            "cmyk.jpg",
            "indexed.gif",
            "rgb.bmp",
            "rgb.tiff",
            "orientation-6.png")) {
      byte[] whole = bytes(name);
      for (int at = 0; at < Math.min(whole.length, 400); at++) {
        byte[] damaged = whole.clone();
        damaged[at] ^= (byte) (1 + at * 37 % 255);
        try {
          assertThat(Images.read(damaged).getType()).isEqualTo(BufferedImage.TYPE_INT_RGB);
        } catch (UnreadableImageException e) {
          assertThat(e).hasMessageStartingWith("The");
        }
      }
    }
  }

  @Test
  void refusesTooManyPixelsBeforeDecoding() throws IOException {
    byte[] bomb = pngHeader(60000, 60000);
    assertThatThrownBy(() -> Images.read(bomb))
        .isInstanceOf(UnreadableImageException.class)
        .hasMessageContaining("60000 x 60000");
  }

  private static byte[] pngHeader(int width, int height) throws IOException {
    ByteArrayOutputStream header = new ByteArrayOutputStream();
    DataOutputStream data = new DataOutputStream(header);
    data.writeBytes("IHDR");
    data.writeInt(width);
    data.writeInt(height);
    data.write(new byte[] {8, 2, 0, 0, 0});
    CRC32 checksum = new CRC32();
    checksum.update(header.toByteArray());
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(file);
    out.writeLong(0x89504e470d0a1a0aL);
    out.writeInt(13);
    out.write(header.toByteArray());
    out.writeInt((int) checksum.getValue());
    out.writeInt(0);
    out.writeBytes("IDAT");
    out.writeInt(0x35af061e);
    return file.toByteArray();
  }

  @Test
  void wrapsAFailingStream() throws IOException {
    InputStream failing = InputStream.nullInputStream();
    failing.close();
    assertThatThrownBy(() -> Images.read(failing))
        .isInstanceOf(UnreadableImageException.class)
        .hasMessageContaining("Stream closed");
  }

  private static byte[] bytes(String name) throws IOException {
    try (InputStream in =
        Objects.requireNonNull(
            PictureReaderTest.class.getResourceAsStream("files/" + name), name)) {
      return in.readAllBytes();
    }
  }
}
