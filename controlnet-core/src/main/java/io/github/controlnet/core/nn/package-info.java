/**
 * Networks as typed graphs, without an engine: parameters with names and shapes, methods with named
 * arguments, operators as nodes. A graph is defined once; what an engine runs, which tensors a file
 * must have and how many parameters there are come from it.
 *
 * <p>Start with a {@link io.github.controlnet.core.nn.Graph}; take parameters from a {@link
 * io.github.controlnet.core.nn.Scope}, usually through layers such as {@link
 * io.github.controlnet.core.nn.Conv}; write a {@link io.github.controlnet.core.nn.Method} by
 * applying layers and operators to its {@linkplain io.github.controlnet.core.nn.Value values}.
 * Widths are checked on the way. Nothing is changed in place by a graph: a lowering writes over
 * what nothing reads any more ({@link io.github.controlnet.core.nn.LastUse}).
 *
 * <p>The package is for the artifacts of this library and may change between versions.
 */
@NullMarked
package io.github.controlnet.core.nn;

import org.jspecify.annotations.NullMarked;
