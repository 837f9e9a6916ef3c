package io.github.controlnet.annotators;

import io.github.controlnet.annotator.Annotation;
import io.github.controlnet.annotator.Annotator;
import io.github.controlnet.annotator.AnnotatorOption;
import io.github.controlnet.annotator.AnnotatorOptions;
import io.github.controlnet.model.HubReference;
import io.github.controlnet.pose.Poses;
import io.github.controlnet.spi.PoseAnnotatorProvider;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * What the OpenPose annotators have in common: a network of bodies, and for some one of hands and
 * one of faces.
 */
abstract class PoseProvider extends LearnedProvider implements PoseAnnotatorProvider {
  private static final String HAND_MODEL = "hand_model";
  private static final String FACE_MODEL = "face_model";
  private static final int LEAST_SIDE = 16;
  private static final long BYTES_PER_SEEN_PIXEL = 1024;
  private static final long BYTES_PER_PIXEL = 64;
  private static final long HAND_PIXELS = 736L * 736;
  private static final long FACE_PIXELS = 384L * 384;

  private final boolean hands;
  private final boolean face;

  PoseProvider(
      String name, String description, boolean hands, boolean face, AnnotatorOption... options) {
    super(name, description, BodyPose.WEIGHTS, withModels(hands, face, options));
    this.hands = hands;
    this.face = face;
  }

  private static AnnotatorOption[] withModels(
      boolean hands, boolean face, AnnotatorOption... options) {
    List<AnnotatorOption> all = new ArrayList<>();
    if (hands) {
      all.add(model(HAND_MODEL, "hands", HandPose.WEIGHTS));
    }
    if (face) {
      all.add(model(FACE_MODEL, "faces", FacePose.WEIGHTS));
    }
    all.addAll(List.of(options));
    return all.toArray(AnnotatorOption[]::new);
  }

  private static AnnotatorOption model(String name, String what, List<String> weights) {
    return AnnotatorOption.text(
        name,
        "",
        "The weights file of %s; without it, %s in the hub's cache."
            .formatted(what, String.join(" or ", weights)));
  }

  @Override
  public final List<HubReference> weights() {
    return Stream.of(
            super.weights(),
            hands ? references(HandPose.WEIGHTS) : List.<HubReference>of(),
            face ? references(FacePose.WEIGHTS) : List.<HubReference>of())
        .flatMap(List::stream)
        .toList();
  }

  private static List<HubReference> references(List<String> ids) {
    return ids.stream().map(HubReference::of).toList();
  }

  @Override
  public final List<String> controls() {
    return List.of("control_v11p_sd15_openpose", "control_sd15_openpose");
  }

  @Override
  final int leastSide() {
    return LEAST_SIDE;
  }

  /** The network sees the picture at its own size. */
  @Override
  final long bytes(int width, int height) {
    double seen = BodyPose.ROWS * Math.max(BodyPose.ROWS * width / height, BodyPose.ROWS / 8);
    long parts = Math.max(hands ? HAND_PIXELS : 0, face ? FACE_PIXELS : 0);
    return BYTES_PER_SEEN_PIXEL * Math.max((long) seen, parts) + BYTES_PER_PIXEL * width * height;
  }

  /** How the people are drawn. */
  abstract PoseDrawing drawing(AnnotatorOptions options);

  @Override
  public final BufferedImage draw(Poses poses, AnnotatorOptions options) {
    return drawing(options).draw(poses);
  }

  @Override
  public final Annotator create(AnnotatorOptions options) {
    PoseDrawing drawing = drawing(options);
    return LearnedAnnotator.openWork(
        this,
        networks -> {
          PoseFinder finder =
              new PoseFinder(
                  BodyPose.load(networks, file(options)),
                  hands
                      ? HandPose.load(
                          networks,
                          file(options.text(HAND_MODEL), HAND_MODEL, references(HandPose.WEIGHTS)))
                      : null,
                  face
                      ? FacePose.load(
                          networks,
                          file(options.text(FACE_MODEL), FACE_MODEL, references(FacePose.WEIGHTS)))
                      : null);
          return (photo, scope) -> {
            Poses poses = finder.find(photo, scope);
            return Annotation.of(drawing.draw(poses), poses);
          };
        });
  }
}
