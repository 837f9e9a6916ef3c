package io.github.controlnet;

import io.github.controlnet.annotator.Annotation;
import io.github.controlnet.exception.AnnotationException;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import javax.imageio.ImageIO;
import javax.imageio.stream.MemoryCacheImageInputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/**
 * A folder of annotations, each a zip file of PNG images: the map, and the preview where it is
 * another image. Any number of threads and processes may use one folder.
 */
final class KeptAnnotations {
  private static final String MAP = "map.png";
  private static final String PREVIEW = "preview.png";

  private final Path folder;

  private KeptAnnotations(Path folder) {
    this.folder = folder;
  }

  /**
   * Opens a folder, which is made when it is missing.
   *
   * @throws AnnotationException when nothing can be written to it
   */
  static KeptAnnotations in(Path folder) {
    try {
      Files.createDirectories(folder);
      Files.delete(Files.createTempFile(folder, ".", ".tmp"));
      return new KeptAnnotations(folder);
    } catch (IOException e) {
      throw new AnnotationException(
          "Maps cannot be kept in the folder %s (%s); choose another.".formatted(folder, e), e);
    }
  }

  /** What was kept under a key; a damaged file counts as none. */
  Optional<Annotation> get(String key) {
    Path file = file(key);
    if (!Files.isRegularFile(file)) {
      return Optional.empty();
    }
    try (ZipFile zip = new ZipFile(file.toFile())) {
      Optional<BufferedImage> map = picture(zip, MAP);
      Optional<BufferedImage> preview = picture(zip, PREVIEW);
      return map.map(picture -> new Annotation(picture, preview.orElse(picture)));
    } catch (IOException | RuntimeException e) { // damaged pictures end in either
      return Optional.empty();
    }
  }

  private static Optional<BufferedImage> picture(ZipFile zip, String name) throws IOException {
    ZipEntry entry = zip.getEntry(name);
    if (entry == null) {
      return Optional.empty();
    }
    byte[] png = zip.getInputStream(entry).readAllBytes();
    BufferedImage read =
        ImageIO.read(new MemoryCacheImageInputStream(new ByteArrayInputStream(png)));
    int width = read.getWidth();
    int height = read.getHeight();
    BufferedImage picture = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    picture.setRGB(0, 0, width, height, read.getRGB(0, 0, width, height, null, 0, width), 0, width);
    return Optional.of(picture);
  }

  /** Keeps an annotation whole or, on a full disk for one, not at all. */
  void put(String key, Annotation annotation) {
    try {
      Path temporary = Files.createTempFile(folder, ".", ".tmp");
      try {
        write(temporary, annotation);
        move(temporary, file(key));
      } finally {
        Files.deleteIfExists(temporary);
      }
    } catch (IOException e) {
      // The map is there all the same, and is made again the next time.
    }
  }

  private static void write(Path file, Annotation annotation) throws IOException {
    try (OutputStream out = Files.newOutputStream(file);
        ZipOutputStream zip = new ZipOutputStream(out)) {
      zip.setLevel(0); // PNG is compressed
      write(zip, MAP, annotation.map());
      if (annotation.preview() != annotation.map()) {
        write(zip, PREVIEW, annotation.preview());
      }
    }
  }

  private static void write(ZipOutputStream zip, String name, BufferedImage picture)
      throws IOException {
    zip.putNextEntry(new ZipEntry(name));
    try (MemoryCacheImageOutputStream png = new MemoryCacheImageOutputStream(zip)) {
      ImageIO.write(picture, "png", png);
    }
    zip.closeEntry();
  }

  private static void move(Path from, Path to) throws IOException {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (AtomicMoveNotSupportedException e) {
      Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  private Path file(String key) {
    return folder.resolve(key + ".zip");
  }
}
