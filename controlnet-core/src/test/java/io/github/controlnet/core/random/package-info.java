@NullMarked
package io.github.controlnet.core.random;

import org.jspecify.annotations.NullMarked;
