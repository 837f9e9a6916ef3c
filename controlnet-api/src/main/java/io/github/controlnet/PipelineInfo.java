package io.github.controlnet;

import io.github.controlnet.engine.Device;
import io.github.controlnet.engine.Precision;
import java.util.List;
import java.util.Map;

/**
 * What a pipeline was built from.
 *
 * @param family the family of the base, such as {@code Stable Diffusion 1.x}
 * @param base the base model's path
 * @param controls the control models' paths, in order
 * @param nativeSize the side in pixels that the base was trained for, 512 for Stable Diffusion 1.5
 * @param sizeMultiple what width and height must be multiples of
 * @param device where the networks run
 * @param precision the number type in which they run
 * @param threads how many threads an operation may use; 0 for all cores
 * @param versions names and versions of what computes
 */
public record PipelineInfo(
    String family,
    String base,
    List<String> controls,
    int nativeSize,
    int sizeMultiple,
    Device device,
    Precision precision,
    int threads,
    Map<String, String> versions) {
  /** Copies the collections. */
  public PipelineInfo {
    controls = List.copyOf(controls);
    versions = Map.copyOf(versions);
  }
}
