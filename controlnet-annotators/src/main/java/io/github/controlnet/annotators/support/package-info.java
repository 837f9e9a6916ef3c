/**
 * What the tables of annotators have in common: an entry ({@link Specification}), the weights that
 * it names ({@link WeightsFile}) and its networks in memory ({@link Networks}). Not for use by
 * others.
 */
@NullMarked
package io.github.controlnet.annotators.support;

import org.jspecify.annotations.NullMarked;
