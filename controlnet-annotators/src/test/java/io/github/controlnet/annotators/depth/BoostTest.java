package io.github.controlnet.annotators.depth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.controlnet.Annotators;
import io.github.controlnet.annotator.AnnotatorOptions;
import io.github.controlnet.annotators.Resources;
import io.github.controlnet.annotators.raster.MatScope;
import io.github.controlnet.annotators.raster.OpenCv;
import io.github.controlnet.annotators.raster.Pixels;
import io.github.controlnet.annotators.raster.Planes;
import io.github.controlnet.core.torch.FloatTensor;
import io.github.controlnet.exception.GenerationCancelledException;
import io.github.controlnet.progress.CancellationToken;
import java.awt.image.BufferedImage;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.opencv.core.CvType;
import org.opencv.core.Mat;
import org.opencv.core.Rect;
import org.opencv.core.Size;
import org.opencv.imgproc.Imgproc;

/**
 * The boost around its networks, in whose places simple functions stand here and in the original:
 * {@code src/test/tools/learned_fixtures.py}.
 */
class BoostTest {
  private static final int SIDE = 448;
  private static final int SQUARE = 1024;

  @BeforeAll
  static void loadOpenCv() {
    OpenCv.load();
  }

  /** A line of boost.txt. */
  private record Case(String size, List<String> words) {
    static Case parse(String line) {
      String[] words = line.split(" ", -1);
      return new Case(words[0], List.of(words).subList(1, words.length));
    }

    int integer(int word) {
      return Integer.parseInt(words.get(word));
    }

    double number(int word) {
      return Double.parseDouble(words.get(word));
    }

    boolean hasParts() {
      return words.size() > 6;
    }

    List<Rect> parts() {
      return words.stream()
          .skip(9)
          .map(word -> word.split(",", -1))
          .map(
              xys -> {
                int side = Integer.parseInt(xys[2]);
                return new Rect(Integer.parseInt(xys[0]), Integer.parseInt(xys[1]), side, side);
              })
          .toList();
    }

    /** The photograph where there are edges, a gradient of colours elsewhere. */
    Mat photo(MatScope scope) {
      BufferedImage photo = Resources.photo(size);
      int width = photo.getWidth();
      int height = photo.getHeight();
      return scope.keep(
          OpenCv.toMat(
              Pixels.fill(
                  width,
                  height,
                  i -> {
                    int x = i % width;
                    int y = i / width;
                    return x < integer(0) && y < integer(1)
                        ? photo.getRGB(x, y) & Pixels.WHITE
                        : rgb(x * 255 / width, y * 255 / height, (x + y) * 255 / (width + height));
                  })));
    }
  }

  private static int rgb(int red, int green, int blue) {
    return (red << 16) | (green << 8) | blue;
  }

  static Stream<Case> cases() {
    return Resources.lines("learned/boost.txt").stream().map(Case::parse);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void theResolutionIsTheOriginals(Case line) {
    try (MatScope scope = new MatScope()) {
      BoostResolution resolution = BoostResolution.of(line.photo(scope), SIDE);
      assertThat(resolution.side()).isEqualTo(line.integer(4));
      assertThat(resolution.share()).isCloseTo(line.number(5), within(1e-9));
    }
  }

  @Test
  void thePartsAreTheOriginals() {
    List<Case> lines = cases().filter(Case::hasParts).toList();
    assertThat(lines).hasSize(2);
    for (Case line : lines) {
      try (MatScope scope = new MatScope()) {
        Mat enlarged = scope.create();
        Size size = new Size(line.integer(7), line.integer(8));
        Imgproc.resize(line.photo(scope), enlarged, size, 0, 0, Imgproc.INTER_CUBIC);
        assertThat(new BoostParts(enlarged, 2 * SIDE, line.number(6)).find())
            .isEqualTo(line.parts());
      }
    }
  }

  /** The fixture has every fourth pixel. */
  @ParameterizedTest
  @MethodSource("cases")
  void theMapIsTheOriginals(Case line) {
    BufferedImage expected = Resources.picture("learned/boost-" + line.size() + ".png");
    BufferedImage map;
    try (MatScope scope = new MatScope()) {
      Mat photo = line.photo(scope);
      Boost boost =
          new Boost(
              "boost",
              (picture, none) -> estimate(picture),
              (both, none) -> merge(both, (float) line.number(2), (float) line.number(3)),
              SIDE);
      AnnotatorOptions options = Annotators.named("depth_leres").options(Map.of());
      map =
          new Leres(options).draw(Planes.of(boost.depth(photo, scope)), photo.cols(), photo.rows());
    }
    int close = 0;
    int[] levels = new int[256];
    for (int y = 0; y < expected.getHeight(); y++) {
      for (int x = 0; x < expected.getWidth(); x++) {
        int level = expected.getRGB(x, y) & 0xff;
        close += Math.abs((map.getRGB(4 * x, 4 * y) & 0xff) - level) <= 1 ? 1 : 0;
        levels[level]++;
      }
    }
    assertThat(close)
        .as("pixels within a level of the original's")
        .isGreaterThanOrEqualTo(
            (int) Math.ceil(0.999 * expected.getWidth() * expected.getHeight()));
    assertThat(Arrays.stream(levels).filter(count -> count > 0).count()).isGreaterThan(100);
  }

  /** Smooth brightness that grows downwards. */
  private static List<FloatTensor> estimate(FloatTensor picture) {
    int rows = picture.side(2);
    int columns = picture.side(3);
    int plane = rows * columns;
    float[] mean = new float[plane];
    float[] values = picture.values();
    for (int i = 0; i < plane; i++) {
      mean[i] = (values[i] + values[plane + i] + values[2 * plane + i]) / 3;
    }
    try (MatScope scope = new MatScope()) {
      Mat whole = scope.keep(Planes.mat(mean, rows, columns));
      Mat blurred = scope.create();
      Imgproc.GaussianBlur(whole, blurred, new Size(31, 31), 5);
      float[] coarse = Planes.values(blurred);
      Imgproc.GaussianBlur(whole, blurred, new Size(5, 5), 1);
      float[] fine = Planes.values(blurred);
      for (int i = 0; i < plane; i++) {
        int row = i / columns;
        coarse[i] += 0.3f * fine[i] + 200f * row / (rows - 1);
      }
      return List.of(new FloatTensor(coarse, 1, 1, rows, columns));
    }
  }

  private static List<FloatTensor> merge(FloatTensor both, float scale, float offset) {
    assertThat(both.shape()).containsExactly(1, 2, SQUARE, SQUARE);
    int plane = SQUARE * SQUARE;
    float[] merged = Arrays.copyOf(both.values(), plane);
    float[] fine = Arrays.copyOfRange(both.values(), plane, 2 * plane);
    try (MatScope scope = new MatScope()) {
      Mat blurred = scope.create();
      Imgproc.blur(scope.keep(Planes.mat(fine, SQUARE, SQUARE)), blurred, new Size(61, 61));
      float[] coarse = Planes.values(blurred);
      for (int i = 0; i < plane; i++) {
        double value = Math.tanh(0.8f * merged[i] + 0.7f * (fine[i] - coarse[i]));
        merged[i] = scale * (float) value + offset;
      }
    }
    return List.of(new FloatTensor(merged, 1, 1, SQUARE, SQUARE));
  }

  @Test
  void linesAreFittedAsNumpyFitsThem() {
    float[] values = {0.1f, 0.9f, 0.4f, 0.6f};
    float[] others = {0.25f, 0.65f, 0.4f, 0.5f}; // half of the values and 0.2
    Boost.fit(values, others);
    assertThat(values).containsExactly(others, within(1e-6f));
  }

  @Test
  void aConstantIsFittedByTheMean() {
    float[] values = new float[4];
    Boost.fit(values, new float[] {1, 2, 3, 6});
    assertThat(values).containsExactly(new float[] {3, 3, 3, 3}, within(1e-6f));
  }

  /** The whole is read at two sizes and merged, then so is the first part. */
  @Test
  void itEndsBetweenTwoPartsWhenItIsCancelled() {
    Case line = cases().filter(Case::hasParts).findFirst().orElseThrow();
    CancellationToken token = new CancellationToken();
    AtomicInteger merged = new AtomicInteger();
    try (MatScope scope = new MatScope(token)) {
      Mat photo = line.photo(scope);
      Boost boost =
          new Boost(
              "boost",
              (picture, none) -> estimate(picture),
              (both, none) -> {
                if (merged.incrementAndGet() == 3) {
                  token.cancel();
                }
                return merge(both, 1, 0);
              },
              SIDE);
      assertThatThrownBy(() -> boost.depth(photo, scope))
          .isInstanceOf(GenerationCancelledException.class);
      assertThat(line.parts()).hasSizeGreaterThan(1);
      assertThat(merged.get()).isEqualTo(3);
    }
  }

  @ParameterizedTest
  @CsvSource({"96, 64", "2000, 1", "1, 500"})
  void aPhotoOfOneColorHasADepth(int columns, int rows) {
    try (MatScope scope = new MatScope()) {
      Mat photo = scope.keep(Mat.zeros(rows, columns, CvType.CV_8UC3));
      Boost boost =
          new Boost(
              "boost",
              (picture, none) -> estimate(picture),
              (both, none) -> merge(both, 1, 0),
              SIDE);
      for (float value : Planes.values(boost.depth(photo, scope))) {
        assertThat(value).isBetween(0f, 1f);
      }
    }
  }
}
