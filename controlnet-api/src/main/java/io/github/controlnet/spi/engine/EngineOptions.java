package io.github.controlnet.spi.engine;

import io.github.controlnet.Device;
import io.github.controlnet.Precision;

/**
 * Where and how an engine computes.
 *
 * @param device the device
 * @param precision the number type that was asked for
 * @param threads how many threads one operation may use; 0 for all cores
 */
public record EngineOptions(Device device, Precision precision, int threads) {}
