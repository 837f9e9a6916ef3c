package io.github.controlnet.core.pipeline.condition;

import io.github.controlnet.Annotators;
import io.github.controlnet.ControlInput;
import io.github.controlnet.GenerationRequest;
import io.github.controlnet.annotator.Annotator;
import io.github.controlnet.core.internal.Closing;
import io.github.controlnet.core.pipeline.canvas.PictureSize;
import io.github.controlnet.core.pipeline.canvas.Pictures;
import io.github.controlnet.engine.Hint;
import io.github.controlnet.image.Images;
import io.github.controlnet.image.Resampling;
import io.github.controlnet.image.ResizeMode;
import io.github.controlnet.spi.AnnotatorProvider;
import java.awt.image.BufferedImage;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Makes control maps in the size of the generation, and keeps the annotators that it needed. */
public final class ControlMaps implements AutoCloseable {
  private final Map<Key, Annotator> annotators = new HashMap<>();
  private final Closing open = new Closing();
  private final int nativeSize;

  private record Key(String name, Map<String, String> options) {}

  public ControlMaps(int nativeSize) {
    this.nativeSize = nativeSize;
  }

  /**
   * Refuses a picture that would become too large on its way to the map.
   *
   * @throws io.github.controlnet.exception.InvalidRequestException when its aspect is too extreme,
   *     or it would have too many pixels at the resolution at which it is annotated
   */
  public static void check(
      ControlInput input, PictureSize size, GenerationRequest request, int nativeSize) {
    BufferedImage image = input.image();
    boolean photo = input.annotator().isPresent() || input.holes().isPresent();
    if (photo || input.resizeMode() == ResizeMode.CROP) {
      Images.checkAspect("The control image", image.getWidth(), image.getHeight());
    }
    if (photo) {
      Images.resolutionSize(
          image.getWidth(), image.getHeight(), resolution(input, size, request, nativeSize));
    }
    input
        .mask()
        .filter(mask -> input.resizeMode() == ResizeMode.CROP)
        .ifPresent(
            mask -> Images.checkAspect("The control mask", mask.getWidth(), mask.getHeight()));
  }

  public ControlMap map(ControlInput input, PictureSize size, GenerationRequest request) {
    BufferedImage picture = fit(picture(input, size, request), input, size, resampling(input));
    Optional<BufferedImage> holes =
        input.holes().map(mask -> fit(mask, input, size, Resampling.BILINEAR));
    float[] values = Pictures.channels(picture);
    if (holes.isPresent()) {
      cut(Pictures.levels(holes.get()), picture, values);
    }
    return new ControlMap(
        picture, new Hint(3, size.height(), size.width(), values, ControlRegion.of(input, size)));
  }

  private BufferedImage picture(ControlInput input, PictureSize size, GenerationRequest request) {
    if (input.holes().isPresent()) {
      return photo(input, size, request);
    }
    return input
        .annotator()
        .map(
            name ->
                annotator(name, input.annotatorOptions())
                    .annotate(photo(input, size, request))
                    .map())
        .orElseGet(() -> Images.toRgb(input.image()));
  }

  private static Resampling resampling(ControlInput input) {
    return input
        .annotator()
        .map(name -> Annotators.named(name).resampling())
        .orElse(Resampling.BILINEAR);
  }

  private static BufferedImage fit(
      BufferedImage picture, ControlInput input, PictureSize size, Resampling resampling) {
    if (picture.getWidth() == size.width() && picture.getHeight() == size.height()) {
      return Images.toRgb(picture);
    }
    return Images.fit(picture, size.width(), size.height(), input.resizeMode(), resampling);
  }

  /** Marks what an inpaint control is to make anew: -1 for the network, black for the eye. */
  private static void cut(int[] levels, BufferedImage picture, float[] values) {
    for (int i = 0; i < levels.length; i++) {
      if (levels[i] > 127) {
        picture.setRGB(i % picture.getWidth(), i / picture.getWidth(), 0);
        for (int channel = 0; channel < 3; channel++) {
          values[channel * levels.length + i] = -1;
        }
      }
    }
  }

  /** Brings the photograph to the resolution at which it is annotated. */
  private BufferedImage photo(ControlInput input, PictureSize size, GenerationRequest request) {
    BufferedImage photo = Images.toRgb(input.image());
    boolean sizeGiven = request.width().isPresent() || request.height().isPresent();
    if (input.detectResolution().isEmpty()
        && sizeGiven
        && photo.getWidth() == size.width()
        && photo.getHeight() == size.height()) {
      return photo;
    }
    return Images.resizeToResolution(photo, resolution(input, size, request, nativeSize));
  }

  /** The short side of the photograph that is annotated. */
  private static int resolution(
      ControlInput input, PictureSize size, GenerationRequest request, int nativeSize) {
    boolean sizeGiven = request.width().isPresent() || request.height().isPresent();
    int usual =
        sizeGiven
            ? Math.max(64, Math.min(size.width(), size.height()))
            : request.imageResolution().orElse(nativeSize);
    return input.detectResolution().orElse(usual);
  }

  private synchronized Annotator annotator(String name, Map<String, String> options) {
    return annotators.computeIfAbsent(
        new Key(name, options),
        key -> {
          AnnotatorProvider provider = Annotators.named(name);
          return open.add(Annotators.open(provider, provider.options(options)));
        });
  }

  @Override
  public void close() {
    open.close();
  }
}
