/** Tests of segmentation. */
@NullMarked
package io.github.controlnet.annotators.segments;

import org.jspecify.annotations.NullMarked;
