package io.github.controlnet.core.random;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Reference values: {@code src/test/tools/torch_randn_fixtures.py}. */
class TorchGeneratorTest {
  private static final float TOLERANCE = 2e-6f;

  @TestFactory
  List<DynamicTest> equalsTorch() throws IOException {
    List<DynamicTest> tests = new ArrayList<>();
    for (JsonNode example : fixtures().get("cases")) {
      List<Integer> counts = new ArrayList<>();
      example.get("calls").forEach(call -> counts.add(call.get("count").asInt()));
      tests.add(
          DynamicTest.dynamicTest(
              "seed " + example.get("seed") + " counts " + counts, () -> compare(example)));
    }
    assertThat(tests).hasSizeGreaterThan(90);
    return tests;
  }

  private static void compare(JsonNode example) {
    TorchGenerator generator = new TorchGenerator(example.get("seed").asLong());
    int number = 0;
    for (JsonNode call : example.get("calls")) {
      number++;
      float[] actual = generator.randn(call.get("count").asInt());
      assertThat(actual).hasSize(call.get("count").asInt());
      JsonNode indices = call.get("indices");
      assertThat(indices).isNotEmpty();
      for (int i = 0; i < indices.size(); i++) {
        int index = indices.get(i).asInt();
        assertThat(actual[index])
            .as("call %d, value %d", number, index)
            .isCloseTo((float) call.get("values").get(i).asDouble(), within(TOLERANCE));
      }
    }
  }

  @Test
  void onlyTheLower32BitsOfTheSeedCount() {
    assertThat(new TorchGenerator((1L << 32) + 5).randn(100))
        .isEqualTo(new TorchGenerator(5).randn(100));
    assertThat(new TorchGenerator(4).randn(100)).isNotEqualTo(new TorchGenerator(5).randn(100));
  }

  @Test
  void generatorsShareNothing() {
    TorchGenerator first = new TorchGenerator(7);
    TorchGenerator second = new TorchGenerator(7);
    first.randn(3);
    first.randn(33);
    TorchGenerator third = new TorchGenerator(7);
    assertThat(second.randn(50)).isEqualTo(third.randn(50));
  }

  @Test
  void drawsNothingForACountOfZero() {
    TorchGenerator generator = new TorchGenerator(7);
    assertThat(generator.randn(0)).isEmpty();
    assertThat(generator.randn(20)).isEqualTo(new TorchGenerator(7).randn(20));
  }

  @Test
  void allValuesAreFinite() {
    float[] values = new TorchGenerator(3).randn(1 << 20);
    double sum = 0;
    double squares = 0;
    for (float value : values) {
      assertThat(value).isFinite();
      sum += value;
      squares += (double) value * value;
    }
    assertThat(sum / values.length).isCloseTo(0, within(0.01));
    assertThat(squares / values.length).isCloseTo(1, within(0.01));
  }

  @Test
  void refusesANegativeCount() {
    assertThatThrownBy(() -> new TorchGenerator(0).randn(-1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("-1");
  }

  private static JsonNode fixtures() throws IOException {
    try (InputStream in =
        Objects.requireNonNull(TorchGeneratorTest.class.getResourceAsStream("torch-randn.json"))) {
      return new ObjectMapper().readTree(in);
    }
  }
}
