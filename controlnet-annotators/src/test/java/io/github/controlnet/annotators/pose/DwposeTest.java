package io.github.controlnet.annotators.pose;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.controlnet.Annotators;
import io.github.controlnet.annotator.Annotation;
import io.github.controlnet.annotator.Annotator;
import io.github.controlnet.annotators.Resources;
import io.github.controlnet.annotators.pose.PersonBoxes.Box;
import io.github.controlnet.annotators.raster.MatScope;
import io.github.controlnet.annotators.raster.OpenCv;
import io.github.controlnet.core.pose.PoseJson;
import io.github.controlnet.core.torch.FloatTensor;
import io.github.controlnet.exception.AnnotationException;
import io.github.controlnet.exception.WeightsException;
import io.github.controlnet.pose.Keypoint;
import io.github.controlnet.pose.Person;
import io.github.controlnet.pose.Poses;
import io.github.controlnet.spi.PoseAnnotatorProvider;
import java.awt.image.BufferedImage;
import java.io.File;
import java.lang.reflect.InvocationTargetException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.opencv.core.CvType;
import org.opencv.core.Mat;

/** DWPose on small networks, equal to what dwpose_fixtures.py makes of them in numpy. */
class DwposeTest {
  private static final int CELLS = 8400;
  private static final int COLUMNS = 85;
  private static final String BOXES = "dwpose-boxes.onnx";
  private static final String POINTS = "dwpose-points.onnx";

  private static Annotator create(String points, String boxes) {
    PoseAnnotatorProvider provider = provider();
    return provider.create(
        provider.options(
            Map.of(
                "model", Resources.path("learned/" + points).toString(),
                "detector_model", Resources.path("learned/" + boxes).toString())),
        Annotators.context());
  }

  private static PoseAnnotatorProvider provider() {
    return (PoseAnnotatorProvider) Annotators.named("dwpose");
  }

  @Test
  void peopleAreFoundAndDrawnAsTheReferenceDoes() {
    List<String> lines = Resources.lines("learned/dwpose.txt");
    try (Annotator annotator = create(POINTS, BOXES)) {
      Annotation annotation = annotator.annotate(Resources.picture("photo.png"));
      Poses poses = annotation.poses().orElseThrow();
      assertThat(lines.size() / 4).isGreaterThanOrEqualTo(3);
      assertThat(poses.people()).hasSize(lines.size() / 4);
      for (int i = 0; i < poses.people().size(); i++) {
        Person person = poses.people().get(i);
        compare(person.body(), lines.get(4 * i));
        compare(person.leftHand(), lines.get(4 * i + 1));
        compare(person.rightHand(), lines.get(4 * i + 2));
        compare(person.face(), lines.get(4 * i + 3));
      }
      BufferedImage expected = Resources.picture("learned/dwpose.png");
      int different = 0;
      for (int i = 0; i < expected.getWidth() * expected.getHeight(); i++) {
        int x = i % expected.getWidth();
        int y = i / expected.getWidth();
        different += annotation.map().getRGB(x, y) == expected.getRGB(x, y) ? 0 : 1;
      }
      assertThat(different).isLessThanOrEqualTo(expected.getWidth() * expected.getHeight() / 1000);
      assertThat(PoseJson.read(PoseJson.write(poses)).people()).hasSameSizeAs(poses.people());
    }
  }

  private static void compare(List<Keypoint> points, String line) {
    String[] words = line.isEmpty() ? new String[0] : line.split(" ", -1);
    assertThat(points).hasSize(words.length);
    for (int i = 0; i < words.length; i++) {
      Keypoint point = points.get(i);
      assertThat(point.isPresent()).as("point %d", i).isEqualTo(!words[i].equals("-"));
      if (point.isPresent()) {
        String[] place = words[i].split(",", -1);
        assertThat(point.x()).isCloseTo(Double.parseDouble(place[0]), within(1e-3));
        assertThat(point.y()).isCloseTo(Double.parseDouble(place[1]), within(1e-3));
      }
    }
  }

  /** Boxes of a network that finds one thing in the middle. */
  private static List<Box> find(int column, float score) {
    OpenCv.load();
    float[] values = new float[CELLS * COLUMNS];
    values[4] = 1;
    values[column] = score;
    PersonBoxes boxes =
        new PersonBoxes((picture, none) -> List.of(new FloatTensor(values, 1, CELLS, COLUMNS)));
    try (MatScope scope = new MatScope()) {
      return boxes.find(scope.keep(Mat.zeros(320, 160, CvType.CV_8UC3)), scope);
    }
  }

  @Test
  void thingsAndUnsurePeopleStandForTheWholePicture() {
    assertThat(find(5, 0.9f)).containsExactly(new Box(-2, -2, 2, 2, 0.9f));
    assertThat(find(5, 0.2f)).containsExactly(new Box(0, 0, 160, 320, 1));
    assertThat(find(7, 0.9f)).containsExactly(new Box(0, 0, 160, 320, 1));
    assertThat(find(7, 0.05f)).isEmpty();
  }

  @Test
  void otherFilesAreRefused() {
    assertThatThrownBy(() -> create(BOXES, POINTS))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining(POINTS)
        .hasMessageContaining("[1, 3, 640, 640]");
    assertThatThrownBy(() -> create("dwpose.txt", BOXES))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("dwpose.txt")
        .hasMessageContaining("ONNX");
    PoseAnnotatorProvider provider = provider();
    Map<String, String> options = Map.of("model", "none.onnx", "detector_model", "none.onnx");
    assertThatThrownBy(() -> provider.create(provider.options(options), Annotators.context()))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("none.onnx does not exist");
  }

  @Test
  void aClosedAnnotatorSaysSo() {
    Annotator annotator = create(POINTS, BOXES);
    annotator.close();
    annotator.close();
    assertThatThrownBy(() -> annotator.annotate(Resources.picture("photo.png")))
        .isInstanceOf(AnnotationException.class)
        .hasMessageContaining("closed");
  }

  /** The class path of this test without ONNX Runtime. */
  @Test
  void withoutOnnxRuntimeTheArtifactIsNamed() throws Exception {
    URL[] others =
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator, -1))
            .filter(entry -> !entry.contains("onnxruntime"))
            .map(DwposeTest::url)
            .toArray(URL[]::new);
    try (URLClassLoader loader = new URLClassLoader(others, ClassLoader.getPlatformClassLoader())) {
      Class<?> here = loader.loadClass(DwposeTest.class.getName());
      var create = here.getDeclaredMethod("create", String.class, String.class);
      create.setAccessible(true);
      Thread thread = Thread.currentThread();
      ClassLoader before = thread.getContextClassLoader();
      thread.setContextClassLoader(loader);
      try {
        assertThatThrownBy(() -> create.invoke(null, POINTS, BOXES))
            .isInstanceOf(InvocationTargetException.class)
            .cause()
            .hasMessageContaining("dw_openpose_full")
            .hasMessageContaining("com.microsoft.onnxruntime:onnxruntime");
      } finally {
        thread.setContextClassLoader(before);
      }
    }
  }

  private static URL url(String entry) {
    try {
      return Path.of(entry).toUri().toURL();
    } catch (MalformedURLException e) {
      throw new IllegalArgumentException(e);
    }
  }
}
