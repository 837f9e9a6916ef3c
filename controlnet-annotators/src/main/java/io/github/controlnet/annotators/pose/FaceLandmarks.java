package io.github.controlnet.annotators.pose;

import io.github.controlnet.annotator.Annotation;
import io.github.controlnet.core.pose.PoseJson;
import io.github.controlnet.exception.AnnotationException;
import io.github.controlnet.exception.InvalidRequestException;
import io.github.controlnet.internal.TextFiles;
import io.github.controlnet.pose.Keypoint;
import io.github.controlnet.pose.Person;
import io.github.controlnet.pose.Poses;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;

/**
 * Faces from their landmarks, drawn as mediapipe_face of controlnet_aux does, without MediaPipe,
 * which finds them. The landmarks are the 468 or 478 of MediaPipe's face mesh, as the faces of
 * OpenPose's JSON ({@link PoseJson}). The canvas is scaled to the photograph's size, and the map
 * does not depend on what the photograph shows.
 *
 * @param faces the landmarks
 */
record FaceLandmarks(Poses faces) {
  static final String ANNOTATOR = "face_outline";

  /**
   * Reads landmarks.
   *
   * @param option names the file, for messages
   */
  static FaceLandmarks read(String option, String file) {
    if (file.isEmpty()) {
      throw new AnnotationException(
          "The annotator \"%s\" finds no faces by itself; give it OpenPose's JSON with their landmarks instead of a photograph, or name such a file with the option \"%s\"."
              .formatted(ANNOTATOR, option));
    }
    try {
      Poses faces = PoseJson.read(TextFiles.read(Path.of(file)));
      FaceOutline.requireMeshes(faces);
      return new FaceLandmarks(faces);
    } catch (IOException | InvalidPathException e) {
      throw new AnnotationException(
          "The landmarks %s of the annotator \"%s\" cannot be read: %s"
              .formatted(file, ANNOTATOR, e),
          e);
    } catch (InvalidRequestException e) {
      throw new AnnotationException("%s: %s".formatted(file, e.getMessage()), e);
    }
  }

  Annotation annotate(BufferedImage photo) {
    Poses placed = scaled(faces, photo.getWidth(), photo.getHeight());
    return Annotation.of(FaceOutline.draw(placed), placed);
  }

  private static Poses scaled(Poses poses, int width, int height) {
    double across = (double) width / poses.width();
    double down = (double) height / poses.height();
    return new Poses(
        width,
        height,
        poses.people().stream()
            .map(
                person ->
                    new Person(
                        scaled(person.body(), across, down),
                        scaled(person.leftHand(), across, down),
                        scaled(person.rightHand(), across, down),
                        scaled(person.face(), across, down)))
            .toList());
  }

  private static List<Keypoint> scaled(List<Keypoint> points, double across, double down) {
    return points.stream()
        .map(point -> new Keypoint(point.x() * across, point.y() * down, point.confidence()))
        .toList();
  }
}
