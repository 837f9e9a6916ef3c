/** A control network that learns: the script with gradients, the optimizer, one batch. */
@NullMarked
package io.github.controlnet.core.torch.training;

import org.jspecify.annotations.NullMarked;
