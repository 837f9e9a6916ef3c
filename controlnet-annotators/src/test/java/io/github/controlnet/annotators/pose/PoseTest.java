package io.github.controlnet.annotators.pose;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.controlnet.Annotators;
import io.github.controlnet.annotator.Annotation;
import io.github.controlnet.annotator.Annotator;
import io.github.controlnet.annotator.AnnotatorOptions;
import io.github.controlnet.annotators.RandomWeights;
import io.github.controlnet.annotators.Resources;
import io.github.controlnet.annotators.raster.MatScope;
import io.github.controlnet.annotators.raster.OpenCv;
import io.github.controlnet.annotators.raster.Pixels;
import io.github.controlnet.annotators.support.Networks;
import io.github.controlnet.annotators.support.TestNetworks;
import io.github.controlnet.annotators.support.WeightsFile;
import io.github.controlnet.core.pose.PoseJson;
import io.github.controlnet.core.torch.FloatTensor;
import io.github.controlnet.pose.Keypoint;
import io.github.controlnet.pose.Person;
import io.github.controlnet.pose.Poses;
import io.github.controlnet.spi.PoseAnnotatorProvider;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.opencv.core.CvType;
import org.opencv.core.Mat;

/** People in constructed maps, and their drawing, equal to the reference: pose_fixtures.py. */
class PoseTest {
  private static final int ROWS = 23;
  private static final int COLUMNS = 44;
  private static final int WIDTH = 352;
  private static final int HEIGHT = 184;

  @BeforeAll
  static void load() {
    OpenCv.load();
  }

  private static BodyPose bodies() {
    BufferedImage levels = Resources.picture("learned/pose-body.png");
    FloatTensor heat = planes(levels, 0, 19, 0, 200f);
    FloatTensor fields = planes(levels, 19, 38, 128, 100f);
    return new BodyPose((picture, none) -> List.of(fields, heat));
  }

  private static Poses constructed() {
    try (MatScope scope = new MatScope()) {
      Mat photo = scope.keep(Mat.zeros(HEIGHT, WIDTH, CvType.CV_8UC3));
      return new PoseFinder(bodies(), null, null).find(photo, scope);
    }
  }

  private static FloatTensor planes(
      BufferedImage levels, int first, int count, int zero, float unit) {
    float[] values = new float[count * ROWS * COLUMNS];
    for (int i = 0; i < values.length; i++) {
      int level = levels.getRGB(i % COLUMNS, first * ROWS + i / COLUMNS) & 0xff;
      values[i] = (level - zero) / unit;
    }
    return new FloatTensor(values, 1, count, ROWS, COLUMNS);
  }

  @Test
  void peopleAreReadAsTheReferenceDoes() {
    List<String> lines = Resources.lines("learned/pose-body.txt");
    List<Person> people = constructed().people();
    assertThat(lines).hasSizeGreaterThanOrEqualTo(3);
    assertThat(people).hasSameSizeAs(lines);
    for (int i = 0; i < lines.size(); i++) {
      String[] points = lines.get(i).split(" ", -1);
      for (int part = 0; part < points.length; part++) {
        Keypoint point = people.get(i).body().get(part);
        assertThat(point.isPresent()).isEqualTo(!points[part].equals("-"));
        if (point.isPresent()) {
          String[] place = points[part].split(",", -1);
          assertThat(point.x()).isCloseTo(Double.parseDouble(place[0]), within(1e-9));
          assertThat(point.y()).isCloseTo(Double.parseDouble(place[1]), within(1e-9));
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"1.0", "1.1"})
  void bodiesAreDrawnAsTheReferenceDoes(String drawing) {
    Poses poses = constructed();
    PoseAnnotatorProvider provider = provider("openpose");
    AnnotatorOptions options = provider.options(Map.of("drawing", drawing));
    BufferedImage map = provider.draw(poses, options);
    BufferedImage expected = Resources.picture("learned/pose-body-%s.png".formatted(drawing));
    assertThat(pixels(map)).isEqualTo(pixels(expected));
    Poses read = PoseJson.read(PoseJson.write(poses));
    assertThat(read).isEqualTo(poses);
    assertThat(pixels(provider.draw(read, options))).isEqualTo(pixels(expected));
  }

  /** Drawn by annotator/openpose/util.py of lllyasviel/ControlNet, see docs/annotators.md. */
  @Test
  void handsAreDrawnAsControlNet10DrewThem() {
    BufferedImage expected = Resources.picture("learned/pose-hands-1.0.png");
    List<Person> people = new ArrayList<>();
    for (String line : Resources.lines("learned/pose-hands.txt")) {
      List<Keypoint> hand = Stream.of(line.split(" ", -1)).map(PoseTest::point).toList();
      people.add(new Person(List.of(), hand, List.of(), List.of()));
    }
    Poses poses = new Poses(expected.getWidth(), expected.getHeight(), people);
    assertThat(pixels(new PoseDrawing(true, true, true, true).draw(poses)))
        .isEqualTo(pixels(expected));
  }

  private static Keypoint point(String text) {
    String[] place = text.split(",", -1);
    return text.equals("0,0")
        ? Keypoint.MISSING
        : Keypoint.at(Double.parseDouble(place[0]), Double.parseDouble(place[1]));
  }

  @Test
  void handsAndFacesAreFoundAndDrawnAsTheReferenceDoes() {
    BufferedImage picture = Resources.picture("photo.png");
    BufferedImage photo =
        Pixels.fill(
            WIDTH,
            HEIGHT,
            i -> picture.getRGB(i % WIDTH % picture.getWidth(), i / WIDTH % picture.getHeight()));
    WeightsFile hands = WeightsFile.model("a/b/hands");
    WeightsFile faces = WeightsFile.model("a/b/faces");
    Map<WeightsFile, Path> files =
        Map.of(
            hands, RandomWeights.file("openpose_hand_narrow"),
            faces, RandomWeights.file("openpose_face_narrow"));
    try (Networks networks = TestNetworks.of(files);
        MatScope scope = new MatScope()) {
      PoseFinder finder =
          new PoseFinder(
              bodies(),
              new HandPose(networks.load(hands, HandPose.NETWORK)),
              new FacePose(networks.load(faces, FacePose.NETWORK)));
      Poses poses = finder.find(scope.keep(OpenCv.toMat(photo)), scope);
      assertThat(poses.people()).anyMatch(person -> !person.leftHand().isEmpty());
      assertThat(poses.people()).anyMatch(person -> !person.rightHand().isEmpty());
      assertThat(poses.people()).anyMatch(person -> !person.face().isEmpty());
      List<Integer> map = pixels(new PoseDrawing(true, true, true, false).draw(poses));
      List<Integer> expected = pixels(Resources.picture("learned/pose-full.png"));
      int different = 0;
      for (int i = 0; i < map.size(); i++) {
        different += map.get(i).equals(expected.get(i)) ? 0 : 1;
      }
      assertThat(different).isLessThanOrEqualTo(WIDTH * HEIGHT / 1000);
    }
  }

  @Test
  void anAnnotationHasThePeopleThatItsMapShows() {
    PoseAnnotatorProvider provider = provider("openpose_full");
    AnnotatorOptions options =
        provider.options(
            Map.of(
                "model", RandomWeights.file("openpose_narrow").toString(),
                "hand_model", RandomWeights.file("openpose_hand_narrow").toString(),
                "face_model", RandomWeights.file("openpose_face_narrow").toString()));
    try (Annotator annotator = provider.create(options, Annotators.context())) {
      BufferedImage photo = Resources.picture("photo.png").getSubimage(0, 0, 128, 96);
      Annotation annotation = annotator.annotate(photo);
      Poses poses = annotation.poses().orElseThrow();
      assertThat(poses.width()).isEqualTo(128);
      assertThat(poses.height()).isEqualTo(96);
      assertThat(poses.people()).isNotEmpty();
      assertThat(pixels(provider.draw(PoseJson.read(PoseJson.write(poses)), options)))
          .isEqualTo(pixels(annotation.map()));
    }
  }

  @Test
  void anUnknownDrawingIsRefused() {
    PoseAnnotatorProvider provider = provider("openpose");
    assertThatThrownBy(() -> provider.options(Map.of("drawing", "2")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("drawing")
        .hasMessageContaining("1.1 or 1.0");
  }

  private static PoseAnnotatorProvider provider(String name) {
    return (PoseAnnotatorProvider) Annotators.named(name);
  }

  private static List<Integer> pixels(BufferedImage image) {
    List<Integer> pixels = new ArrayList<>();
    for (int i = 0; i < image.getWidth() * image.getHeight(); i++) {
      pixels.add(image.getRGB(i % image.getWidth(), i / image.getWidth()));
    }
    return pixels;
  }
}
