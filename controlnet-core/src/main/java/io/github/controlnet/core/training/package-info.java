/**
 * The ControlNet trainer. The way of a record: {@code TrainingData} lists it, {@code DataOrder}
 * says when its turn is, {@code SampleReader} reads its pictures and draws its random numbers on a
 * thread of {@code SampleQueue}, {@code BatchMaker} encodes, adds noise and says what is to be
 * predicted, and the engine's {@code TrainableControl} learns from it.
 */
@NullMarked
package io.github.controlnet.core.training;

import org.jspecify.annotations.NullMarked;
