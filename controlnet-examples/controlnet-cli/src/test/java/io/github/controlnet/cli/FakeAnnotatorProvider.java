package io.github.controlnet.cli;

import io.github.controlnet.annotator.Annotation;
import io.github.controlnet.annotator.Annotator;
import io.github.controlnet.annotator.AnnotatorContext;
import io.github.controlnet.annotator.AnnotatorOption;
import io.github.controlnet.annotator.AnnotatorOptions;
import io.github.controlnet.spi.AnnotatorProvider;
import java.awt.image.BufferedImage;
import java.util.List;
import java.util.Optional;

/** An annotator named canny whose map is one flat grey of its option {@code low}. */
public final class FakeAnnotatorProvider implements AnnotatorProvider {
  /** What the last annotator was created with. */
  static volatile Optional<AnnotatorContext> seen = Optional.empty();

  @Override
  public String name() {
    return "canny";
  }

  @Override
  public String description() {
    return "Flat grey.";
  }

  @Override
  public List<AnnotatorOption> options() {
    return List.of(
        AnnotatorOption.integer("low", 100, 0, 255, "The grey."),
        AnnotatorOption.integer("high", 200, 0, 255, "Not used."));
  }

  @Override
  public Annotator create(AnnotatorOptions options, AnnotatorContext context) {
    seen = Optional.of(context);
    int low = options.integer("low");
    return photo -> {
      BufferedImage map =
          new BufferedImage(photo.getWidth(), photo.getHeight(), BufferedImage.TYPE_INT_RGB);
      for (int y = 0; y < map.getHeight(); y++) {
        for (int x = 0; x < map.getWidth(); x++) {
          map.setRGB(x, y, low * 0x010101);
        }
      }
      return Annotation.of(map);
    };
  }
}
