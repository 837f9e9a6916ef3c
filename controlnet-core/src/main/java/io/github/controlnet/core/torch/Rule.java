package io.github.controlnet.core.torch;

import io.github.controlnet.core.nn.Value;
import org.jspecify.annotations.Nullable;

/** How some of a graph's operators are written as TorchScript. */
public interface Rule {

  /**
   * Writes what makes a value.
   *
   * @param value the value
   * @param out gets the lines before the last one
   * @return the expression of the last line, or null where the rule does not apply
   */
  @Nullable Expression lower(Value value, Emission out);

  /** The methods of the module that its expressions call. */
  default String methods() {
    return "";
  }
}
