/** Tests of depth and normals. */
@NullMarked
package io.github.controlnet.annotators.depth;

import org.jspecify.annotations.NullMarked;
