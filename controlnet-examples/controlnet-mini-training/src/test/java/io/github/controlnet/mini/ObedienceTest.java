package io.github.controlnet.mini;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What the figures of the documentation are made with. */
class ObedienceTest {
  private final SceneGenerator generator = new SceneGenerator(Evaluation.SEED);

  @Test
  void theSceneItselfObeysAndAnotherDoesNot() {
    for (int number = 0; number < 20; number++) {
      Scene scene = generator.evaluation(number, number % 2 == 0);
      Obedience right = Obedience.of(scene, SceneRenderer.picture(scene));
      assertThat(right.overlap()).isGreaterThan(0.98);
      assertThat(right.followed() && right.shape() && right.background()).isTrue();
      Scene plain = new Scene("", scene.background(), List.of());
      Obedience wrong = Obedience.of(scene, SceneRenderer.picture(plain));
      assertThat(wrong.overlap()).isZero();
      assertThat(wrong.followed() || wrong.shape()).isFalse();
      assertThat(wrong.background()).isTrue();
    }
  }

  @Test
  void theChartHasACurveForEachRun() {
    Set<Integer> one = colors("a,0,50,0.300", "a,100,50,0.900");
    Set<Integer> two = colors("a,0,50,0.300", "a,100,50,0.900", "b,0,50,0.400", "b,100,50,0.500");
    int first = new Color(0x1f, 0x5f, 0xb4).getRGB();
    int second = new Color(0xd0, 0x5a, 0x1e).getRGB();
    assertThat(one).contains(first).doesNotContain(second);
    assertThat(two).contains(first, second);
  }

  private static Set<Integer> colors(String... lines) {
    List<String> all = new ArrayList<>(List.of("run,step,cases,median_overlap"));
    all.addAll(List.of(lines));
    BufferedImage chart = OverlapChart.of(all);
    Set<Integer> found = new HashSet<>();
    for (int y = 0; y < chart.getHeight(); y++) {
      for (int x = 0; x < chart.getWidth(); x++) {
        found.add(chart.getRGB(x, y));
      }
    }
    return found;
  }
}
