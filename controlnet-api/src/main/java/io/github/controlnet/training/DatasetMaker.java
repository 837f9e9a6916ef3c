package io.github.controlnet.training;

import io.github.controlnet.Annotators;
import io.github.controlnet.annotator.Annotator;
import io.github.controlnet.annotator.AnnotatorContext;
import io.github.controlnet.annotator.AnnotatorOptions;
import io.github.controlnet.exception.AnnotationException;
import io.github.controlnet.exception.ControlNetException;
import io.github.controlnet.exception.GenerationCancelledException;
import io.github.controlnet.exception.InvalidRequestException;
import io.github.controlnet.exception.UnreadableImageException;
import io.github.controlnet.image.Images;
import io.github.controlnet.image.Resampling;
import io.github.controlnet.image.ResizeMode;
import io.github.controlnet.internal.TextFiles;
import io.github.controlnet.progress.CancellationToken;
import io.github.controlnet.spi.AnnotatorProvider;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import javax.imageio.ImageIO;

/**
 * Makes a data set of photographs, in the layout of fill50k: {@code target/} with the photographs
 * as squares of one size, {@code source/} with their control maps, {@code prompt.json} with a line
 * of JSON for each. The prompt of a photograph is in a {@code .txt} file of its name beside it.
 *
 * @param photos a folder of PNG, JPEG, GIF, BMP or TIFF files
 * @param output the folder to make
 * @param annotator makes the control maps
 * @param annotatorOptions its options
 * @param resolution the side of all images in pixels, a multiple of 64
 * @param prompt the prompt of photographs without a {@code .txt} file; empty makes those broken
 *     records
 * @param onBrokenRecord what becomes of photographs that cannot be used
 */
public record DatasetMaker(
    Path photos,
    Path output,
    String annotator,
    Map<String, String> annotatorOptions,
    int resolution,
    String prompt,
    BrokenRecords onBrokenRecord) {
  private static final Set<String> PICTURES =
      Set.of(".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff");

  /**
   * Checks the values.
   *
   * @throws InvalidRequestException when one is out of its range
   */
  public DatasetMaker {
    Checks.nonNull(photos, "the folder of photographs");
    Checks.nonNull(output, "the output folder");
    Checks.nonNull(annotator, "the annotator");
    annotatorOptions = Map.copyOf(annotatorOptions);
    Checks.multiple(resolution, 64, "the resolution");
    Checks.between(resolution, 64, 16_384, "the resolution");
    Checks.nonNull(prompt, "the prompt");
    Checks.nonNull(onBrokenRecord, "onBrokenRecord");
  }

  /** Is told of a data set's progress. */
  public interface Listener {
    /**
     * A photograph is done.
     *
     * @param done how many are
     * @param total how many there are
     */
    void onPhoto(int done, int total);

    /**
     * A photograph is left out.
     *
     * @param message which, and why
     */
    void onWarning(String message);
  }

  /**
   * Makes the data set. What an earlier run has made for the same photographs is made again; the
   * list is written last.
   *
   * @param context where the annotator computes, and where its weights come from; {@link
   *     Annotators#context()} is the usual one
   * @param listener is told of the progress
   * @param cancellation ends it after the photograph at hand
   * @return the file {@code prompt.json}
   * @throws InvalidRequestException when there are no photographs
   * @throws TrainingDataException when none is usable, or one is not and they are not to be skipped
   * @throws GenerationCancelledException when it was cancelled
   */
  public Path make(AnnotatorContext context, Listener listener, CancellationToken cancellation) {
    AnnotatorProvider provider = Annotators.named(annotator);
    AnnotatorOptions options = provider.options(annotatorOptions);
    List<Path> files = list();
    List<String> lines = new ArrayList<>();
    try (Annotator maker = Annotators.open(provider, options, context)) {
      Files.createDirectories(output.resolve("source"));
      Files.createDirectories(output.resolve("target"));
      Set<String> names = new HashSet<>();
      for (int i = 0; i < files.size(); i++) {
        if (cancellation.isCancelled()) {
          throw new GenerationCancelledException("Cancelled after %d photographs.".formatted(i));
        }
        try {
          lines.add(record(files.get(i), maker, names, cancellation));
        } catch (InvalidRequestException | UnreadableImageException | AnnotationException e) {
          broken(files.get(i), e, listener::onWarning);
        }
        listener.onPhoto(i + 1, files.size());
      }
      if (lines.isEmpty()) {
        throw new TrainingDataException("Not one photograph in %s can be used.".formatted(photos));
      }
      Path list = output.resolve("prompt.json");
      Path temporary = output.resolve(".prompt.json.tmp");
      Files.write(temporary, lines, StandardCharsets.UTF_8);
      return Files.move(temporary, list, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new ControlNetException("%s cannot be written: %s.".formatted(output, e), e);
    }
  }

  private void broken(Path photo, ControlNetException problem, Consumer<String> warnings) {
    String what = "%s cannot be used: %s".formatted(photo, problem.getMessage());
    if (onBrokenRecord == BrokenRecords.STOP) {
      throw new TrainingDataException(what + " Mend it, or have broken ones skipped.", problem);
    }
    warnings.accept(what + " It is skipped.");
  }

  private List<Path> list() {
    try (Stream<Path> all = Files.list(photos)) {
      List<Path> found = all.filter(DatasetMaker::isPicture).sorted().toList();
      if (found.isEmpty()) {
        throw new InvalidRequestException("There are no pictures in %s.".formatted(photos));
      }
      return found;
    } catch (IOException e) {
      throw new InvalidRequestException(
          "The folder %s cannot be read (looked for %s)."
              .formatted(photos, photos.toAbsolutePath().normalize()),
          e);
    }
  }

  private static boolean isPicture(Path file) {
    String name = name(file).toLowerCase(Locale.ROOT);
    int dot = name.lastIndexOf('.');
    return dot > 0 && PICTURES.contains(name.substring(dot)) && Files.isRegularFile(file);
  }

  private String record(
      Path photo, Annotator maker, Set<String> names, CancellationToken cancellation)
      throws IOException {
    String stem = name(photo).substring(0, name(photo).lastIndexOf('.'));
    Path caption = photo.resolveSibling(stem + ".txt");
    String text = Files.isRegularFile(caption) ? TextFiles.read(caption).strip() : prompt;
    if (text.isEmpty()) {
      throw new InvalidRequestException(
          "there is no prompt in %s, and none for all.".formatted(caption));
    }
    BufferedImage picture = square(Images.read(photo));
    BufferedImage map = maker.annotate(picture, cancellation).map();
    // a.png and a.jpg must not become one
    String file = (names.add(stem) ? stem : name(photo)) + ".png";
    write(picture, output.resolve("target").resolve(file));
    write(square(map), output.resolve("source").resolve(file));
    return "{\"source\": %s, \"target\": %s, \"prompt\": %s}"
        .formatted(quoted("source/" + file), quoted("target/" + file), quoted(text));
  }

  private BufferedImage square(BufferedImage image) {
    if (image.getWidth() == resolution && image.getHeight() == resolution) {
      return image;
    }
    Images.checkAspect("The photograph", image.getWidth(), image.getHeight());
    boolean enlarging = Math.min(image.getWidth(), image.getHeight()) < resolution;
    return Images.fit(
        image,
        resolution,
        resolution,
        ResizeMode.CROP,
        enlarging ? Resampling.LANCZOS4 : Resampling.AREA);
  }

  private static void write(BufferedImage image, Path file) throws IOException {
    Path temporary = file.resolveSibling("." + name(file) + ".tmp");
    ImageIO.write(image, "png", temporary.toFile());
    Files.move(temporary, file, StandardCopyOption.REPLACE_EXISTING);
  }

  private static String name(Path file) {
    return String.valueOf(file.getFileName());
  }

  /** A string of JSON. */
  private static String quoted(String text) {
    StringBuilder json = new StringBuilder("\"");
    text.chars()
        .forEach(
            letter -> {
              if (letter == '"' || letter == '\\') {
                json.append('\\').append((char) letter);
              } else if (letter < ' ') {
                json.append(String.format(Locale.ROOT, "\\u%04x", letter));
              } else {
                json.append((char) letter);
              }
            });
    return json.append('"').toString();
  }
}
