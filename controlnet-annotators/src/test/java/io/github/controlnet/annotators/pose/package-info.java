/** Tests of poses. */
@NullMarked
package io.github.controlnet.annotators.pose;

import org.jspecify.annotations.NullMarked;
