package io.github.controlnet.core.pipeline;

import io.github.controlnet.spi.engine.Hint;
import java.awt.image.BufferedImage;

/**
 * A control map in the size of the generation.
 *
 * @param picture to look at
 * @param hint for the network
 */
record ControlMap(BufferedImage picture, Hint hint) {}
