package io.github.controlnet.web;

import io.github.controlnet.annotator.Annotation;
import io.github.controlnet.annotator.Annotator;
import io.github.controlnet.annotator.AnnotatorContext;
import io.github.controlnet.annotator.AnnotatorOption;
import io.github.controlnet.annotator.AnnotatorOptions;
import io.github.controlnet.pose.Keypoint;
import io.github.controlnet.pose.Person;
import io.github.controlnet.pose.Poses;
import io.github.controlnet.spi.AnnotatorProvider;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** An annotator that needs no weights to find a nose in every picture. */
public final class PosedProvider implements AnnotatorProvider {
  static final String NAME = "one_nose";

  /** What the last annotator was created with. */
  static volatile Optional<AnnotatorContext> seen = Optional.empty();

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String description() {
    return "A nose.";
  }

  @Override
  public List<AnnotatorOption> options() {
    return List.of(
        AnnotatorOption.choice("side", List.of("left", "right"), "Where the nose is."),
        AnnotatorOption.text("file", "", "What a request may not name."));
  }

  @Override
  public Annotator create(AnnotatorOptions options, AnnotatorContext context) {
    seen = Optional.of(context);
    List<Keypoint> body = new ArrayList<>(Collections.nCopies(18, Keypoint.MISSING));
    body.set(0, Keypoint.at(options.text("side").equals("left") ? 20 : 40, 20));
    Person person = new Person(body, List.of(), List.of(), List.of());
    return photo ->
        Annotation.of(photo, new Poses(photo.getWidth(), photo.getHeight(), List.of(person)));
  }
}
