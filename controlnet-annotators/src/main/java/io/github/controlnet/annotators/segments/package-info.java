/**
 * What every pixel belongs to. {@link SegmentAnnotators} is the table; nothing else in here is
 * called from outside.
 */
@NullMarked
package io.github.controlnet.annotators.segments;

import org.jspecify.annotations.NullMarked;
