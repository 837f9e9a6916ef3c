package io.github.controlnet.core.torch;

import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The TorchScript of a network.
 *
 * @param text the source of the module's class
 * @param weights the names and shapes of the weights that it reads
 * @param packings how some of them are laid out, by name
 * @param segments for a script whose weights need not be there at once, what each of its methods is
 *     divided into; otherwise empty
 */
public record ScriptSource(
    String text,
    Map<String, List<Long>> weights,
    Map<String, Packing> packings,
    Map<String, List<Segment>> segments) {

  /**
   * A part of a method. Each but the first takes one more argument, the list that the one before
   * has returned; what the last returns is the method's result.
   *
   * @param method its name in the script
   * @param weights the names of the weights that it reads
   */
  public record Segment(String method, Set<String> weights) {}

  /** Returns the same script with other weights to load. */
  public ScriptSource reading(Map<String, List<Long>> others) {
    return new ScriptSource(text, others, packings, segments);
  }
}
