package io.github.controlnet.web;

import io.github.controlnet.Annotators;
import io.github.controlnet.annotator.Annotation;
import io.github.controlnet.annotator.Annotator;
import io.github.controlnet.annotator.AnnotatorContext;
import io.github.controlnet.annotator.AnnotatorOption;
import io.github.controlnet.exception.InvalidRequestException;
import io.github.controlnet.image.Images;
import io.github.controlnet.pose.Poses;
import io.github.controlnet.spi.AnnotatorProvider;
import io.github.controlnet.spi.PoseAnnotatorProvider;
import java.awt.Dimension;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** Makes control maps for pages, and keeps the annotators that it used last. */
final class AnnotatorService implements AutoCloseable {
  private static final String MODEL = "model";
  private static final int KEPT = 4;
  static final int LARGEST_RESOLUTION = 2048;
  private static final int LARGEST_CANVAS = 4096;
  private static final String DRAWING = "openpose_full";

  private final WebProperties limits;
  private final AnnotatorContext context;
  private final Semaphore places;
  private final Map<Key, Annotator> open = new LinkedHashMap<>(KEPT, 0.75f, true);

  private record Key(String name, Map<String, String> options) {}

  /**
   * Opens no annotator yet.
   *
   * @param context where annotators compute
   */
  AnnotatorService(WebProperties limits, AnnotatorContext context) {
    this.limits = limits;
    this.context = context;
    // One is at work while the others wait.
    this.places = new Semaphore(limits.queue() + 1);
  }

  /** A place in the queue, to be given back. */
  final class Place implements AutoCloseable {
    private final AtomicBoolean given = new AtomicBoolean();

    private Place() {}

    /** Makes a map, one at a time; see {@link AnnotatorService#annotate}. */
    Annotation annotate(
        BufferedImage photo,
        String name,
        Map<String, String> options,
        @Nullable Integer resolution) {
      return AnnotatorService.this.annotate(photo, name, options, resolution);
    }

    /** Draws bodies, hands and faces, for which no weights are needed. */
    BufferedImage draw(Poses poses) {
      return AnnotatorService.this.draw(poses);
    }

    @Override
    public void close() {
      if (!given.getAndSet(true)) {
        places.release();
      }
    }
  }

  /**
   * Takes a place, before pictures are unpacked: who waits holds memory.
   *
   * @throws JobQueue.FullException when there is none
   */
  Place place() {
    if (!places.tryAcquire()) {
      throw new JobQueue.FullException("annotations", limits.queue());
    }
    return new Place();
  }

  /** An option as pages and clients may set it; texts name files of this machine and may not. */
  static List<AnnotatorOption> options(AnnotatorProvider provider) {
    return provider.options().stream()
        .filter(option -> option.type() != AnnotatorOption.Type.TEXT)
        .toList();
  }

  /** Checks options of a request and adds the weights that this server has for the annotator. */
  Map<String, String> checked(String name, Map<String, String> given) {
    AnnotatorProvider provider = Annotators.named(name);
    for (AnnotatorOption option : provider.options()) {
      if (option.type() == AnnotatorOption.Type.TEXT && given.containsKey(option.name())) {
        throw new InvalidRequestException(
            "The option \"%s\" of the annotator \"%s\" is set where the server is started, not in a request."
                .formatted(option.name(), name));
      }
    }
    Map<String, String> all = new TreeMap<>(given);
    for (AnnotatorOption option : provider.options()) {
      if (option.type() == AnnotatorOption.Type.TEXT) {
        Path file = limits.annotatorModels().get(provider.name() + "." + option.name());
        if (file == null && option.name().equals(MODEL)) {
          file = limits.annotatorModels().get(provider.name());
        }
        if (file != null) {
          all.put(option.name(), file.toString());
        }
      }
    }
    InvalidRequestException.checking(() -> provider.options(all));
    return all;
  }

  /**
   * Makes a map, one at a time.
   *
   * @param resolution short side of the photograph; null for its own size
   */
  private synchronized Annotation annotate(
      BufferedImage photo, String name, Map<String, String> options, @Nullable Integer resolution) {
    BufferedImage picture = photo;
    if (resolution != null) {
      if (resolution < 64 || resolution > LARGEST_RESOLUTION) {
        throw new InvalidRequestException(
            "The resolution is %d; expected 64 to %d.".formatted(resolution, LARGEST_RESOLUTION));
      }
      checkSize(picture, resolution);
      picture = Images.resizeToResolution(picture, resolution);
    }
    if (name.equals("none")) {
      return Annotation.of(picture);
    }
    return annotator(new Key(name, checked(name, options))).annotate(picture);
  }

  /** Refuses what would become too large by the resolution of its short side: a long strip. */
  void checkSize(BufferedImage photo, int resolution) {
    Dimension size = Images.resolutionSize(photo.getWidth(), photo.getHeight(), resolution);
    if ((long) size.width * size.height > limits.maxPixels()) {
      throw new InvalidRequestException(
          "A picture of %d x %d would have %d x %d pixels for the annotator; this server takes at most %d in all. Crop it, or choose a smaller resolution."
              .formatted(
                  photo.getWidth(),
                  photo.getHeight(),
                  size.width,
                  size.height,
                  limits.maxPixels()));
    }
  }

  private BufferedImage draw(Poses poses) {
    if (Math.max(poses.width(), poses.height()) > LARGEST_CANVAS) {
      throw new InvalidRequestException(
          "The canvas of the poses is %d x %d; expected sides of %d at the most."
              .formatted(poses.width(), poses.height(), LARGEST_CANVAS));
    }
    AnnotatorProvider provider = Annotators.named(DRAWING);
    if (provider instanceof PoseAnnotatorProvider drawing) {
      return drawing.draw(poses, drawing.options(Map.of()));
    }
    throw new InvalidRequestException(
        "The annotator \"%s\" on the class path draws no poses.".formatted(DRAWING));
  }

  private Annotator annotator(Key key) {
    Annotator known = open.get(key);
    if (known != null) {
      return known;
    }
    if (open.size() >= KEPT) {
      Key oldest = open.keySet().iterator().next();
      Annotator gone = open.remove(oldest);
      if (gone != null) {
        gone.close();
      }
    }
    AnnotatorProvider provider = Annotators.named(key.name());
    Annotator made = Annotators.open(provider, provider.options(key.options()), context);
    open.put(key, made);
    return made;
  }

  @Override
  public synchronized void close() {
    open.values().forEach(Annotator::close);
    open.clear();
  }
}
