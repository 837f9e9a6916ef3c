package io.github.controlnet.core.pipeline;

import io.github.controlnet.Annotators;
import io.github.controlnet.ControlInput;
import io.github.controlnet.GenerationRequest;
import io.github.controlnet.core.internal.Closing;
import io.github.controlnet.image.Images;
import io.github.controlnet.image.Resampling;
import io.github.controlnet.spi.annotator.Annotator;
import io.github.controlnet.spi.annotator.AnnotatorOptions;
import io.github.controlnet.spi.annotator.AnnotatorProvider;
import java.awt.image.BufferedImage;
import java.util.HashMap;
import java.util.Map;

/** Makes control maps in the size of the generation, and keeps the annotators that it needed. */
final class ControlMaps implements AutoCloseable {
  private final Map<Key, Annotator> annotators = new HashMap<>();
  private final Closing open = new Closing();
  private final int nativeSize;

  private record Key(String name, Map<String, String> options) {}

  ControlMaps(int nativeSize) {
    this.nativeSize = nativeSize;
  }

  BufferedImage map(ControlInput input, PictureSize size, GenerationRequest request) {
    BufferedImage map =
        input
            .annotator()
            .map(
                name ->
                    annotator(name, input.annotatorOptions())
                        .annotate(photo(input, size, request))
                        .map())
            .orElseGet(() -> Images.toRgb(input.image()));
    if (map.getWidth() == size.width() && map.getHeight() == size.height()) {
      return map;
    }
    return Images.fit(map, size.width(), size.height(), input.resizeMode(), Resampling.BILINEAR);
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
    int usual =
        sizeGiven
            ? Math.max(64, Math.min(size.width(), size.height()))
            : request.imageResolution().orElse(nativeSize);
    return Images.resizeToResolution(photo, input.detectResolution().orElse(usual));
  }

  private synchronized Annotator annotator(String name, Map<String, String> options) {
    return annotators.computeIfAbsent(
        new Key(name, options),
        key -> {
          AnnotatorProvider provider = Annotators.named(name);
          return open.add(provider.create(AnnotatorOptions.parse(provider, options)));
        });
  }

  @Override
  public void close() {
    open.close();
  }
}
