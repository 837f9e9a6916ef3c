package io.github.controlnet.annotators.pose;

import io.github.controlnet.annotators.pose.Bodies.Body;
import io.github.controlnet.annotators.raster.MatScope;
import io.github.controlnet.pose.Keypoint;
import io.github.controlnet.pose.Person;
import io.github.controlnet.pose.Poses;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.opencv.core.Mat;
import org.opencv.core.Rect;

/**
 * Finds people: bodies first, then the hands and the face of each.
 *
 * @param bodies the network of bodies
 * @param hands null when nobody wants hands
 * @param faces null when nobody wants faces
 */
record PoseFinder(BodyPose bodies, @Nullable HandPose hands, @Nullable FacePose faces) {
  private static final long BYTES_PER_SEEN_PIXEL = 1024;
  private static final long BYTES_PER_PIXEL = 64;
  private static final long HAND_PIXELS = 736L * 736;
  private static final long FACE_PIXELS = 384L * 384;

  /** Memory for a photograph; the networks do not see it at its own size. */
  static long bytes(int width, int height, boolean hands, boolean faces) {
    double seen = BodyPose.ROWS * Math.max(BodyPose.ROWS * width / height, BodyPose.ROWS / 8);
    long parts = Math.max(hands ? HAND_PIXELS : 0, faces ? FACE_PIXELS : 0);
    return BYTES_PER_SEEN_PIXEL * Math.max((long) seen, parts) + BYTES_PER_PIXEL * width * height;
  }

  Poses find(Mat photo, MatScope scope) {
    List<Person> people = new ArrayList<>();
    int width = photo.cols();
    int height = photo.rows();
    for (Body body : bodies.find(photo, scope)) {
      scope.checkCancelled();
      List<Keypoint> joints = new ArrayList<>();
      for (int part = 0; part < Bodies.PARTS; part++) {
        joints.add(PosePoints.joint(body.joint(part), photo));
      }
      people.add(
          new Person(
              joints,
              hand(photo, Hands.left(body, width, height)),
              hand(photo, Hands.right(body, width, height)),
              face(photo, Faces.place(body, width, height))));
    }
    return new Poses(width, height, people);
  }

  private List<Keypoint> hand(Mat photo, Optional<Rect> place) {
    return hands == null || place.isEmpty() ? List.of() : hands.find(photo, place.get());
  }

  private List<Keypoint> face(Mat photo, Optional<Rect> place) {
    return faces == null || place.isEmpty() ? List.of() : faces.find(photo, place.get());
  }
}
