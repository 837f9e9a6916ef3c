/**
 * Stable Diffusion's networks as graphs: layers that hold their parameters, and the methods that
 * apply them. The names of parameters are those of {@link io.github.controlnet.engine.WeightNames}.
 * No engine is needed to read a network's tensors from them.
 *
 * <p>The package is for the artifacts of this library and may change between versions.
 */
@NullMarked
package io.github.controlnet.core.models;

import org.jspecify.annotations.NullMarked;
