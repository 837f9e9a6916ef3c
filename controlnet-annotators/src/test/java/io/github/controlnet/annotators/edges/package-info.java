/** Tests of edges and lines. */
@NullMarked
package io.github.controlnet.annotators.edges;

import org.jspecify.annotations.NullMarked;
