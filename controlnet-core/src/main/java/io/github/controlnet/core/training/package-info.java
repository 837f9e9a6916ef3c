/**
 * The ControlNet trainer, on any engine that is a {@link
 * io.github.controlnet.engine.TrainingEngine}.
 *
 * <p>The way of a training: {@code TrainingSetup} opens models, data and engine, {@code Training}
 * finds the checkpoint to go on from and how many pictures fit into memory, {@code TrainingLoop}
 * makes the steps, {@code CheckpointWriter} keeps them, {@code Samples} paints what they have
 * taught by then, {@code Exports} writes what was learned.
 *
 * <p>The way of a record: {@code TrainingData} lists it, {@code DataOrder} says when its turn is,
 * {@code SampleReader} reads its pictures and draws its random numbers on a thread of {@code
 * SampleQueue}, {@code BatchMaker} encodes, adds noise and says what is to be predicted, and the
 * engine's {@link io.github.controlnet.engine.TrainableControl} learns from it.
 */
@NullMarked
package io.github.controlnet.core.training;

import org.jspecify.annotations.NullMarked;
