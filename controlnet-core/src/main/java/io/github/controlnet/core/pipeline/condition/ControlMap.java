package io.github.controlnet.core.pipeline.condition;

import io.github.controlnet.engine.Hint;
import java.awt.image.BufferedImage;

/**
 * A control map in the size of the generation.
 *
 * @param picture to look at
 * @param hint for the network
 */
public record ControlMap(BufferedImage picture, Hint hint) {}
