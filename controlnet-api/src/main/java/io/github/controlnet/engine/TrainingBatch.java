package io.github.controlnet.engine;

/**
 * What a training step reads. All arrays are row-major and hold one entry for each image.
 *
 * @param shape the latents' shape
 * @param latents noisy latents
 * @param timesteps the timestep of each image
 * @param states hidden states, [images, positions, width]
 * @param hints control maps, [images, channels, rows, columns], 0 to 1
 * @param targets what the network should predict, of the latents' shape
 * @param weights what the loss of each image counts
 */
public record TrainingBatch(
    LatentShape shape,
    float[] latents,
    float[] timesteps,
    float[] states,
    float[] hints,
    float[] targets,
    float[] weights) {}
