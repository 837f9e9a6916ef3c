/** Tests of the PyTorch engine against the references. */
@NullMarked
package io.github.controlnet.core.engine.djl;

import org.jspecify.annotations.NullMarked;
