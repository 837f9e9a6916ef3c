package io.github.controlnet.training;

/**
 * How far a training is.
 *
 * @param step the update that is done, from 1
 * @param totalSteps updates in all
 * @param epoch how often the data have been gone through
 * @param loss the loss of this step
 * @param meanLoss the mean of the last hundred
 * @param learningRate the rate of this step
 * @param gradientNorm the norm of all gradients, before clipping
 * @param stepsPerSecond how fast it goes, over the last steps
 * @param secondsLeft how long the rest will take at this speed
 */
public record TrainingProgress(
    int step,
    int totalSteps,
    int epoch,
    double loss,
    double meanLoss,
    double learningRate,
    double gradientNorm,
    double stepsPerSecond,
    double secondsLeft) {}
