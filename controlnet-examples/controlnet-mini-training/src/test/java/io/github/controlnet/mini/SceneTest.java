package io.github.controlnet.mini;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SceneTest {
  private static final int MANY = 5000;

  @Test
  void namedColorsAreFarApart() {
    assertThat(NamedColor.ALL).hasSizeGreaterThanOrEqualTo(24);
    for (NamedColor a : NamedColor.ALL) {
      assertThat(NamedColor.nearest(a.red(), a.green(), a.blue())).isEqualTo(a);
      for (NamedColor b : NamedColor.ALL) {
        if (!a.equals(b)) {
          assertThat(a.distance(b.red(), b.green(), b.blue()))
              .as("%s and %s", a.name(), b.name())
              .isGreaterThanOrEqualTo(60);
        }
      }
    }
    assertThat(NamedColor.ALL.stream().map(NamedColor::name))
        .contains("red", "blue", "green", "yellow", "white", "black", "purple", "orange");
  }

  @Test
  void aFifthOfTheColorPairsIsHeldOut() {
    int heldOut = 0;
    int pairs = 0;
    for (NamedColor shape : NamedColor.ALL) {
      for (NamedColor background : NamedColor.ALL) {
        if (!shape.equals(background)) {
          pairs++;
          heldOut += NamedColor.isHeldOut(shape, background) ? 1 : 0;
        }
      }
    }
    assertThat((double) heldOut / pairs).isBetween(0.19, 0.22);
  }

  @Test
  void trainingShowsEveryOtherPairAndNoHeldOutOne() {
    SceneGenerator generator = new SceneGenerator(1);
    Set<List<NamedColor>> seen = new HashSet<>();
    for (long number = 0; number < MANY; number++) {
      Scene scene = generator.training(number);
      for (SceneObject object : scene.objects()) {
        assertThat(NamedColor.isHeldOut(object.color(), scene.background())).isFalse();
        assertThat(object.color()).isNotEqualTo(scene.background());
        seen.add(List.of(object.color(), scene.background()));
      }
    }
    assertThat(seen).hasSize(24 * 23 - heldOutCount());
  }

  private static int heldOutCount() {
    int count = 0;
    for (NamedColor shape : NamedColor.ALL) {
      for (NamedColor background : NamedColor.ALL) {
        count += !shape.equals(background) && NamedColor.isHeldOut(shape, background) ? 1 : 0;
      }
    }
    return count;
  }

  @Test
  void aNumberGivesOneScene() {
    assertThat(new SceneGenerator(1).training(7)).isEqualTo(new SceneGenerator(1).training(7));
    assertThat(new SceneGenerator(1).training(7)).isNotEqualTo(new SceneGenerator(1).training(8));
    assertThat(new SceneGenerator(1).training(7)).isNotEqualTo(new SceneGenerator(2).training(7));
  }

  @Test
  void evaluationIsOfHeldOutPairsWhenAsked() {
    SceneGenerator generator = new SceneGenerator(2);
    for (long number = 0; number < 200; number++) {
      for (boolean heldOut : new boolean[] {false, true}) {
        Scene scene = generator.evaluation(number, heldOut);
        SceneObject object = scene.objects().get(0);
        assertThat(NamedColor.isHeldOut(object.color(), scene.background())).isEqualTo(heldOut);
        assertThat(scene.prompt())
            .isEqualTo(
                "%s %s with %s background",
                object.color().name(), object.kind().word(), scene.background().name());
      }
    }
  }

  @Test
  void shapesLieInThePicture() {
    SceneGenerator generator = new SceneGenerator(1);
    for (long number = 0; number < 500; number++) {
      for (SceneObject object : generator.training(number).objects()) {
        assertThat(object.shape().getBounds2D().getMinX()).isGreaterThanOrEqualTo(0);
        assertThat(object.shape().getBounds2D().getMinY()).isGreaterThanOrEqualTo(0);
        assertThat(object.shape().getBounds2D().getMaxX()).isLessThanOrEqualTo(Scene.SIZE);
        assertThat(object.shape().getBounds2D().getMaxY()).isLessThanOrEqualTo(Scene.SIZE);
      }
    }
  }

  @Test
  void aDrawnSceneIsReadBack() {
    SceneGenerator generator = new SceneGenerator(2);
    for (long number = 0; number < 100; number++) {
      Scene scene = generator.evaluation(number, number % 2 == 0);
      SceneObject object = scene.objects().get(0);
      Painted painted = Painted.in(SceneRenderer.picture(scene));
      assertThat(painted.background()).isEqualTo(scene.background());
      assertThat(painted.shape()).isEqualTo(object.color());
      assertThat(painted.overlap(SceneRenderer.mask(object))).isGreaterThan(0.95);
    }
  }

  @Test
  void anotherShapeOrPlaceDoesNotPass() {
    Scene scene = new SceneGenerator(2).evaluation(1, false);
    SceneObject object = scene.objects().get(0);
    Painted painted = Painted.in(SceneRenderer.picture(scene));
    SceneObject moved =
        new SceneObject(
            object.kind(),
            object.color(),
            object.x() + object.size() / 4,
            object.y(),
            object.size());
    assertThat(painted.overlap(SceneRenderer.mask(moved))).isLessThan(0.9);
    BufferedImage flat = SceneRenderer.picture(new Scene("", scene.background(), List.of()));
    assertThat(Painted.in(flat).overlap(SceneRenderer.mask(object))).isZero();
  }
}
