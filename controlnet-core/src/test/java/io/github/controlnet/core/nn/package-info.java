@NullMarked
package io.github.controlnet.core.nn;

import org.jspecify.annotations.NullMarked;
