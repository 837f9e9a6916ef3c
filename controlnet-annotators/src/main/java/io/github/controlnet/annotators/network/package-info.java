/**
 * The networks of the learned annotators, as TorchScript under the names of their published
 * weights. Not for use by others.
 */
@NullMarked
package io.github.controlnet.annotators.network;

import org.jspecify.annotations.NullMarked;
