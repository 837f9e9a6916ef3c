package io.github.controlnet.core.pipeline;

import io.github.controlnet.annotator.Annotation;
import io.github.controlnet.annotator.Annotator;
import io.github.controlnet.annotator.AnnotatorContext;
import io.github.controlnet.annotator.AnnotatorOption;
import io.github.controlnet.annotator.AnnotatorOptions;
import io.github.controlnet.image.Images;
import io.github.controlnet.image.Resampling;
import io.github.controlnet.spi.AnnotatorProvider;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** An annotator whose maps are the photographs. */
public class CopyProvider implements AnnotatorProvider {
  @Override
  public String name() {
    return "copy";
  }

  @Override
  public String description() {
    return "The photograph.";
  }

  @Override
  public List<AnnotatorOption> options() {
    return List.of();
  }

  @Override
  public Annotator create(AnnotatorOptions options, AnnotatorContext context) {
    return photo -> Annotation.of(Images.toRgb(photo));
  }

  /** One that remembers how often it was looked up, and with what it was created. */
  public static final class Remembering extends CopyProvider {
    static final AtomicInteger LOOK_UPS = new AtomicInteger();
    static final List<AnnotatorContext> CONTEXTS = new CopyOnWriteArrayList<>();

    /** Called by the service loader at each look-up. */
    public Remembering() {
      LOOK_UPS.incrementAndGet();
    }

    @Override
    public String name() {
      return "copy_remembering";
    }

    @Override
    public Annotator create(AnnotatorOptions options, AnnotatorContext context) {
      CONTEXTS.add(context);
      return super.create(options, context);
    }
  }

  /** One that says that the photograph's colours are labels. */
  public static final class OfLabels extends CopyProvider {
    @Override
    public String name() {
      return "copy_of_labels";
    }

    @Override
    public Resampling resampling() {
      return Resampling.NEAREST;
    }
  }
}
