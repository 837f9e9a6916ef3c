/**
 * What the tables of annotators have in common: an entry ({@link Specification}), the weights that
 * it names ({@link WeightsFile}) and its networks in memory ({@link Networks}). Not for use by
 * others.
 *
 * <p>Each package of annotators has a table that says what they are called, which weights and
 * options they have, and what they do: {@link io.github.controlnet.annotators.edges.EdgeAnnotators
 * edges}, {@link io.github.controlnet.annotators.edges.LineAnnotators lines}, {@link
 * io.github.controlnet.annotators.depth.DepthAnnotators depth}, {@link
 * io.github.controlnet.annotators.pose.PoseAnnotators poses}, {@link
 * io.github.controlnet.annotators.segments.SegmentAnnotators segments} and {@link
 * io.github.controlnet.annotators.pixels.PixelAnnotators pixels}. They know {@code support} (an
 * entry of a table, its weights and networks), which knows {@code networks} (definitions without an
 * engine) and {@code raster} (pictures and matrices). An annotator is added by an entry; a new
 * group is a package with a table and a line in {@code
 * META-INF/services/io.github.controlnet.spi.AnnotatorCatalog}.
 */
@NullMarked
package io.github.controlnet.annotators.support;

import org.jspecify.annotations.NullMarked;
