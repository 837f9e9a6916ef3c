/** A control network that learns: the script of a step with its gradients and the optimizer. */
@NullMarked
package io.github.controlnet.core.torch.training;

import org.jspecify.annotations.NullMarked;
