package io.github.controlnet.core.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.controlnet.core.fixtures.Fixtures;
import io.github.controlnet.training.ScheduleConfig;
import io.github.controlnet.training.ScheduleType;
import java.io.IOException;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The rates of diffusers' schedules; see {@code make_learning_rate_fixtures.py}. */
class LearningRateTest {
  @Test
  void everyScheduleHasDiffusersRates() throws IOException {
    JsonNode reference = new ObjectMapper().readTree(Fixtures.file("learning-rates.json").toFile());
    double rate = reference.path("rate").asDouble();
    int steps = reference.path("steps").asInt();
    Set<ScheduleType> seen = EnumSet.noneOf(ScheduleType.class);
    for (JsonNode expected : reference.path("cases")) {
      ScheduleType type =
          ScheduleType.valueOf(expected.path("type").asText().toUpperCase(Locale.ROOT));
      seen.add(type);
      ScheduleConfig schedule =
          new ScheduleConfig(
              type,
              expected.path("warmup").asInt(),
              expected.path("cycles").asInt(),
              expected.path("power").asDouble());
      LearningRate rates = new LearningRate(rate, schedule, steps);
      for (int step = 0; step <= steps; step++) {
        assertThat(rates.at(step))
            .as("%s, step %d", schedule, step)
            .isCloseTo(expected.path("rates").get(step).asDouble(), within(1e-12 * rate));
      }
    }
    assertThat(seen).containsExactlyInAnyOrder(ScheduleType.values());
  }
}
