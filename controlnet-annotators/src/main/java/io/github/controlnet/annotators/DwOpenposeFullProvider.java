package io.github.controlnet.annotators;

import io.github.controlnet.annotator.Annotation;
import io.github.controlnet.annotator.Annotator;
import io.github.controlnet.annotator.AnnotatorOption;
import io.github.controlnet.annotator.AnnotatorOptions;
import io.github.controlnet.annotators.PersonBoxes.Box;
import io.github.controlnet.exception.AnnotationException;
import io.github.controlnet.model.HubReference;
import io.github.controlnet.pose.Person;
import io.github.controlnet.pose.Poses;
import io.github.controlnet.spi.PoseAnnotatorProvider;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The annotator {@code dw_openpose_full}: bodies, hands and faces by DWPose (Z. Yang et al., arXiv
 * 2307.15880), which sd-webui-controlnet has under this name. Its networks are published as ONNX
 * alone and run on ONNX Runtime, com.microsoft.onnxruntime:onnxruntime, which applications that
 * want this annotator add.
 */
public final class DwOpenposeFullProvider extends LearnedProvider implements PoseAnnotatorProvider {
  private static final String POINTS = "yzd-v/DWPose/dw-ll_ucoco_384.onnx";
  private static final String BOXES = "yzd-v/DWPose/yolox_l.onnx";
  private static final String BOXES_MODEL = "detector_model";
  private static final PoseDrawing DRAWING = new PoseDrawing(true, true, true, false);

  /** Creates the provider; called by {@link java.util.ServiceLoader}. */
  public DwOpenposeFullProvider() {
    super(
        "dw_openpose_full",
        "Bodies and hands as coloured sticks and faces as dots, by DWPose.",
        List.of(POINTS),
        AnnotatorOption.text(
            BOXES_MODEL,
            "",
            "The network that finds people; without it, %s in the hub's cache.".formatted(BOXES)));
  }

  @Override
  public List<String> aliases() {
    return List.of("dwpose");
  }

  @Override
  public List<HubReference> weights() {
    return Stream.concat(super.weights().stream(), Stream.of(HubReference.of(BOXES))).toList();
  }

  @Override
  public List<String> controls() {
    return List.of("control_v11p_sd15_openpose", "control_sd15_openpose");
  }

  /** The networks see pictures of one size. */
  @Override
  long bytes(int width, int height) {
    return 1_500_000_000L + 16L * width * height;
  }

  @Override
  public BufferedImage draw(Poses poses, AnnotatorOptions options) {
    return DRAWING.draw(poses);
  }

  @Override
  public Annotator create(AnnotatorOptions options) {
    Path points = file(options);
    Path boxes = file(options.text(BOXES_MODEL), BOXES_MODEL, List.of(HubReference.of(BOXES)));
    try {
      return LearnedAnnotator.openOnnx(this, networks -> work(networks, boxes, points));
    } catch (LinkageError e) {
      throw new AnnotationException(
          "The annotator \"%s\" runs on ONNX Runtime, which is not on the class path or has no library for %s %s (%s); add the artifact com.microsoft.onnxruntime:onnxruntime."
              .formatted(name(), System.getProperty("os.name"), System.getProperty("os.arch"), e),
          e);
    }
  }

  private static MatAnnotator.Work work(OnnxNetworks networks, Path boxes, Path points) {
    PersonBoxes people =
        new PersonBoxes(networks.load(boxes, PersonBoxes.SIDE, PersonBoxes.SIDE, 1));
    WholeBody body = new WholeBody(networks.load(points, WholeBody.ROWS, WholeBody.COLUMNS, 2));
    return (photo, scope) -> {
      List<Person> found = new ArrayList<>();
      for (Box box : people.find(photo, scope)) {
        found.add(body.find(photo, box));
      }
      Poses poses = new Poses(photo.cols(), photo.rows(), found);
      return Annotation.of(DRAWING.draw(poses), poses);
    };
  }
}
