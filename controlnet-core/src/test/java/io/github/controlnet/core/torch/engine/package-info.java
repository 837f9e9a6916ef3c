/** Tests of the PyTorch engine against the references. */
@NullMarked
package io.github.controlnet.core.torch.engine;

import org.jspecify.annotations.NullMarked;
