package io.github.controlnet.core.pipeline.condition;

import io.github.controlnet.Annotators;
import io.github.controlnet.ControlInput;
import io.github.controlnet.GenerationRequest;
import io.github.controlnet.annotator.Annotator;
import io.github.controlnet.annotator.AnnotatorContext;
import io.github.controlnet.annotator.AnnotatorOptions;
import io.github.controlnet.core.internal.Closing;
import io.github.controlnet.core.pipeline.canvas.PictureSize;
import io.github.controlnet.core.pipeline.canvas.Pictures;
import io.github.controlnet.engine.Hint;
import io.github.controlnet.image.Images;
import io.github.controlnet.image.Resampling;
import io.github.controlnet.image.ResizeMode;
import java.awt.image.BufferedImage;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Makes control maps in the size of the generation, and keeps the annotators that it needed. */
public final class ControlMaps implements AutoCloseable {
  private final Map<Key, Annotator> annotators = new HashMap<>();
  private final Closing open = new Closing();
  private final int nativeSize;
  private final AnnotatorContext context;

  private record Key(String name, AnnotatorOptions options) {}

  /**
   * Opens no annotator yet.
   *
   * @param nativeSize the short side of photographs whose size nobody says
   * @param context where annotators compute
   */
  public ControlMaps(int nativeSize, AnnotatorContext context) {
    this.nativeSize = nativeSize;
    this.context = context;
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
    boolean photo = input.annotator().isPresent() || input.inpaintMask().isPresent();
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

  public ControlMap map(
      ControlInput input,
      Optional<ChosenAnnotator> annotator,
      PictureSize size,
      GenerationRequest request) {
    Resampling resampling =
        annotator.map(each -> each.provider().resampling()).orElse(Resampling.BILINEAR);
    BufferedImage picture = fit(picture(input, annotator, size, request), input, size, resampling);
    Optional<BufferedImage> inpaintMask =
        input.inpaintMask().map(mask -> fit(mask, input, size, Resampling.BILINEAR));
    float[] values = Pictures.channels(picture);
    if (inpaintMask.isPresent()) {
      cut(Pictures.levels(inpaintMask.get()), picture, values);
    }
    return new ControlMap(
        picture, new Hint(3, size.height(), size.width(), values, ControlMasks.of(input, size)));
  }

  private BufferedImage picture(
      ControlInput input,
      Optional<ChosenAnnotator> annotator,
      PictureSize size,
      GenerationRequest request) {
    if (input.inpaintMask().isPresent()) {
      return photo(input, size, request);
    }
    return annotator
        .map(each -> open(each).annotate(photo(input, size, request), request.cancellation()).map())
        .orElseGet(() -> Images.toRgb(input.image()));
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
    boolean sizeGiven =
        request.output().width().isPresent() || request.output().height().isPresent();
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
    boolean sizeGiven =
        request.output().width().isPresent() || request.output().height().isPresent();
    int usual =
        sizeGiven
            ? Math.max(64, Math.min(size.width(), size.height()))
            : request.output().resolution().orElse(nativeSize);
    return input.detectResolution().orElse(usual);
  }

  private synchronized Annotator open(ChosenAnnotator chosen) {
    return annotators.computeIfAbsent(
        new Key(chosen.provider().name(), chosen.options()),
        key -> open.add(Annotators.open(chosen.provider(), chosen.options(), context)));
  }

  @Override
  public void close() {
    open.close();
  }
}
