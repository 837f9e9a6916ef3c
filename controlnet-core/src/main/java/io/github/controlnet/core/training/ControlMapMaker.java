package io.github.controlnet.core.training;

import io.github.controlnet.Annotators;
import io.github.controlnet.annotator.Annotator;
import io.github.controlnet.annotator.AnnotatorContext;
import io.github.controlnet.exception.AnnotationException;
import io.github.controlnet.exception.InvalidRequestException;
import io.github.controlnet.image.Images;
import io.github.controlnet.spi.AnnotatorProvider;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import javax.imageio.ImageIO;

/** Makes control maps from pictures by an annotator, and keeps them in a folder. */
final class ControlMapMaker implements AutoCloseable {
  private final Annotator annotator;
  private final Path folder;
  private final String how;

  ControlMapMaker(String name, Map<String, String> options, AnnotatorContext context, Path folder) {
    AnnotatorProvider provider = Annotators.named(name);
    this.annotator =
        Annotators.open(
            provider, InvalidRequestException.checking(() -> provider.options(options)), context);
    this.folder = folder;
    this.how = name + new TreeMap<>(options);
  }

  /** Returns the map of a picture, brought to the training's size first. */
  BufferedImage map(Path picture, int side) {
    Path kept = folder.resolve(key(picture, side) + ".png");
    try {
      if (Files.isRegularFile(kept)) {
        return Images.read(kept);
      }
      BufferedImage map = annotator.annotate(SampleReader.square(Images.read(picture), side)).map();
      Files.createDirectories(folder);
      // under a name of its own first: two threads may make the same map
      Path temporary = folder.resolve(UUID.randomUUID() + ".tmp");
      ImageIO.write(map, "png", temporary.toFile());
      Files.move(temporary, kept, StandardCopyOption.REPLACE_EXISTING);
      return map;
    } catch (IOException e) {
      throw new AnnotationException(
          "The control map of %s cannot be kept in %s: %s".formatted(picture, folder, e), e);
    }
  }

  /** A name that changes with everything that the map depends on. */
  private String key(Path picture, int side) {
    String text =
        String.join(
            "\n",
            picture.toAbsolutePath().normalize().toString(),
            String.valueOf(picture.toFile().length()),
            String.valueOf(picture.toFile().lastModified()),
            how,
            String.valueOf(side));
    return UUID.nameUUIDFromBytes(text.getBytes(StandardCharsets.UTF_8)).toString();
  }

  @Override
  public void close() {
    annotator.close();
  }
}
