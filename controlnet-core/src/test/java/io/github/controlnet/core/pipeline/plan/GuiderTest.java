package io.github.controlnet.core.pipeline.plan;

import static io.github.controlnet.core.pipeline.condition.Branch.CONDITIONAL;
import static io.github.controlnet.core.pipeline.condition.Branch.PERTURBED;
import static io.github.controlnet.core.pipeline.condition.Branch.UNCONDITIONAL;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.controlnet.Guidance;
import io.github.controlnet.ScaleSchedule;
import io.github.controlnet.core.pipeline.condition.Branch;
import io.github.controlnet.core.pipeline.condition.Timeline;
import java.util.List;
import org.junit.jupiter.api.Test;

class GuiderTest {
  private static final Timeline TIMELINE = new Timeline(4, 4);

  private static List<List<Branch>> branches(Guidance guidance) {
    Guider guider = new Guider(guidance, TIMELINE);
    return List.of(guider.branches(0), guider.branches(1), guider.branches(2), guider.branches(3));
  }

  @Test
  void whatHasNoEffectIsNotComputed() {
    assertThat(branches(Guidance.of(3).withInterval(0.25, 0.75)))
        .containsExactly(
            List.of(CONDITIONAL),
            List.of(UNCONDITIONAL, CONDITIONAL),
            List.of(UNCONDITIONAL, CONDITIONAL),
            List.of(CONDITIONAL));
    assertThat(
            branches(
                Guidance.of(ScaleSchedule.perStep(3, 1, 1, 0))
                    .withPerturbedAttention(2)
                    .withInterval(0, 0.5)))
        .containsExactly(
            List.of(UNCONDITIONAL, CONDITIONAL, PERTURBED),
            List.of(CONDITIONAL, PERTURBED),
            List.of(CONDITIONAL),
            List.of(CONDITIONAL));
    assertThat(new Guider(Guidance.of(1), TIMELINE).needs(UNCONDITIONAL)).isFalse();
    assertThat(new Guider(Guidance.of(0), TIMELINE).needs(UNCONDITIONAL)).isTrue();
  }

  @Test
  void aConstantPredictionIsNotRescaled() {
    // Its deviation is 0, so that no ratio exists.
    Guider guider = new Guider(Guidance.of(3).withRescale(1), TIMELINE);
    assertThat(guider.combine(0, new float[] {1, 1, 2, 2}, 1)).containsExactly(4, 4);
  }
}
