package io.github.controlnet.training;

import java.nio.file.Path;
import java.util.Optional;

/**
 * What a training made.
 *
 * @param control the folder of the ControlNet, in diffusers' layout
 * @param base the folder of the changed base, when its decoder was trained too
 * @param steps updates in all, those of earlier runs included
 * @param meanLoss the mean of the last hundred losses
 */
public record TrainingResult(Path control, Optional<Path> base, int steps, double meanLoss) {}
