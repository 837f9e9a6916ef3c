package io.github.controlnet.core.training;

import io.github.controlnet.engine.Autoencoder.LatentDistribution;
import java.util.Optional;

/**
 * A record, read, with its random numbers drawn.
 *
 * @param index the record's number
 * @param hint the control map, [3, side, side], 0 to 1
 * @param pixels the picture, [3, side, side], -1 to 1; empty when its latents are known
 * @param latents the distribution of the picture's latents, when it is known
 * @param prompt the prompt, "" where it was dropped
 * @param timestep how noisy it is made
 * @param latentNoise picks the latents from their distribution
 * @param noise what is added
 */
record Sample(
    int index,
    float[] hint,
    float[] pixels,
    Optional<LatentDistribution> latents,
    String prompt,
    int timestep,
    float[] latentNoise,
    float[] noise) {}
