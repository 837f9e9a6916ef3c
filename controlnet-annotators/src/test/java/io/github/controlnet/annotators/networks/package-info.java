/** Tests of the networks of the learned annotators. */
@NullMarked
package io.github.controlnet.annotators.networks;

import org.jspecify.annotations.NullMarked;
