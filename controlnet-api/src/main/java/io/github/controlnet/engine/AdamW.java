package io.github.controlnet.engine;

/**
 * One update of AdamW (Loshchilov and Hutter 2019, arXiv:1711.05101, algorithm 2), as PyTorch's.
 *
 * @param rate the learning rate of this step
 * @param first the decay of the first moment, beta 1
 * @param second the decay of the second moment, beta 2
 * @param decay the weight decay, multiplied by the rate
 * @param epsilon what is added to the root of the second moment
 */
public record AdamW(double rate, double first, double second, double decay, double epsilon) {}
