package io.github.controlnet.core.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.controlnet.exception.InvalidRequestException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which batches fit, by steps whose memory is known. */
class BatchSplitTest {
  private static final long MEGABYTE = 1 << 20;
  private static final long IDLE = 1000 * MEGABYTE;

  private final List<Integer> tried = new ArrayList<>();

  /** A step takes 100 MB for each picture. */
  private long peak(int pictures) {
    tried.add(pictures);
    return IDLE + 100 * MEGABYTE * pictures;
  }

  private BatchSplit within(int megabytes) {
    return new BatchSplit(4, 3).within(megabytes * MEGABYTE, IDLE, this::peak);
  }

  @Test
  void takesTheLargestEqualBatchesThatFit() {
    assertThat(within(10_000)).isEqualTo(new BatchSplit(12, 1));
    assertThat(within(2000)).isEqualTo(new BatchSplit(6, 2));
    assertThat(within(1700)).isEqualTo(new BatchSplit(4, 3));
    assertThat(within(1250)).isEqualTo(new BatchSplit(2, 6));
    tried.clear();
    assertThat(within(1150)).isEqualTo(new BatchSplit(1, 12));
    assertThat(tried).as("what cannot fit is not tried").containsExactly(1);
  }

  @Test
  void guessesAreMeasured() {
    BatchSplit split =
        new BatchSplit(12, 1)
            .within(3000 * MEGABYTE, IDLE, n -> peak(n) + (n == 12 ? 5000 * MEGABYTE : 0));
    assertThat(split).isEqualTo(new BatchSplit(6, 2));
    assertThat(tried).containsExactly(1, 2, 12, 6);
  }

  @Test
  void onePictureTooMuchIsRefusedWithBothFigures() {
    assertThatThrownBy(() -> within(1050))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("1,100 MB")
        .hasMessageContaining("1,050 MB")
        .hasMessageContaining("gradient_checkpointing");
  }
}
