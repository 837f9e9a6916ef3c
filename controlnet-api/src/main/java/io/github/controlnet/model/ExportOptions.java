package io.github.controlnet.model;

import io.github.controlnet.engine.Precision;
import io.github.controlnet.internal.Values;
import io.github.controlnet.progress.CancellationToken;

/**
 * How a model is written.
 *
 * @param layout whose names and files
 * @param precision the number type; {@link Precision#AUTO} keeps the control's own, which is
 *     float32 for one that is new, and the base's
 * @param withBase whether the base goes along: in the original layout as the merged files of
 *     ControlNet 1.0, in diffusers' as a folder of a whole pipeline
 * @param overwrite whether what is there may be replaced; if not, it is refused
 * @param cancellation ends the writing, which then leaves nothing behind
 */
public record ExportOptions(
    ModelLayout layout,
    Precision precision,
    boolean withBase,
    boolean overwrite,
    CancellationToken cancellation) {

  /** Refuses values that are missing. */
  public ExportOptions {
    Values.nonNull(layout, "the layout");
    Values.nonNull(precision, "the precision");
    Values.nonNull(cancellation, "the cancellation token");
  }

  /**
   * Returns options that write the control alone, keep its number type and replace nothing.
   *
   * @param layout whose names and files
   * @return the options
   */
  public static ExportOptions of(ModelLayout layout) {
    return new ExportOptions(layout, Precision.AUTO, false, false, new CancellationToken());
  }

  /**
   * Sets the number type.
   *
   * @param type the type
   * @return new options
   */
  public ExportOptions withPrecision(Precision type) {
    return new ExportOptions(layout, type, withBase, overwrite, cancellation);
  }

  /**
   * Sets whether the base goes along.
   *
   * @param wanted whether it does
   * @return new options
   */
  public ExportOptions withBase(boolean wanted) {
    return new ExportOptions(layout, precision, wanted, overwrite, cancellation);
  }

  /**
   * Sets whether what is there may be replaced.
   *
   * @param allowed whether it may
   * @return new options
   */
  public ExportOptions withOverwrite(boolean allowed) {
    return new ExportOptions(layout, precision, withBase, allowed, cancellation);
  }

  /**
   * Sets what can end the writing.
   *
   * @param token the token
   * @return new options
   */
  public ExportOptions withCancellation(CancellationToken token) {
    return new ExportOptions(layout, precision, withBase, overwrite, token);
  }
}
