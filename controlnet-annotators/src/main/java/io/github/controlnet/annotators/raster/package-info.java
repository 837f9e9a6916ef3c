/**
 * Pictures as matrices of OpenCV, as pixels, and as the planes that networks take. Not for use by
 * others.
 */
@NullMarked
package io.github.controlnet.annotators.raster;

import org.jspecify.annotations.NullMarked;
