package io.github.controlnet.annotators.support;

import io.github.controlnet.annotator.Annotation;
import io.github.controlnet.annotator.Annotator;
import io.github.controlnet.annotator.AnnotatorContext;
import io.github.controlnet.annotator.AnnotatorOption;
import io.github.controlnet.annotator.AnnotatorOptions;
import io.github.controlnet.annotators.raster.OpenCv;
import io.github.controlnet.annotators.raster.Pixels;
import io.github.controlnet.core.internal.Closing;
import io.github.controlnet.image.Resampling;
import io.github.controlnet.model.HubReference;
import io.github.controlnet.pose.Poses;
import io.github.controlnet.spi.AnnotatorProvider;
import io.github.controlnet.spi.PoseAnnotatorProvider;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.IntUnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * An annotator as an entry of a table: what it says of itself, then what it does. Each table is an
 * {@link io.github.controlnet.spi.AnnotatorCatalog}.
 */
public class Specification implements AnnotatorProvider {
  private static final long USUAL_BYTES_PER_PIXEL = 1024;

  private final String name;
  private final List<String> aliases;
  private final String description;
  private final List<WeightsFile> files;
  private final List<AnnotatorOption> options;
  private final List<String> controls;
  private final Resampling resampling;
  private final boolean keepsSize;
  private final BiFunction<AnnotatorOptions, AnnotatorContext, Annotator> maker;

  private Specification(
      Draft draft, BiFunction<AnnotatorOptions, AnnotatorContext, Annotator> maker) {
    this.name = draft.name;
    this.aliases = draft.aliases;
    this.description = draft.description;
    this.files = List.copyOf(draft.files);
    this.options =
        Stream.concat(files.stream().map(WeightsFile::option), draft.options.stream()).toList();
    this.controls = draft.controls;
    this.resampling = draft.resampling;
    this.keepsSize = draft.keepsSize;
    this.maker = maker;
  }

  /**
   * Starts an entry.
   *
   * @param name what users type
   * @param description one sentence
   */
  public static Draft named(String name, String description) {
    return new Draft(name, description);
  }

  @Override
  public final String name() {
    return name;
  }

  @Override
  public final List<String> aliases() {
    return aliases;
  }

  @Override
  public final String description() {
    return description;
  }

  @Override
  public final List<AnnotatorOption> options() {
    return options;
  }

  @Override
  public final List<HubReference> weights() {
    return files.stream().flatMap(file -> file.published().stream()).toList();
  }

  @Override
  public final List<Path> weightsFiles(AnnotatorOptions options, AnnotatorContext context) {
    return files.isEmpty()
        ? AnnotatorProvider.super.weightsFiles(options, context)
        : files.stream().map(file -> file.find(name, options, context)).toList();
  }

  @Override
  public final List<String> controls() {
    return controls;
  }

  @Override
  public final Resampling resampling() {
    return resampling;
  }

  @Override
  public final boolean keepsSize() {
    return keepsSize;
  }

  @Override
  public final Annotator create(AnnotatorOptions options, AnnotatorContext context) {
    return maker.apply(options, context);
  }

  /** What an annotator says of itself; the last call says what it does. */
  public static final class Draft {
    private final String name;
    private final String description;
    private final List<WeightsFile> files = new ArrayList<>();
    private List<AnnotatorOption> options = List.of();
    private List<String> aliases = List.of();
    private List<String> controls = List.of();
    private Resampling resampling = Resampling.BILINEAR;
    private boolean keepsSize = true;
    private boolean invertedPreview;
    private int leastSide = 1;
    private PhotoLimits.@Nullable Bytes memory;
    private @Nullable BiFunction<Poses, AnnotatorOptions, BufferedImage> poses;

    private Draft(String name, String description) {
      this.name = name;
      this.description = description;
    }

    /** The names that users of other programs know it by. */
    public Draft aliases(String... values) {
      aliases = List.of(values);
      return this;
    }

    /** The control models that the maps are made for. */
    public Draft controls(String... values) {
      return controls(List.of(values));
    }

    /** The control models that the maps are made for. */
    public Draft controls(List<String> values) {
      controls = values;
      return this;
    }

    /** Options besides those that name weights. */
    public Draft options(AnnotatorOption... values) {
      options = List.of(values);
      return this;
    }

    /** The weights of the one network, or of the first: ids, the recommended one first. */
    public Draft weights(String... published) {
      return weights(WeightsFile.model(published));
    }

    /** The weights of one more network. */
    public Draft weights(WeightsFile file) {
      files.add(file);
      return this;
    }

    /** People see the negative of the map. */
    public Draft invertedPreview() {
      invertedPreview = true;
      return this;
    }

    /** Colours are labels, which must not be mixed. */
    public Draft labels() {
      resampling = Resampling.NEAREST;
      return this;
    }

    /** Maps have other sizes than their photographs. */
    public Draft anySize() {
      keepsSize = false;
      return this;
    }

    /** The least width and height of a photograph. */
    public Draft leastSide(int pixels) {
      leastSide = pixels;
      return this;
    }

    /** Memory that a pixel of the photograph needs at the most, roughly. */
    public Draft bytesPerPixel(long bytes) {
      return bytes(PhotoLimits.perPixel(bytes));
    }

    /** Memory that a photograph needs at the most, roughly. */
    public Draft bytes(PhotoLimits.Bytes bytes) {
      memory = bytes;
      return this;
    }

    /** How given people are drawn, for annotators of poses. */
    public Draft drawingPoses(BiFunction<Poses, AnnotatorOptions, BufferedImage> drawing) {
      poses = drawing;
      return this;
    }

    /** Makes each pixel, 0xRRGGBB, from the pixel at its place. */
    public AnnotatorProvider pixelwise(Function<AnnotatorOptions, IntUnaryOperator> operation) {
      return creating(
          given -> {
            IntUnaryOperator each = operation.apply(given);
            return photo -> annotation(Pixels.map(photo, each));
          });
    }

    /** Draws without networks. */
    public AnnotatorProvider drawing(Function<AnnotatorOptions, Drawing> drawing) {
      return drawing((given, networks) -> drawing.apply(given));
    }

    /** Draws with networks, which are loaded when the annotator is created. */
    public AnnotatorProvider drawing(BiFunction<AnnotatorOptions, Networks, Drawing> drawing) {
      return working(
          (given, networks) -> {
            Drawing work = drawing.apply(given, networks);
            return (photo, scope) -> annotation(work.of(photo, scope));
          });
    }

    /** Makes more than a map. */
    public AnnotatorProvider working(BiFunction<AnnotatorOptions, Networks, Work> work) {
      PhotoLimits.Bytes bytes =
          memory == null
              ? PhotoLimits.perPixel(files.isEmpty() ? 0 : USUAL_BYTES_PER_PIXEL)
              : memory;
      PhotoLimits limits = new PhotoLimits(leastSide, bytes);
      return made(
          (given, context) -> {
            OpenCv.load();
            Map<WeightsFile, Path> found = new LinkedHashMap<>();
            files.forEach(file -> found.put(file, file.find(name, given, context)));
            Networks networks = new Networks(name, context, found);
            try {
              return new BuiltInAnnotator(name, limits, networks, work.apply(given, networks));
            } catch (RuntimeException e) {
              Closing.closeAfter(e, networks);
              throw e;
            }
          });
    }

    /** Does something else. */
    public AnnotatorProvider creating(Function<AnnotatorOptions, Annotator> maker) {
      return made((given, context) -> maker.apply(given));
    }

    private AnnotatorProvider made(
        BiFunction<AnnotatorOptions, AnnotatorContext, Annotator> maker) {
      return poses == null ? new Specification(this, maker) : new OfPoses(this, maker, poses);
    }

    private Annotation annotation(BufferedImage map) {
      return invertedPreview ? Pixels.withNegative(map) : Annotation.of(map);
    }
  }

  /** An annotator that can draw people that somebody else found. */
  private static final class OfPoses extends Specification implements PoseAnnotatorProvider {
    private final BiFunction<Poses, AnnotatorOptions, BufferedImage> drawing;

    OfPoses(
        Draft draft,
        BiFunction<AnnotatorOptions, AnnotatorContext, Annotator> maker,
        BiFunction<Poses, AnnotatorOptions, BufferedImage> drawing) {
      super(draft, maker);
      this.drawing = drawing;
    }

    @Override
    public BufferedImage draw(Poses poses, AnnotatorOptions options) {
      return drawing.apply(poses, options);
    }
  }
}
