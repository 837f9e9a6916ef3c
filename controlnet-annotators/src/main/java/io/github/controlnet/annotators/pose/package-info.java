/**
 * People: bodies, hands and faces. {@link PoseAnnotators} is the table; nothing else in here is
 * called from outside.
 */
@NullMarked
package io.github.controlnet.annotators.pose;

import org.jspecify.annotations.NullMarked;
