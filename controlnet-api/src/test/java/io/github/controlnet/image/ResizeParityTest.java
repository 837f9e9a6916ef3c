package io.github.controlnet.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Bit for bit like {@code cv2.resize}; digests by {@code src/test/tools/resize_fixtures.py}. */
class ResizeParityTest {

  @Test
  void equalsOpenCv() throws Exception {
    List<String> differing = new ArrayList<>();
    int cases = 0;
    for (String line : lines()) {
      if (line.startsWith("#")) {
        continue;
      }
      String[] words = line.split(" ", -1);
      int width = Integer.parseInt(words[1]);
      int height = Integer.parseInt(words[2]);
      BufferedImage source = picture(words[0], width, height);
      BufferedImage result =
          Images.resize(
              source,
              Integer.parseInt(words[3]),
              Integer.parseInt(words[4]),
              Resampling.valueOf(words[5]));
      cases++;
      if (!digest(result).equals(words[6])) {
        differing.add(line);
      }
    }
    assertThat(cases).isGreaterThan(400);
    assertThat(differing).isEmpty();
  }

  static BufferedImage picture(String kind, int width, int height) {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    int index = 0;
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int rgb = 0;
        for (int c = 0; c < 3; c++) {
          rgb = (rgb << 8) | sample(kind, x, y, c, index++);
        }
        image.setRGB(x, y, rgb);
      }
    }
    return image;
  }

  private static int sample(String kind, int x, int y, int c, int index) {
    return switch (kind) {
      case "noise" -> (mixed(index + 1) >>> 8) & 0xff;
      case "extremes" -> ((mixed(index + 2) >>> 9) & 1) * 255;
      case "photo" -> {
        int wave = (x * (3 + c) + y * (5 - c)) % 510;
        int grain = (mixed(index + 3) >>> 10) % 17;
        yield Math.max(0, Math.min(255, (wave > 255 ? 510 - wave : wave) + grain - 8));
      }
      default -> throw new IllegalArgumentException(kind);
    };
  }

  private static int mixed(int index) {
    int value = index * (int) 2654435761L;
    value ^= value >>> 15;
    value *= (int) 2246822519L;
    return value ^ (value >>> 13);
  }

  static String digest(BufferedImage image) throws NoSuchAlgorithmException {
    byte[] samples = new byte[image.getWidth() * image.getHeight() * 3];
    int at = 0;
    for (int y = 0; y < image.getHeight(); y++) {
      for (int x = 0; x < image.getWidth(); x++) {
        int rgb = image.getRGB(x, y);
        samples[at++] = (byte) (rgb >> 16);
        samples[at++] = (byte) (rgb >> 8);
        samples[at++] = (byte) rgb;
      }
    }
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(samples));
  }

  private static List<String> lines() throws IOException {
    try (InputStream in =
        Objects.requireNonNull(ResizeParityTest.class.getResourceAsStream("cv2-resize.txt"))) {
      return new String(in.readAllBytes(), StandardCharsets.US_ASCII)
          .lines()
          .collect(Collectors.toList());
    }
  }
}
