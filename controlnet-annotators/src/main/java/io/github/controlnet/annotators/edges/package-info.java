/**
 * Edges, strokes along them, and lines. The public classes are tables of annotators; nothing else
 * in here is called from outside.
 */
@NullMarked
package io.github.controlnet.annotators.edges;

import org.jspecify.annotations.NullMarked;
