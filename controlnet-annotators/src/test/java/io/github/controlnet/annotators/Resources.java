package io.github.controlnet.annotators;

import io.github.controlnet.annotators.raster.Pixels;
import io.github.controlnet.image.Images;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;

/** The fixtures beside these tests. */
public final class Resources {
  private Resources() {}

  public static BufferedImage picture(String name) {
    return Images.read(bytes(name));
  }

  public static List<String> lines(String name) {
    return new String(bytes(name), StandardCharsets.US_ASCII).lines().toList();
  }

  public static Path path(String name) {
    try {
      return Path.of(Objects.requireNonNull(Resources.class.getResource(name), name).toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  public static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  private static byte[] bytes(String name) {
    try (InputStream in = Objects.requireNonNull(Resources.class.getResourceAsStream(name), name)) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The greatest difference between the levels of two colours. */
  public static int difference(int one, int other) {
    int greatest = 0;
    for (int shift = 0; shift < 24; shift += 8) {
      greatest = Math.max(greatest, Math.abs(((one >> shift) & 0xff) - ((other >> shift) & 0xff)));
    }
    return greatest;
  }

  /** The upper left of the photograph, repeated as far as needed; such as 128x64. */
  public static BufferedImage photo(String size) {
    String[] sides = size.split("x", 2);
    BufferedImage whole = picture("photo.png");
    return Pixels.fill(
        Integer.parseInt(sides[0]),
        Integer.parseInt(sides[1]),
        i -> {
          int width = Integer.parseInt(sides[0]);
          return whole.getRGB(i % width % whole.getWidth(), i / width % whole.getHeight());
        });
  }
}
