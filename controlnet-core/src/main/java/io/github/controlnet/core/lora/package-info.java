/**
 * Changes to the weights of a base: LoRA and its relatives, in every layout that is about.
 *
 * <p>{@link io.github.controlnet.core.lora.LoraFile} reads names and shapes, {@link
 * io.github.controlnet.core.lora.BaseModules} finds what they mean in a base, and {@link
 * io.github.controlnet.core.lora.AdaptedWeights} is a base's weights with changes, computed when
 * they are read. Nothing here knows an engine.
 */
@NullMarked
package io.github.controlnet.core.lora;

import org.jspecify.annotations.NullMarked;
