package io.github.controlnet.core.pipeline;

import io.github.controlnet.spi.engine.TextStates;

/**
 * What stays the same from the first step to the last.
 *
 * @param plan what was asked, checked
 * @param states of the texts
 * @param origin what the steps start from and hold on to
 * @param cancellation ends them early
 */
record DenoisingTask(
    GenerationPlan plan, TextStates states, Origin origin, Cancellation cancellation) {}
