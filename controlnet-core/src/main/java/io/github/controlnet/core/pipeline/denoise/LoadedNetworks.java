package io.github.controlnet.core.pipeline.denoise;

import io.github.controlnet.engine.ControlNetwork;
import io.github.controlnet.engine.Denoiser;
import io.github.controlnet.engine.Hint;
import java.util.List;

/**
 * What the denoising steps ask.
 *
 * @param denoiser the U-Net, loaded
 * @param controls the control networks of the plan's controls, loaded, in their order
 * @param hints their control maps
 * @param imagesAtOnce how many images of a batch they are asked about together
 */
public record LoadedNetworks(
    Denoiser denoiser, List<ControlNetwork> controls, List<Hint> hints, int imagesAtOnce) {}
