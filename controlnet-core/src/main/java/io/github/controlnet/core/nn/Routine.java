package io.github.controlnet.core.nn;

/**
 * A function that no operators say, because it has loops or conditions: what it means is written
 * out for each engine.
 *
 * @param name by which it is called
 * @param torch its text as TorchScript, or "" where it is part of every module or a method of the
 *     network itself
 * @param effect what it does with its first operand
 */
public record Routine(String name, String torch, Effect effect) {
  /** What a routine does with its first operand. */
  public enum Effect {
    /** Its result is new. */
    NONE,
    /** It may return it. */
    RETURNS,
    /** It writes over it and returns it. */
    CHANGES
  }

  /** {@code expand(x, branches)}: a tensor as often as there are branches. */
  public static final Routine EXPAND = new Routine("expand", "", Effect.RETURNS);

  /** {@code export(x)}: a tensor as float32 in the processor's memory. */
  public static final Routine EXPORT = new Routine("export", "", Effect.RETURNS);

  /** A method of the same network. */
  public static Routine of(Signature method) {
    return new Routine(method.name(), "", Effect.NONE);
  }
}
