package io.github.controlnet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.controlnet.annotator.Annotation;
import io.github.controlnet.annotator.Annotator;
import io.github.controlnet.annotator.AnnotatorContext;
import io.github.controlnet.annotator.AnnotatorOption;
import io.github.controlnet.annotator.AnnotatorOptions;
import io.github.controlnet.exception.AnnotationException;
import io.github.controlnet.spi.AnnotatorProvider;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CachedAnnotatorTest {
  @TempDir Path temp;

  private final AnnotatorContext context = AnnotatorContext.of(published -> Optional.empty());
  private final Counting provider = new Counting();

  /** Adds a number to every pixel; the preview is the negative, when asked for. */
  private static final class Counting implements AnnotatorProvider {
    private int created;
    private int made;
    private int closed;

    @Override
    public String name() {
      return "counting";
    }

    @Override
    public String description() {
      return "For this test.";
    }

    @Override
    public List<AnnotatorOption> options() {
      return List.of(
          AnnotatorOption.number("add", 1, 0, 255, "What is added."),
          AnnotatorOption.flag("negative", false, "Whether the preview is."),
          AnnotatorOption.text("model", "", "Weights."));
    }

    @Override
    public boolean keepsSize() {
      return false;
    }

    @Override
    public Annotator create(AnnotatorOptions options, AnnotatorContext context) {
      created++;
      int add = (int) options.number("add");
      return new Annotator() {
        @Override
        public synchronized Annotation annotate(BufferedImage photo) {
          made++;
          BufferedImage map = picture(photo.getRGB(0, 0) + add);
          return options.flag("negative")
              ? new Annotation(map, picture(~map.getRGB(0, 0)))
              : Annotation.of(map);
        }

        @Override
        public void close() {
          closed++;
        }
      };
    }
  }

  private static BufferedImage picture(int colour) {
    BufferedImage picture = new BufferedImage(5, 3, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < 15; i++) {
      picture.setRGB(i % 5, i / 5, colour + 65_793 * i);
    }
    return picture;
  }

  private Annotator open(Map<String, String> options) {
    return Annotators.cached(provider, provider.options(options), context, temp.resolve("maps"));
  }

  private Annotation annotate(Map<String, String> options, int colour) {
    try (Annotator annotator = open(options)) {
      return annotator.annotate(picture(colour));
    }
  }

  private List<Path> kept() throws IOException {
    try (Stream<Path> files = Files.list(temp.resolve("maps"))) {
      return files.toList();
    }
  }

  private static int[] pixels(BufferedImage picture) {
    return picture.getRGB(0, 0, 5, 3, null, 0, 5);
  }

  @Test
  void theSamePhotoIsMappedOnceAndLoadsNothingAfterwards() throws IOException {
    Annotation first = annotate(Map.of("negative", "true"), 0x102030);
    Annotation second = annotate(Map.of("negative", "true"), 0x102030);
    assertThat(provider.made).isEqualTo(1);
    assertThat(provider.created).isEqualTo(1);
    assertThat(provider.closed).isEqualTo(1);
    assertThat(pixels(second.map())).isEqualTo(pixels(first.map()));
    assertThat(pixels(second.preview())).isEqualTo(pixels(first.preview()));
    assertThat(pixels(second.preview())).isNotEqualTo(pixels(second.map()));
    assertThat(second.map().getType()).isEqualTo(BufferedImage.TYPE_INT_RGB);
    assertThat(kept()).hasSize(1);
  }

  @Test
  void aPreviewThatIsTheMapStaysTheMap() {
    annotate(Map.of(), 1);
    Annotation second = annotate(Map.of(), 1);
    assertThat(provider.made).isEqualTo(1);
    assertThat(second.preview()).isSameAs(second.map());
  }

  @Test
  void otherPixelsSizesAndOptionsAreOtherMaps() {
    annotate(Map.of(), 1);
    annotate(Map.of(), 2);
    annotate(Map.of("add", "2"), 1);
    annotate(Map.of("negative", "true"), 1);
    assertThat(provider.made).isEqualTo(4);
    try (Annotator annotator = open(Map.of())) {
      annotator.annotate(new BufferedImage(2, 8, BufferedImage.TYPE_INT_RGB));
      annotator.annotate(new BufferedImage(8, 2, BufferedImage.TYPE_INT_RGB));
      annotator.annotate(new BufferedImage(4, 4, BufferedImage.TYPE_INT_RGB));
    }
    assertThat(provider.made).isEqualTo(7);
    annotate(Map.of("add", "1.0"), 1);
    assertThat(provider.made).as("1.0 is 1").isEqualTo(7);
  }

  @Test
  void weightsCountByWhatIsInThem() throws IOException {
    Path weights = Files.writeString(temp.resolve("a.pth"), "one");
    annotate(Map.of("model", weights.toString()), 1);
    Path moved = Files.move(weights, temp.resolve("b.pth"));
    annotate(Map.of("model", moved.toString()), 1);
    assertThat(provider.made).isEqualTo(1);
    var time = Files.getLastModifiedTime(moved);
    Files.writeString(moved, "two");
    Files.setLastModifiedTime(moved, time);
    annotate(Map.of("model", moved.toString()), 1);
    assertThat(provider.made).isEqualTo(2);
    annotate(Map.of(), 1);
    assertThat(provider.made).isEqualTo(3);
  }

  @Test
  void whatIsDamagedIsMadeAgain() throws IOException {
    Annotation first = annotate(Map.of(), 1);
    Path file = kept().get(0);
    byte[] whole = Files.readAllBytes(file);
    for (int length : new int[] {0, 10, whole.length / 2, whole.length - 1}) {
      Files.write(file, java.util.Arrays.copyOf(whole, length));
      int before = provider.made;
      assertThat(pixels(annotate(Map.of(), 1).map())).isEqualTo(pixels(first.map()));
      assertThat(provider.made).as("%d bytes", length).isEqualTo(before + 1);
      annotate(Map.of(), 1);
      assertThat(provider.made).as("mended").isEqualTo(before + 1);
    }
    assertThat(kept()).hasSize(1);
  }

  @Test
  void aMapThatCannotBeKeptIsReturnedAllTheSame() throws IOException {
    try (Annotator annotator = open(Map.of())) {
      Files.delete(temp.resolve("maps"));
      assertThat(annotator.annotate(picture(1)).map()).isNotNull();
    }
  }

  @Test
  void aFolderThatCannotBeUsedIsRefusedByItsName() throws IOException {
    Path file = Files.writeString(temp.resolve("file"), "");
    AnnotatorOptions options = provider.options(Map.of());
    assertThatThrownBy(() -> Annotators.cached(provider, options, context, file))
        .isInstanceOf(AnnotationException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining("choose another");
  }

  @Test
  void closedItSaysSo() {
    Annotator annotator = open(Map.of());
    annotator.annotate(picture(1));
    annotator.close();
    annotator.close();
    assertThatThrownBy(() -> annotator.annotate(picture(1)))
        .isInstanceOf(AnnotationException.class)
        .hasMessageContaining("closed");
  }

  @Test
  void manyThreadsShareOneFolder() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try (Annotator annotator = open(Map.of("negative", "true"))) {
      List<Callable<Annotation>> tasks = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        int colour = i % 5;
        tasks.add(() -> annotator.annotate(picture(colour)));
      }
      List<Future<Annotation>> done = threads.invokeAll(tasks);
      for (int i = 0; i < 40; i++) {
        Annotation annotation = done.get(i).get();
        assertThat(pixels(annotation.map())).isEqualTo(pixels(picture(i % 5 + 0xff000001)));
      }
    } finally {
      threads.shutdown();
    }
    assertThat(provider.created).isEqualTo(1);
    assertThat(kept()).hasSize(5);
  }
}
