package io.github.controlnet.core.network;

import java.util.List;
import java.util.Map;

/**
 * The TorchScript of a network.
 *
 * @param text the source of the module's class
 * @param weights the names and shapes of the weights that it reads
 */
public record ScriptSource(String text, Map<String, List<Long>> weights) {}
