/**
 * Depth, and the normals of surfaces. {@link DepthAnnotators} is the table; nothing else in here is
 * called from outside.
 */
@NullMarked
package io.github.controlnet.annotators.depth;

import org.jspecify.annotations.NullMarked;
