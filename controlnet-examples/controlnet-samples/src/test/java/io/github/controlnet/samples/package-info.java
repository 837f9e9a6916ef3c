@NullMarked
package io.github.controlnet.samples;

import org.jspecify.annotations.NullMarked;
