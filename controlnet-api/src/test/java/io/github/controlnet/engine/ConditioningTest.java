package io.github.controlnet.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConditioningTest {
  private static final EncodedText TEXT = EncodedText.of(3, 2, 4, new float[24]);

  @Test
  void beginsWithTextAloneAndGrows() {
    List<List<Integer>> rows = List.of(List.of(0, 0), List.of(1, 2));
    Conditioning plain = Conditioning.of(TEXT, rows);
    assertThat(plain.text()).isSameAs(TEXT);
    assertThat(plain.branches()).isEqualTo(rows);
    assertThat(plain.images()).isEqualTo(2);
    assertThat(plain.perturbed()).isEmpty();
    assertThat(plain.sizeIds()).isEmpty();
    assertThat(plain.guidance()).isEmpty();

    List<List<Double>> ids = List.of(List.of(512.0, 768.0), List.of(0.0, 0.0));
    Conditioning all = plain.withPerturbed(List.of(1)).withSizeIds(ids).withGuidance(3.5);
    assertThat(all.text()).isSameAs(TEXT);
    assertThat(all.branches()).isEqualTo(rows);
    assertThat(all.perturbed()).containsExactly(1);
    assertThat(all.sizeIds()).isEqualTo(ids);
    assertThat(all.guidance()).hasValue(3.5);
    assertThat(all.withGuidance(4).withPerturbed(List.of()).sizeIds()).isEqualTo(ids);
    assertThat(plain.perturbed()).as("the conditioning that it was made from").isEmpty();
  }

  @Test
  void isIndependentOfTheListsItWasMadeFrom() {
    List<List<Integer>> rows = new ArrayList<>(List.of(new ArrayList<>(List.of(1))));
    Conditioning conditioning = Conditioning.of(TEXT, rows);
    rows.get(0).set(0, 2);
    rows.clear();
    assertThat(conditioning.branches()).isEqualTo(List.of(List.of(1)));
  }

  @Test
  void whatDoesNotFitIsNamed() {
    refuses(() -> Conditioning.of(TEXT, List.of()), "at least one");
    refuses(() -> Conditioning.of(TEXT, List.of(List.of())), "at least one image");
    refuses(() -> Conditioning.of(TEXT, List.of(List.of(0, 3))), "text 3; there are 3 texts");
    refuses(() -> Conditioning.of(TEXT, List.of(List.of(-1))), "text -1");
    refuses(
        () -> Conditioning.of(TEXT, List.of(List.of(0, 1), List.of(0))),
        "Branch 1 names 1 texts for 2 images");
    Conditioning two = Conditioning.of(TEXT, List.of(List.of(0), List.of(1)));
    refuses(() -> two.withPerturbed(List.of(2)), "[2] are not legal");
    refuses(() -> two.withPerturbed(List.of(1, 0)), "ascending");
    refuses(() -> two.withSizeIds(List.of(List.of(1.0))), "each of 2 branches");
    refuses(() -> two.withSizeIds(List.of(List.of(1.0), List.of())), "all as long");
    refuses(() -> two.withGuidance(Double.NaN), "NaN");
  }

  @Test
  void encodedTextsFillTheirShape() {
    EncodedText text = EncodedText.of(2, 3, 4, new float[24]);
    assertThat(text.pooled()).isEmpty();
    assertThat(text.pooledWidth()).isZero();
    float[] vectors = {1, 2, 3, 4, 5, 6};
    EncodedText pooled = text.withPooled(vectors);
    assertThat(pooled.pooled()).hasValue(vectors);
    assertThat(pooled.pooledWidth()).isEqualTo(3);
    assertThat(pooled.hiddenStates()).isSameAs(text.hiddenStates());
    refuses(() -> EncodedText.of(2, 3, 4, new float[23]), "23 values do not fill");
    refuses(() -> EncodedText.of(0, 3, 4, new float[0]), "[0, 3, 4]");
    refuses(() -> EncodedText.of(1 << 16, 1 << 16, 1, new float[0]), "0 values do not fill");
    refuses(() -> text.withPooled(new float[5]), "5 values are no pooled vectors of 2 texts");
    refuses(() -> text.withPooled(new float[0]), "0 values");
  }

  @Test
  void batchesOfTextsBeginPlainAndGrow() {
    int[][] tokens = {{1, 2}, {3, 4}};
    TextBatch plain = TextBatch.of(tokens);
    assertThat(plain.tokens()).isSameAs(tokens);
    assertThat(plain.skippedLayers()).isZero();
    assertThat(plain.replacements()).isEmpty();
    TextBatch.Replacement vector = new TextBatch.Replacement(1, 0, new float[] {0.5f});
    TextBatch batch = plain.withReplacements(List.of(vector)).withSkippedLayers(2);
    assertThat(batch.tokens()).isSameAs(tokens);
    assertThat(batch.skippedLayers()).isEqualTo(2);
    assertThat(batch.replacements()).containsExactly(vector);
  }

  private static void refuses(Runnable making, String message) {
    assertThatThrownBy(making::run)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }
}
