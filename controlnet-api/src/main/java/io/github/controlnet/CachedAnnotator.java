package io.github.controlnet;

import io.github.controlnet.annotator.Annotation;
import io.github.controlnet.annotator.Annotator;
import io.github.controlnet.annotator.AnnotatorContext;
import io.github.controlnet.annotator.AnnotatorOption;
import io.github.controlnet.annotator.AnnotatorOptions;
import io.github.controlnet.exception.AnnotationException;
import io.github.controlnet.progress.CancellationToken;
import io.github.controlnet.spi.AnnotatorProvider;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Takes maps from a folder, and makes those that are not there. Weights are loaded when the first
 * map has to be made. A map is found by the SHA-256 of everything that it depends on: the annotator
 * and its version, its options, the contents of its weights files, and the pixels.
 */
final class CachedAnnotator implements Annotator {
  private static final int BUFFER = 1 << 20;

  private final AnnotatorProvider provider;
  private final AnnotatorOptions options;
  private final AnnotatorContext context;
  private final KeptAnnotations kept;
  private final byte[] identity;
  private @Nullable Annotator annotator;
  private boolean closed;

  /** Reads the weights files once, for their hashes. */
  CachedAnnotator(
      AnnotatorProvider provider, AnnotatorOptions options, AnnotatorContext context, Path folder) {
    this.provider = provider;
    this.options = options;
    this.context = context;
    this.kept = KeptAnnotations.in(folder);
    this.identity = identity();
  }

  private byte[] identity() {
    MessageDigest digest = sha256();
    Class<?> type = provider.getClass();
    add(digest, provider.name());
    add(digest, type.getName());
    add(digest, String.valueOf(type.getPackage().getImplementationVersion()));
    List<Path> files = provider.weightsFiles(options, context);
    List<String> names = files.stream().map(Path::toString).toList();
    for (AnnotatorOption option : provider.options()) {
      String value = value(option);
      // for weights, what is in the file counts, wherever it is
      if (!value.isEmpty() && !names.contains(value)) {
        add(digest, option.name());
        add(digest, value);
      }
    }
    for (Path file : files) {
      digest.update(contents(file));
    }
    return digest.digest();
  }

  /** The same text for the same number. */
  private String value(AnnotatorOption option) {
    return switch (option.type()) {
      case INTEGER -> Integer.toString(options.integer(option.name()));
      case NUMBER -> Double.toString(options.number(option.name()));
      case BOOLEAN, CHOICE, TEXT -> options.text(option.name());
    };
  }

  private byte[] contents(Path file) {
    if (!Files.isRegularFile(file)) {
      annotator(); // says what is wrong with it
    }
    MessageDigest digest = sha256();
    byte[] buffer = new byte[BUFFER];
    try (InputStream in = Files.newInputStream(file)) {
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        digest.update(buffer, 0, count);
      }
    } catch (IOException e) {
      close();
      throw new AnnotationException(
          "The weights %s of the annotator \"%s\" cannot be read: %s"
              .formatted(file, provider.name(), e),
          e);
    }
    return digest.digest();
  }

  @Override
  public Annotation annotate(BufferedImage photo) {
    return annotate(photo, new CancellationToken());
  }

  @Override
  public Annotation annotate(BufferedImage photo, CancellationToken cancellation) {
    requireOpen();
    String key = key(photo);
    Optional<Annotation> known = kept.get(key);
    if (known.isPresent()) {
      return known.get();
    }
    Annotation made = annotator().annotate(photo, cancellation);
    if (made.poses().isEmpty()) { // they would be lost
      kept.put(key, made);
    }
    return made;
  }

  private String key(BufferedImage photo) {
    MessageDigest digest = sha256();
    digest.update(identity);
    int width = photo.getWidth();
    digest.update(ByteBuffer.allocate(8).putInt(width).putInt(photo.getHeight()).flip());
    int[] row = new int[width];
    ByteBuffer bytes = ByteBuffer.allocate(Integer.BYTES * width);
    for (int y = 0; y < photo.getHeight(); y++) {
      photo.getRGB(0, y, width, 1, row, 0, width);
      bytes.clear();
      bytes.asIntBuffer().put(row);
      digest.update(bytes);
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private synchronized Annotator annotator() {
    requireOpen();
    if (annotator == null) {
      annotator = new CheckedAnnotator(provider, options, context);
    }
    return annotator;
  }

  private synchronized void requireOpen() {
    if (closed) {
      throw new AnnotationException(
          "The annotator \"%s\" is closed; create another.".formatted(provider.name()));
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    if (annotator != null) {
      annotator.close();
    }
  }

  /** Lengths keep "ab", "c" apart from "a", "bc". */
  private static void add(MessageDigest digest, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).flip());
    digest.update(bytes);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every JVM has it
    }
  }
}
