package io.github.controlnet.core.provenance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.controlnet.ScaleSchedule;
import io.github.controlnet.exception.InvalidRequestException;
import java.util.Arrays;

/** A scale in a record: a number, or one for each step. */
final class RecordedScale {
  private static final ObjectMapper JSON = new ObjectMapper();

  private RecordedScale() {}

  static JsonNode write(ScaleSchedule schedule, int steps) {
    double[] scales = new double[steps];
    try {
      Arrays.setAll(scales, step -> schedule.at(step, steps));
    } catch (InvalidRequestException e) {
      // A list for another number of steps; a picture that is made must not be lost for that.
      return JSON.valueToTree(schedule.toString());
    }
    boolean constant = Arrays.stream(scales).allMatch(scale -> scale == scales[0]);
    return constant ? JSON.valueToTree(scales[0]) : JSON.valueToTree(scales);
  }

  static ScaleSchedule read(JsonNode node) {
    if (node.isTextual()) {
      return ScaleSchedule.perStep(
          Arrays.stream(node.asText().split(",", -1)).mapToDouble(Double::parseDouble).toArray());
    }
    return node.isArray()
        ? ScaleSchedule.perStep(JSON.convertValue(node, double[].class))
        : ScaleSchedule.constant(node.asDouble());
  }

  /** The scale of the first step, for those who know no schedules. */
  static String first(ScaleSchedule schedule, int steps) {
    JsonNode node = write(schedule, steps);
    return node.isTextual()
        ? node.asText()
        : WebUiText.number((node.isArray() ? node.path(0) : node).asDouble());
  }
}
