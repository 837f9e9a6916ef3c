package io.github.controlnet.core.network;

import java.util.List;
import java.util.Map;

/**
 * The TorchScript of a network.
 *
 * @param text the source of the module's class
 * @param weights the names and shapes of the weights that it reads
 * @param packings how some of them are laid out, by name
 */
public record ScriptSource(
    String text, Map<String, List<Long>> weights, Map<String, Packing> packings) {
  /** Returns the same script with other weights to load. */
  public ScriptSource reading(Map<String, List<Long>> others) {
    return new ScriptSource(text, others, packings);
  }
}
