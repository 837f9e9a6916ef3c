package io.github.controlnet.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.github.controlnet.exception.UnreadableImageException;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Files that decoders stumble over, and what Pillow reads from them: {@code
 * src/test/tools/odd_picture_fixtures.py}.
 */
class OddPicturesTest {
  @TestFactory
  Stream<DynamicTest> readsTheStoredSamplesOrRefusesInWords() throws IOException {
    List<String> lines = new String(bytes("odd.txt"), StandardCharsets.US_ASCII).lines().toList();
    assertThat(lines).hasSizeGreaterThan(200);
    return lines.stream()
        .map(line -> line.split(" "))
        .map(words -> dynamicTest(words[0], () -> check(words)));
  }

  private static void check(String[] words) throws IOException {
    byte[] file = bytes(words[0]);
    if (words[1].equals("refused")) {
      assertThatThrownBy(() -> Images.read(file))
          .isInstanceOf(UnreadableImageException.class)
          .hasMessageStartingWith("The picture")
          .hasMessageContaining(words[2].replace('_', ' '));
      return;
    }
    BufferedImage image = Images.read(file);
    int width = Integer.parseInt(words[1]);
    int height = Integer.parseInt(words[2]);
    assertThat(image.getWidth()).isEqualTo(width);
    assertThat(image.getHeight()).isEqualTo(height);
    byte[] expected = bytes(words[4]);
    assertThat(expected).hasSize(3 * width * height);
    int greatest = 0;
    for (int i = 0; i < expected.length; i++) {
      int pixel = image.getRGB(i / 3 % width, i / 3 / width);
      int level = pixel >> (16 - 8 * (i % 3)) & 255;
      greatest = Math.max(greatest, Math.abs(level - (expected[i] & 255)));
    }
    assertThat(greatest).isLessThanOrEqualTo(Integer.parseInt(words[3]));
  }

  static byte[] bytes(String name) throws IOException {
    try (InputStream in =
        Objects.requireNonNull(OddPicturesTest.class.getResourceAsStream("odd/" + name), name)) {
      return in.readAllBytes();
    }
  }
}
