package io.github.controlnet.annotators.pose;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.controlnet.Annotators;
import io.github.controlnet.annotator.Annotation;
import io.github.controlnet.annotator.Annotator;
import io.github.controlnet.annotator.AnnotatorOptions;
import io.github.controlnet.annotators.Resources;
import io.github.controlnet.core.pose.PoseJson;
import io.github.controlnet.exception.AnnotationException;
import io.github.controlnet.exception.InvalidRequestException;
import io.github.controlnet.pose.Keypoint;
import io.github.controlnet.pose.Person;
import io.github.controlnet.pose.Poses;
import io.github.controlnet.spi.PoseAnnotatorProvider;
import java.awt.image.BufferedImage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Landmarks of two faces, drawn as the reference draws them: face_fixtures.py. */
class FaceOutlineTest {
  private static final int PUPIL = 0xfffac80a;

  private final PoseAnnotatorProvider provider =
      (PoseAnnotatorProvider) Annotators.named("face_outline");

  private static Poses faces() throws Exception {
    return PoseJson.read(Files.readString(Resources.path("face.json")));
  }

  private BufferedImage draw(Poses poses) {
    return provider.draw(poses, options(""));
  }

  private AnnotatorOptions options(String file) {
    return provider.options(Map.of("landmarks", file));
  }

  @Test
  void facesAreDrawnAsTheReferenceDoes() throws Exception {
    assertThat(pixels(draw(faces()))).isEqualTo(pixels(Resources.picture("face.png")));
  }

  @Test
  void aPhotographGivesItsSize() throws Exception {
    try (Annotator annotator =
        provider.create(options(Resources.path("face.json").toString()), Annotators.context())) {
      BufferedImage same = new BufferedImage(256, 128, BufferedImage.TYPE_INT_RGB);
      Annotation annotation = annotator.annotate(same);
      assertThat(pixels(annotation.map())).isEqualTo(pixels(Resources.picture("face.png")));
      assertThat(annotation.poses()).contains(faces());
      BufferedImage larger = new BufferedImage(512, 384, BufferedImage.TYPE_INT_RGB);
      Keypoint first = faces().people().get(0).face().get(0);
      Poses scaled = annotator.annotate(larger).poses().orElseThrow();
      assertThat(scaled.people().get(0).face().get(0))
          .isEqualTo(Keypoint.at(2 * first.x(), 3 * first.y()));
    }
  }

  @Test
  void withoutIrisesThereAreNoPupils() throws Exception {
    Poses all = faces();
    List<Person> people =
        all.people().stream().map(person -> face(person.face().subList(0, 468))).toList();
    int[] map = pixels(draw(new Poses(all.width(), all.height(), people)));
    assertThat(map).doesNotContain(PUPIL).contains(0xff0ac80a);
    assertThat(pixels(draw(all))).contains(PUPIL);
  }

  @Test
  void whatWasNotFoundIsNotDrawn() {
    Poses poses = new Poses(64, 64, List.of(face(Collections.nCopies(478, Keypoint.MISSING))));
    assertThat(pixels(draw(poses))).containsOnly(0xff000000);
  }

  @Test
  void otherFacesAreRefused(@TempDir Path folder) throws Exception {
    Poses poses = new Poses(64, 64, List.of(face(Collections.nCopies(70, Keypoint.at(9, 9)))));
    assertThatThrownBy(() -> draw(poses))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("people[0] has 70 points")
        .hasMessageContaining("468");
    Path file = Files.writeString(folder.resolve("face.json"), PoseJson.write(poses));
    assertThatThrownBy(() -> provider.create(options(file.toString()), Annotators.context()))
        .isInstanceOf(AnnotationException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining("70 points");
    assertThatThrownBy(
            () ->
                provider.create(
                    options(folder.resolve("none.json").toString()), Annotators.context()))
        .isInstanceOf(AnnotationException.class)
        .hasMessageContaining("none.json");
  }

  @Test
  void aPhotographAloneIsNotEnough() {
    AnnotatorOptions none = provider.options(Map.of());
    assertThatThrownBy(() -> provider.create(none, Annotators.context()))
        .isInstanceOf(AnnotationException.class)
        .hasMessageContaining("\"landmarks\"");
  }

  private static Person face(List<Keypoint> points) {
    return new Person(List.of(), List.of(), List.of(), points);
  }

  private static int[] pixels(BufferedImage image) {
    return image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth());
  }
}
