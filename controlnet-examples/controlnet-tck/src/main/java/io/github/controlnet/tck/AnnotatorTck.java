package io.github.controlnet.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.controlnet.Annotators;
import io.github.controlnet.annotator.Annotation;
import io.github.controlnet.annotator.Annotator;
import io.github.controlnet.annotator.AnnotatorOption;
import io.github.controlnet.annotator.AnnotatorOptions;
import io.github.controlnet.exception.AnnotationException;
import io.github.controlnet.spi.AnnotatorProvider;
import java.awt.Dimension;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * What every annotator must do. Extend it in the tests of your plugin and name your annotator:
 *
 * <pre>{@code
 * class ThresholdTest extends AnnotatorTck {
 *   @Override
 *   protected String annotatorName() {
 *     return "bright_areas";
 *   }
 * }
 * }</pre>
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class AnnotatorTck {
  private static final int THREADS = 4;
  private static final int MAPS_OF_A_THREAD = 2;

  private Optional<Annotator> shared = Optional.empty();

  /** Creates the test class; called by JUnit. */
  protected AnnotatorTck() {}

  /**
   * Names the annotator under test.
   *
   * @return its name, as its provider is registered for {@link java.util.ServiceLoader}
   */
  protected abstract String annotatorName();

  /**
   * Returns the options with which the annotator is created, such as the weights file that it
   * cannot do without.
   *
   * @return values as text, by name; by default none
   */
  protected Map<String, String> annotatorOptions() {
    return Map.of();
  }

  /**
   * Tells whether a map has the size of its photograph.
   *
   * @return what the provider says
   */
  protected boolean mapHasTheSizeOfThePhoto() {
    return provider().keepsSize();
  }

  /**
   * Tells whether a map depends on what the photograph shows.
   *
   * @return true by default; return false only for an annotator that documents that it draws what
   *     its options give, on a map of the photograph's size
   */
  protected boolean mapDependsOnThePhoto() {
    return true;
  }

  private AnnotatorProvider provider() {
    return Annotators.named(annotatorName());
  }

  /** One annotator for all tests that do not close it: loading a network takes long. */
  private synchronized Annotator annotator() {
    Annotator open = shared.orElseGet(this::create);
    shared = Optional.of(open);
    return open;
  }

  /** Closes what the tests shared; called by JUnit. */
  @AfterAll
  final void closeShared() {
    shared.ifPresent(Annotator::close);
  }

  private Annotator create() {
    AnnotatorProvider provider = provider();
    return provider.create(provider.options(annotatorOptions()), Annotators.context());
  }

  @Test
  void isFoundByItsName() {
    assertThat(provider().name()).isEqualTo(annotatorName()).matches("[a-z][a-z0-9_]*");
    assertThat(Annotators.all()).extracting(AnnotatorProvider::name).contains(annotatorName());
    for (String alias : provider().aliases()) {
      assertThat(Annotators.named(alias).name()).as(alias).isEqualTo(annotatorName());
    }
    assertThat(annotatorName()).as("\"none\" stands for no annotator").isNotEqualTo("none");
  }

  @Test
  void describesItselfAndItsOptions() {
    assertThat(provider().description()).isNotBlank();
    List<AnnotatorOption> options = provider().options();
    assertThat(options).extracting(AnnotatorOption::name).doesNotHaveDuplicates();
    for (AnnotatorOption option : options) {
      assertThat(option.name()).matches("[a-z][a-z0-9_-]*");
      assertThat(option.description()).as("description of %s", option.name()).isNotBlank();
      assertThat(option.minimum()).isLessThanOrEqualTo(option.maximum());
    }
  }

  @Test
  void everyOptionHasALegalDefault() {
    AnnotatorOptions defaults = provider().options(Map.of());
    for (AnnotatorOption option : provider().options()) {
      assertThat(defaults.text(option.name())).isEqualTo(option.defaultValue());
    }
  }

  @Test
  void refusesAnUnknownOption() {
    Map<String, String> given = new HashMap<>(annotatorOptions());
    given.put("no-such-option", "1");
    assertThatThrownBy(() -> provider().options(given))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no-such-option")
        .hasMessageContaining(annotatorName());
  }

  @Test
  void refusesNumbersOutOfRange() {
    for (AnnotatorOption option : provider().options()) {
      if (option.type() != AnnotatorOption.Type.INTEGER
          && option.type() != AnnotatorOption.Type.NUMBER) {
        continue;
      }
      for (String text :
          List.of(
              String.valueOf((long) Math.floor(option.minimum()) - 1),
              String.valueOf((long) Math.ceil(option.maximum()) + 1),
              "NaN",
              "many")) {
        assertThatThrownBy(
                () -> provider().options(Map.of(option.name(), text)), "%s=%s", option.name(), text)
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining(option.name());
      }
    }
  }

  @Test
  void refusesWhatIsNoChoice() {
    for (AnnotatorOption option : provider().options()) {
      if (option.type() == AnnotatorOption.Type.CHOICE) {
        assertThat(option.choices()).doesNotHaveDuplicates().contains(option.defaultValue());
        assertThatThrownBy(() -> provider().options(Map.of(option.name(), "no-such-choice")))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining(option.name())
            .hasMessageContaining(option.defaultValue());
      }
    }
  }

  @Test
  void mapsAre8BitRgb() {
    Annotator annotator = annotator();
    for (Dimension size :
        List.of(
            new Dimension(64, 64),
            new Dimension(128, 64),
            new Dimension(64, 192),
            new Dimension(97, 65),
            new Dimension(75, 131))) {
      check(annotator.annotate(photo(size.width, size.height, 1)), size);
    }
  }

  @Test
  void smallPhotosGetAMapOrAClearError() {
    Annotator annotator = annotator();
    for (Dimension size :
        List.of(
            new Dimension(1, 1),
            new Dimension(1, 64),
            new Dimension(64, 1),
            new Dimension(2, 3),
            new Dimension(17, 5))) {
      try {
        check(annotator.annotate(photo(size.width, size.height, 2)), size);
      } catch (AnnotationException e) {
        assertThat(e).hasMessageMatching("(?s).*\\S.*");
      }
    }
  }

  private void check(Annotation annotation, Dimension size) {
    for (BufferedImage picture : List.of(annotation.map(), annotation.preview())) {
      assertThat(picture.getType()).isEqualTo(BufferedImage.TYPE_INT_RGB);
      if (mapHasTheSizeOfThePhoto()) {
        assertThat(new Dimension(picture.getWidth(), picture.getHeight())).isEqualTo(size);
      }
    }
  }

  @Test
  void theMapDependsOnThePhotoUnlessSaidOtherwise() {
    Annotator annotator = annotator();
    BufferedImage grey = new BufferedImage(96, 64, BufferedImage.TYPE_INT_RGB);
    int[] ofGrey = map(annotator, grey);
    int[] ofShapes = map(annotator, photo(96, 64, 3));
    if (mapDependsOnThePhoto()) {
      assertThat(ofShapes).isNotEqualTo(ofGrey);
    } else {
      assertThat(ofShapes).isEqualTo(ofGrey);
    }
  }

  @Test
  void theSamePhotoGivesTheSameMap() {
    Annotator annotator = annotator();
    int[] expected = map(annotator, photo(96, 64, 4));
    map(annotator, photo(64, 64, 5));
    assertThat(map(annotator, photo(96, 64, 4))).isEqualTo(expected);
  }

  @Test
  void doesNotChangeThePhoto() {
    Annotator annotator = annotator();
    BufferedImage photo = photo(64, 64, 6);
    int[] before = pixels(photo);
    Annotation annotation = annotator.annotate(photo);
    assertThat(pixels(photo)).isEqualTo(before);
    annotation.map().setRGB(0, 0, ~annotation.map().getRGB(0, 0));
    annotation.preview().setRGB(0, 0, 0x123456);
    assertThat(pixels(photo)).as("after the map was painted on").isEqualTo(before);
  }

  /** Pixels of a part lie apart in memory, and their upper byte means nothing. */
  @Test
  void seesPixelsHoweverTheyAreStored() {
    Annotator annotator = annotator();
    BufferedImage large = photo(110, 100, 7);
    BufferedImage part = large.getSubimage(31, 17, 64, 64);
    BufferedImage copy = new BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB);
    BufferedImage noisy = new BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB);
    int[] pixels = pixels(part);
    copy.setRGB(0, 0, 64, 64, pixels, 0, 64);
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (pixels[i] & 0xffffff) | ((i * 31) << 24);
    }
    noisy.getRaster().setDataElements(0, 0, 64, 64, pixels);
    int[] expected = map(annotator, copy);
    assertThat(map(annotator, part)).as("of a subimage").isEqualTo(expected);
    assertThat(map(annotator, noisy)).as("with upper bytes set").isEqualTo(expected);
  }

  /** Each thread begins with another photograph, so that several are at work at a time. */
  @Test
  void manyThreadsGetTheMapsThatOneGets() throws Exception {
    List<BufferedImage> photos = List.of(photo(64, 64, 10), photo(96, 64, 11), photo(64, 64, 12));
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    try {
      Annotator annotator = annotator();
      List<int[]> expected = new ArrayList<>();
      photos.forEach(photo -> expected.add(map(annotator, photo)));
      CountDownLatch together = new CountDownLatch(THREADS);
      List<Future<List<int[]>>> results = new ArrayList<>();
      for (int thread = 0; thread < THREADS; thread++) {
        int first = thread;
        results.add(
            threads.submit(
                () -> {
                  together.countDown();
                  together.await();
                  return IntStream.range(first, first + MAPS_OF_A_THREAD)
                      .mapToObj(i -> map(annotator, photos.get(i % photos.size())))
                      .toList();
                }));
      }
      for (int thread = 0; thread < THREADS; thread++) {
        List<int[]> maps = results.get(thread).get();
        for (int i = 0; i < MAPS_OF_A_THREAD; i++) {
          assertThat(maps.get(i))
              .as("map %d of thread %d", i, thread)
              .isEqualTo(expected.get((thread + i) % photos.size()));
        }
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void afterClosingTwiceItRefusesOrWorksAsBefore() {
    Annotator annotator = create();
    int[] expected = map(annotator, photo(64, 64, 9));
    annotator.close();
    annotator.close();
    try {
      assertThat(map(annotator, photo(64, 64, 9))).isEqualTo(expected);
    } catch (AnnotationException e) {
      assertThat(e).hasMessageContaining("closed");
    }
    try (Annotator another = create()) {
      assertThat(map(another, photo(64, 64, 9))).as("of another one").isEqualTo(expected);
    }
  }

  /** Shapes on a gradient with grain: something to find for edges, depth, lines and colours. */
  private static BufferedImage photo(int width, int height, int seed) {
    Random random = new Random(seed);
    BufferedImage photo = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    int centreX = random.nextInt(width);
    int centreY = random.nextInt(height);
    int radius = Math.min(width, height) / 3;
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        boolean inside = Math.hypot(x - centreX, y - centreY) < radius;
        boolean stripe = (x + seed * 5) / 12 % 4 == 0;
        int grain = random.nextInt(20);
        int red = (inside ? 220 : 40 + 60 * x / width) + grain;
        int green = (stripe ? 190 : 70 + 80 * y / height) + grain;
        int blue = (inside ^ stripe ? 30 : 140) + grain;
        photo.setRGB(x, y, (red << 16) | (green << 8) | blue);
      }
    }
    return photo;
  }

  private static int[] map(Annotator annotator, BufferedImage photo) {
    return pixels(annotator.annotate(photo).map());
  }

  private static int[] pixels(BufferedImage image) {
    return image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth());
  }
}
