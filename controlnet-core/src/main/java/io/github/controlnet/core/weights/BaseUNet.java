package io.github.controlnet.core.weights;

import io.github.controlnet.engine.UNetSpec;
import io.github.controlnet.engine.WeightSource;

/**
 * The U-Net that a control is opened for.
 *
 * @param specification its sizes
 * @param weights its weights, which must stay open as long as the control's are read
 */
public record BaseUNet(UNetSpec specification, WeightSource weights) {}
