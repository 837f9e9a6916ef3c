package io.github.controlnet.pose;

import java.util.List;

/**
 * One person. A list is empty when nobody looked for its points or none was found.
 *
 * @param body nose, neck, right shoulder, elbow and wrist, left shoulder, elbow and wrist, right
 *     hip, knee and ankle, left hip, knee and ankle, right eye, left eye, right ear, left ear: the
 *     order of OpenPose's COCO model; 18 points or none
 * @param leftHand the wrist, then four points of each finger from the thumb on, from the palm to
 *     the tip; 21 points or none
 * @param rightHand as the left hand
 * @param face up to 71 points, mostly in the order of 68 landmarks; those not found may be left
 *     out. Or the 468 landmarks of MediaPipe's face mesh, 478 with the irises, all of them
 */
public record Person(
    List<Keypoint> body, List<Keypoint> leftHand, List<Keypoint> rightHand, List<Keypoint> face) {
  private static final int BODY = 18;
  private static final int HAND = 21;

  /**
   * Copies the lists.
   *
   * @throws IllegalArgumentException when a list has another length than these
   */
  public Person {
    body = checked("body", body, BODY);
    leftHand = checked("left hand", leftHand, HAND);
    rightHand = checked("right hand", rightHand, HAND);
    face = List.copyOf(face);
  }

  private static List<Keypoint> checked(String name, List<Keypoint> points, int count) {
    if (!points.isEmpty() && points.size() != count) {
      throw new IllegalArgumentException(
          "A person's %s has %d keypoints; expected %d or none."
              .formatted(name, points.size(), count));
    }
    return List.copyOf(points);
  }
}
