/**
 * One call of {@code generate}, in the order of the data: {@code RequestPlanner} (validation,
 * sizes, prompts, control maps), {@code Seeds} (noise), {@code DenoisingLoop} (control networks,
 * U-Net, guidance, sampler), {@code Pictures} (pixels).
 */
@NullMarked
package io.github.controlnet.core.pipeline;

import org.jspecify.annotations.NullMarked;
