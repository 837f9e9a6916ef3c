package io.github.controlnet.core.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.controlnet.core.family.TextRecipe.Encoder;
import io.github.controlnet.engine.EncodedText;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TextRecipeTest {
  private static final TextRecipe TWO =
      new TextRecipe(
          List.of(
              new Encoder(Role.TEXT_ENCODER, 1, false), new Encoder(Role.TEXT_ENCODER, 1, true)));

  @Test
  void oneEncodersTextsAreTakenAsTheyAre() {
    EncodedText text = EncodedText.of(1, 1, 2, new float[2]).withPooled(new float[3]);
    for (boolean pooled : new boolean[] {false, true}) {
      TextRecipe one = new TextRecipe(List.of(new Encoder(Role.TEXT_ENCODER, 0, pooled)));
      EncodedText joined = one.join(List.of(text));
      assertThat(joined.hiddenStates()).isSameAs(text.hiddenStates());
      assertThat(joined.pooled()).isEqualTo(pooled ? text.pooled() : Optional.empty());
    }
  }

  @Test
  void hiddenStatesLieSideBySideAndOnePoolsTheText() {
    EncodedText narrow =
        EncodedText.of(2, 2, 1, new float[] {1, 2, 3, 4}).withPooled(new float[] {7, 7});
    EncodedText wide =
        EncodedText.of(2, 2, 2, new float[] {10, 11, 20, 21, 30, 31, 40, 41})
            .withPooled(new float[] {5, 6});
    EncodedText joined = TWO.join(List.of(narrow, wide));
    assertThat(joined.texts()).isEqualTo(2);
    assertThat(joined.tokens()).isEqualTo(2);
    assertThat(joined.width()).isEqualTo(3);
    assertThat(joined.hiddenStates()).containsExactly(1, 10, 11, 2, 20, 21, 3, 30, 31, 4, 40, 41);
    assertThat(joined.pooled().orElseThrow()).containsExactly(5, 6);
  }

  @Test
  void partsThatDoNotBelongTogetherAreRefused() {
    EncodedText text = EncodedText.of(1, 2, 1, new float[2]);
    EncodedText longer = EncodedText.of(1, 3, 1, new float[3]);
    assertThatThrownBy(() -> TWO.join(List.of(text)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("1 encoded texts for 2 encoders");
    assertThatThrownBy(() -> TWO.join(List.of(text, longer)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new TextRecipe(List.of()))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
