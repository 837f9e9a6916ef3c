/**
 * Training a ControlNet of one's own: {@link io.github.controlnet.training.ControlNetTrainer} and
 * what it can be told.
 */
@NullMarked
package io.github.controlnet.training;

import org.jspecify.annotations.NullMarked;
