package io.github.controlnet.core.torch.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.controlnet.core.fixtures.ReferenceTensors;
import io.github.controlnet.engine.Hint;
import io.github.controlnet.engine.LatentShape;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;

/** What the reference computed with the tiny model: two images, each with its own text. */
public final class ReferenceCase {
  /** The parity that is promised, relative root mean square. */
  static final double TOLERANCE = 1e-4;

  /** The rows of {@link #tokens()} that condition the two images. */
  static final int[] TEXTS = {0, 2};

  private static final int IMAGES = 2;

  private final ReferenceTensors file =
      new ReferenceTensors(TinyModel.fixture("components.safetensors"));
  private final JsonNode about;

  ReferenceCase() {
    try {
      about = new ObjectMapper().readTree(TinyModel.fixture("components.json").toFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  float[] get(String name) {
    return file.floats(name);
  }

  int[][] tokens() {
    int[][] tokens = new int[about.get("texts").size()][];
    for (int i = 0; i < tokens.length; i++) {
      JsonNode ids = about.get("texts").get(String.valueOf(i)).get("ids");
      tokens[i] = new int[ids.size()];
      for (int j = 0; j < ids.size(); j++) {
        tokens[i][j] = ids.get(j).intValue();
      }
    }
    return tokens;
  }

  /** The shape of a tensor of latents. */
  LatentShape shape(String name) {
    var sides = file.info(name).shape();
    return new LatentShape(
        sides.get(0).intValue(),
        sides.get(1).intValue(),
        sides.get(2).intValue(),
        sides.get(3).intValue());
  }

  double timestep(String size) {
    return about.get("unet").get(size).get("timestep").doubleValue();
  }

  /** The control map of one image. */
  Hint hint(String size, int image) {
    String name = "unet." + size + ".hint";
    LatentShape shape = shape(name);
    return new Hint(shape.channels(), shape.height(), shape.width(), part(get(name), image));
  }

  /** One image's part of values for both. */
  static float[] part(float[] values, int image) {
    int length = values.length / IMAGES;
    return Arrays.copyOfRange(values, image * length, (image + 1) * length);
  }

  static float[] join(float[] first, float[] second) {
    float[] joined = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, joined, first.length, second.length);
    return joined;
  }

  static double error(float[] values, float[] reference) {
    assertThat(values).hasSameSizeAs(reference);
    double difference = 0;
    double size = 0;
    for (int i = 0; i < reference.length; i++) {
      difference += Math.pow((double) values[i] - reference[i], 2);
      size += Math.pow(reference[i], 2);
    }
    return Math.sqrt(difference / size);
  }

  public static void assertEqual(String what, float[] values, float[] reference) {
    assertThat(error(values, reference)).as(what).isLessThan(TOLERANCE);
  }

  static void assertDifferent(String what, float[] values, float[] reference) {
    assertThat(error(values, reference)).as(what).isGreaterThan(100 * TOLERANCE);
  }
}
