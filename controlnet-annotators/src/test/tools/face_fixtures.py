"""Writes what mediapipe_face of controlnet_aux draws of given landmarks, for FaceOutlineTest.

Usage: python face_fixtures.py RESOURCES_FOLDER
Made with controlnet_aux 0.0.10, mediapipe 0.10.14 (newer ones lack mediapipe.solutions), OpenCV 4.10.0.

The reference finds the landmarks by a network and draws them in one function; here its finder gives
random ones, all over the picture and beyond it. face.json has them as faces of OpenPose's JSON, in pixels;
face.png is the drawing. Coordinates are whole 64ths of a pixel, so that shares and pixels agree.
"""

import json
import os
import sys
from types import SimpleNamespace
from unittest import mock

import cv2
import numpy as np
from controlnet_aux.mediapipe_face import mediapipe_face_common as reference
from mediapipe.framework.formats import landmark_pb2

WIDTH, HEIGHT = 256, 128
LANDMARKS = 478


def faces():
    generator = np.random.RandomState(7)
    for left, top, width, height in ((20, 4, 100, 110), (150, -20, 130, 160)):
        shares = generator.rand(LANDMARKS, 2)
        yield np.floor((shares * (width, height) + (left, top)) * 64) / 64


def normalized(points):
    marks = [landmark_pb2.NormalizedLandmark(x=x / WIDTH, y=y / HEIGHT) for x, y in points]
    return landmark_pb2.NormalizedLandmarkList(landmark=marks)


def main(folder):
    points = list(faces())
    # The finder is not what is compared: it gives the landmarks above.
    finder = mock.MagicMock()
    found = SimpleNamespace(multi_face_landmarks=[normalized(face) for face in points])
    finder.return_value.__enter__.return_value.process.return_value = found
    with mock.patch.object(reference.mp_face_mesh, "FaceMesh", finder):
        drawing = reference.generate_annotation(np.zeros((HEIGHT, WIDTH, 3), np.uint8), 2, 0.5)
    cv2.imwrite(os.path.join(folder, "face.png"), drawing[:, :, ::-1])
    people = [{"face_keypoints_2d": [n for x, y in face for n in (x, y, 1)]} for face in points]
    poses = {"people": people, "canvas_width": WIDTH, "canvas_height": HEIGHT}
    with open(os.path.join(folder, "face.json"), "w", encoding="ascii") as file:
        json.dump(poses, file, separators=(",", ":"))


if __name__ == "__main__":
    main(sys.argv[1])
