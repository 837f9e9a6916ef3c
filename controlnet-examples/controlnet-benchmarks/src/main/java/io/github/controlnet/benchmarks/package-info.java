/** Benchmarks of what Java computes outside the networks. */
@NullMarked
package io.github.controlnet.benchmarks;

import org.jspecify.annotations.NullMarked;
