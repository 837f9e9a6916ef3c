/** Tests of what the tables of annotators have in common. */
@NullMarked
package io.github.controlnet.annotators.support;

import org.jspecify.annotations.NullMarked;
