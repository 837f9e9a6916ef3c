package io.github.controlnet.core.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.controlnet.exception.WeightsException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Names, shapes and widths come from the graph; it needs no engine. */
class GraphTest {
  private static final Signature RUN = Signature.of("run", Signature.tensor("x"));

  private final Graph graph = new Graph();
  private final Scope scope = graph.scope();
  private final Method method = graph.method(RUN);

  private Value maps(int channels) {
    return method.input("x", 1, channels, Shape.OPEN, Shape.OPEN);
  }

  @Test
  void parametersAreThoseOfTheLayers() {
    Conv.of(scope.at("a"), Convolution.of(6, 8, 3).groups(2));
    ConvTransposed.of(scope.at("b"), Convolution.of(8, 4, 2).noBias(), 0);
    Linear.of(scope.at("c.d"), 4, 5);
    GroupNorm.of(scope.at("e"), 8, 4, 1e-5);
    assertThat(graph.shapes())
        .containsExactly(
            Map.entry("a.weight", List.of(8L, 3L, 3L, 3L)),
            Map.entry("a.bias", List.of(8L)),
            Map.entry("b.weight", List.of(8L, 4L, 2L, 2L)),
            Map.entry("c.d.weight", List.of(5L, 4L)),
            Map.entry("c.d.bias", List.of(5L)),
            Map.entry("e.weight", List.of(8L)),
            Map.entry("e.bias", List.of(8L)));
    assertThat(graph.parameters().values().stream().mapToLong(Parameter::count).sum())
        .isEqualTo(8 * 27 + 8 + 8 * 16 + 20 + 5 + 16);
  }

  @Test
  void aWrongWidthIsRefusedWithTheLayersName() {
    Conv conv = Conv.of(scope.at("down.0"), 4, 8, 3);
    assertThatExceptionOfType(WeightsException.class)
        .isThrownBy(() -> conv.apply(maps(5)))
        .withMessageStartingWith("down.0 takes 4 channels, but is given 5;");
    Value h = Conv.of(scope.at("first"), 5, 8, 1).apply(maps(5));
    assertThatExceptionOfType(WeightsException.class)
        .isThrownBy(() -> GroupNorm.of(scope.at("norm"), 6, 2, 1e-5).apply(h))
        .withMessageStartingWith("norm takes 6 channels, but is given 8;");
    assertThatExceptionOfType(WeightsException.class)
        .isThrownBy(() -> Linear.of(scope.at("to_q"), 9, 9).apply(h.toSequence(8)))
        .withMessageStartingWith("to_q takes 9 channels, but is given 8;");
    assertThatExceptionOfType(WeightsException.class)
        .isThrownBy(() -> GroupNorm.of(scope.at("other"), 8, 3, 1e-5))
        .withMessageStartingWith("other has 8 channels, which 3 groups do not divide;");
    Value both = h.cat(1, maps(5));
    assertThat(both.shape().side(1)).isEqualTo(13);
  }

  @Test
  void aParameterHasOneShape() {
    scope.parameter("w", 2, 3);
    assertThat(scope.parameter("w", 2, 3)).isSameAs(graph.parameters().get("w"));
    assertThatExceptionOfType(IllegalStateException.class)
        .isThrownBy(() -> scope.parameter("w", 3, 2))
        .withMessage("w is read as [2, 3] and as [3, 2]");
  }

  @Test
  void anArgumentMustBeInTheSignature() {
    assertThatExceptionOfType(IllegalArgumentException.class)
        .isThrownBy(() -> method.input("y"))
        .withMessage("run takes no y");
  }

  /** The sources of these packages name no engine. */
  @Test
  void graphAndModelsKnowNoEngine() throws IOException {
    Path core = Path.of("src/main/java/io/github/controlnet/core");
    for (String part : List.of("nn", "models")) {
      try (Stream<Path> files = Files.list(core.resolve(part))) {
        for (Path file : files.toList()) {
          assertThat(Files.readAllLines(file))
              .as(file.toString())
              .noneMatch(line -> line.matches("import (static )?ai\\.djl.*"))
              .noneMatch(line -> line.matches("import .*\\.core\\.(network|engine).*"));
        }
      }
    }
  }
}
