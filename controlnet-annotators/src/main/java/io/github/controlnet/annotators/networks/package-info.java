/**
 * The networks of the learned annotators, as typed graphs with the names of their published
 * weights, and those weights. Not for use by others.
 */
@NullMarked
package io.github.controlnet.annotators.networks;

import org.jspecify.annotations.NullMarked;
