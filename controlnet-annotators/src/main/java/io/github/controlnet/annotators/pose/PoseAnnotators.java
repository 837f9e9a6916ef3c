package io.github.controlnet.annotators.pose;

import io.github.controlnet.annotator.Annotation;
import io.github.controlnet.annotator.AnnotatorOption;
import io.github.controlnet.annotator.AnnotatorOptions;
import io.github.controlnet.annotators.support.Specification;
import io.github.controlnet.annotators.support.WeightsFile;
import io.github.controlnet.pose.Poses;
import io.github.controlnet.spi.AnnotatorCatalog;
import io.github.controlnet.spi.AnnotatorProvider;
import java.util.List;
import java.util.function.Function;

/**
 * Annotators of people: bodies by OpenPose (Z. Cao et al., arXiv 1812.08008), for some with hands
 * or faces; equal to {@code OpenposeDetector} of controlnet_aux with {@code include_body}, {@code
 * include_hand} and {@code include_face} as their names say. DWPose, and faces from given
 * landmarks.
 */
public final class PoseAnnotators implements AnnotatorCatalog {
  private static final List<String> OPENPOSE =
      List.of("control_v11p_sd15_openpose", "control_sd15_openpose");
  private static final WeightsFile BODIES =
      WeightsFile.model(
          "lllyasviel/Annotators/body_pose_model.pth",
          "lllyasviel/ControlNet/annotator/ckpts/body_pose_model.pth");
  private static final WeightsFile HANDS =
      WeightsFile.of(
          "hand_model",
          "The weights file of hands",
          "lllyasviel/Annotators/hand_pose_model.pth",
          "lllyasviel/ControlNet/annotator/ckpts/hand_pose_model.pth");
  private static final WeightsFile FACES =
      WeightsFile.of(
          "face_model", "The weights file of faces", "lllyasviel/Annotators/facenet.pth");

  private static final WeightsFile POINTS = WeightsFile.model("yzd-v/DWPose/dw-ll_ucoco_384.onnx");
  private static final WeightsFile BOXES =
      WeightsFile.of(
          "detector_model", "The network that finds people", "yzd-v/DWPose/yolox_l.onnx");

  private static final String DRAWING = "drawing";
  private static final String OLD = "1.0";
  private static final String NEW = "1.1";
  private static final String LANDMARKS = "landmarks";
  private static final int LEAST_SIDE = 16;

  /** Creates the catalog; called by {@link java.util.ServiceLoader}. */
  public PoseAnnotators() {}

  @Override
  public List<AnnotatorProvider> annotators() {
    PoseDrawing whole = new PoseDrawing(true, true, true, false);
    return List.of(
        openpose(),
        openpose(
            "openpose_hand",
            "Bodies and hands as coloured sticks, by OpenPose.",
            List.of(BODIES, HANDS),
            new PoseDrawing(true, true, false, false)),
        openpose(
            "openpose_face",
            "Bodies as coloured sticks and faces as dots, by OpenPose.",
            List.of(BODIES, FACES),
            new PoseDrawing(true, false, true, false)),
        openpose(
            "openpose_faceonly",
            "Faces as dots, without bodies, by OpenPose.",
            List.of(BODIES, FACES),
            new PoseDrawing(false, false, true, false)),
        openpose(
            "openpose_full",
            "Bodies and hands as coloured sticks and faces as dots, by OpenPose.",
            List.of(BODIES, HANDS, FACES),
            whole),
        dwpose(whole),
        faceOutline());
  }

  private static AnnotatorProvider openpose() {
    return openpose(
        Specification.named("openpose", "Bodies as coloured sticks, by OpenPose.")
            .options(
                AnnotatorOption.choice(
                    DRAWING,
                    List.of(NEW, OLD),
                    "1.1: dark limbs below bright joints; 1.0: limbs over the joints, mixed with what is below, as control_sd15_openpose saw them.")),
        List.of(BODIES),
        options -> new PoseDrawing(true, false, false, options.text(DRAWING).equals(OLD)));
  }

  private static AnnotatorProvider openpose(
      String name, String description, List<WeightsFile> files, PoseDrawing drawing) {
    return openpose(Specification.named(name, description), files, options -> drawing);
  }

  private static AnnotatorProvider openpose(
      Specification.Draft draft,
      List<WeightsFile> files,
      Function<AnnotatorOptions, PoseDrawing> drawing) {
    boolean hands = files.contains(HANDS);
    boolean faces = files.contains(FACES);
    files.forEach(draft::weights);
    return draft
        .controls(OPENPOSE)
        .leastSide(LEAST_SIDE)
        .bytes((width, height) -> PoseFinder.bytes(width, height, hands, faces))
        .drawingPoses((poses, options) -> drawing.apply(options).draw(poses))
        .working(
            (options, networks) -> {
              PoseDrawing lines = drawing.apply(options);
              PoseFinder finder =
                  new PoseFinder(
                      new BodyPose(networks.load(BODIES, BodyPose.NETWORK)),
                      hands ? new HandPose(networks.load(HANDS, HandPose.NETWORK)) : null,
                      faces ? new FacePose(networks.load(FACES, FacePose.NETWORK)) : null);
              return (photo, scope) -> {
                Poses poses = finder.find(photo, scope);
                return Annotation.of(lines.draw(poses), poses);
              };
            });
  }

  /**
   * Bodies, hands and faces by DWPose (Z. Yang et al., arXiv 2307.15880), which sd-webui-controlnet
   * has under this name. Its networks are published as ONNX alone and run on ONNX Runtime,
   * com.microsoft.onnxruntime:onnxruntime, which applications that want this annotator add.
   */
  private static AnnotatorProvider dwpose(PoseDrawing drawing) {
    return Specification.named(
            "dw_openpose_full", "Bodies and hands as coloured sticks and faces as dots, by DWPose.")
        .aliases("dwpose")
        .controls(OPENPOSE)
        .weights(POINTS)
        .weights(BOXES)
        .bytes(WholeBody::bytes)
        .drawingPoses((poses, options) -> drawing.draw(poses))
        .working(
            (options, networks) -> {
              PersonBoxes boxes =
                  new PersonBoxes(networks.loadOnnx(BOXES, PersonBoxes.SIDE, PersonBoxes.SIDE, 1));
              WholeBody bodies =
                  new WholeBody(networks.loadOnnx(POINTS, WholeBody.ROWS, WholeBody.COLUMNS, 2));
              return (photo, scope) -> {
                Poses poses = bodies.find(photo, boxes.find(photo, scope), scope);
                return Annotation.of(drawing.draw(poses), poses);
              };
            });
  }

  private static AnnotatorProvider faceOutline() {
    return Specification.named(
            FaceLandmarks.ANNOTATOR,
            "Outlines of faces from given landmarks, as MediaPipe's are drawn.")
        .aliases("mediapipe_face")
        .controls("control_v2p_sd15_mediapipe_face")
        .options(
            AnnotatorOption.text(
                LANDMARKS,
                "",
                "A file of OpenPose's JSON, with the landmarks of MediaPipe's face mesh as faces."))
        .drawingPoses((poses, options) -> FaceOutline.draw(poses))
        .creating(options -> FaceLandmarks.read(LANDMARKS, options.text(LANDMARKS))::annotate);
  }
}
