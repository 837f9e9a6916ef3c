package io.github.controlnet;

import io.github.controlnet.annotator.Annotation;
import io.github.controlnet.annotator.Annotator;
import io.github.controlnet.annotator.AnnotatorContext;
import io.github.controlnet.annotator.AnnotatorOptions;
import io.github.controlnet.image.Images;
import io.github.controlnet.internal.Plugins;
import io.github.controlnet.progress.CancellationToken;
import io.github.controlnet.spi.AnnotatorProvider;
import java.awt.image.BufferedImage;

/** Holds an annotator, which may be a plugin's, to what its interface says. */
final class CheckedAnnotator implements Annotator {
  private final AnnotatorProvider provider;
  private final String what;
  private final Annotator annotator;

  CheckedAnnotator(AnnotatorProvider provider, AnnotatorOptions options, AnnotatorContext context) {
    this.provider = provider;
    this.what = "The annotator \"%s\"".formatted(provider.name());
    this.annotator =
        Plugins.call(what, provider.getClass(), "create", () -> provider.create(options, context));
  }

  @Override
  public Annotation annotate(BufferedImage photo) {
    return annotate(photo, new CancellationToken());
  }

  @Override
  public Annotation annotate(BufferedImage photo, CancellationToken cancellation) {
    Images.checkAspect("The photograph", photo.getWidth(), photo.getHeight());
    Annotation made =
        Plugins.call(
            what, provider.getClass(), "annotate", () -> annotator.annotate(photo, cancellation));
    check(made.map(), "map", photo);
    check(made.preview(), "preview", photo);
    return made;
  }

  private void check(BufferedImage picture, String role, BufferedImage photo) {
    Plugins.call(what, provider.getClass(), role, () -> picture);
    if (provider.keepsSize()
        && (picture.getWidth() != photo.getWidth() || picture.getHeight() != photo.getHeight())) {
      throw Plugins.wrong(
          what,
          provider.getClass(),
          role,
          "is %d x %d for a photograph of %d x %d, and its provider does not say keepsSize() false"
              .formatted(
                  picture.getWidth(), picture.getHeight(), photo.getWidth(), photo.getHeight()));
    }
  }

  @Override
  public void close() {
    annotator.close();
  }
}
